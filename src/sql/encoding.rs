//! Client encodings, as far as psql's scanner and libpq's quoting look at them.

/// A client encoding by the shape of its characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Utf8,
    /// One byte a character: `SQL_ASCII`, `LATIN1` … `KOI8U`.
    SingleByte,
    EucJp,
    EucCn,
    EucKr,
    EucTw,
    MuleInternal,
    Sjis,
    Big5,
    Gbk,
    Uhc,
    Gb18030,
    Johab,
}

impl Encoding {
    /// The encoding of that name, as `client_encoding` and `\encoding` spell it: case and anything but letters
    /// and digits do not matter.
    pub fn named(name: &str) -> Option<Self> {
        let key: String =
            name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        Some(match key.as_str() {
            "utf8" | "unicode" => Self::Utf8,
            "eucjp" | "eucjis2004" => Self::EucJp,
            "euccn" => Self::EucCn,
            "euckr" => Self::EucKr,
            "euctw" => Self::EucTw,
            "muleinternal" => Self::MuleInternal,
            "sjis" | "mskanji" | "shiftjis" | "win932" | "windows932" | "shiftjis2004" => Self::Sjis,
            "big5" | "win950" | "windows950" => Self::Big5,
            "gbk" | "win936" | "windows936" => Self::Gbk,
            "uhc" | "win949" | "windows949" => Self::Uhc,
            "gb18030" => Self::Gb18030,
            "johab" => Self::Johab,
            _ if is_single_byte(&key) => Self::SingleByte,
            _ => return None,
        })
    }

    /// Whether ASCII bytes are always characters of their own. The others exist in clients only.
    pub fn is_safe(self) -> bool {
        !matches!(self, Self::Sjis | Self::Big5 | Self::Gbk | Self::Uhc | Self::Gb18030 | Self::Johab)
    }

    /// Bytes that the character at the start of `text` takes, by its first bytes alone; 1 for an empty text.
    pub fn character_length(self, text: &[u8]) -> usize {
        let first = text.first().copied().unwrap_or(0);
        match self {
            Self::Utf8 => utf8_length(first),
            Self::EucCn | Self::Big5 | Self::Gbk | Self::Uhc => 1 + usize::from(first >= 0x80),
            Self::EucTw if first == 0x8e => 4,
            Self::EucTw | Self::EucJp | Self::EucKr | Self::Johab => euc_length(first),
            Self::MuleInternal => mule_length(first),
            Self::Sjis => 1 + usize::from(first >= 0x80 && !(0xa1..=0xdf).contains(&first)),
            Self::Gb18030 if first >= 0x80 && text.get(1).is_some_and(u8::is_ascii_digit) => 4,
            Self::Gb18030 if first >= 0x80 => 2,
            Self::SingleByte | Self::Gb18030 => 1,
        }
    }

    /// Whether every character of `text` is well formed.
    pub fn is_valid(self, text: &[u8]) -> bool {
        if self == Self::Utf8 {
            return std::str::from_utf8(text).is_ok();
        }
        let mut rest = text;
        while !rest.is_empty() {
            let length = self.character_length(rest);
            if rest.len() < length || !self.is_character(&rest[..length]) {
                return false;
            }
            rest = &rest[length..];
        }
        true
    }

    /// Overwrites the trailing bytes of characters in an unsafe encoding, so that no ASCII rule can take them
    /// for a quote or a backslash (psql's own way). False, and nothing done, where the encoding is safe.
    pub fn mask(self, text: &mut [u8]) -> bool {
        if self.is_safe() {
            return false;
        }
        let mut at = 0;
        while at < text.len() {
            let next = (at + self.character_length(&text[at..])).min(text.len());
            text[at + 1..next].fill(0xff);
            at = next;
        }
        true
    }

    fn is_character(self, character: &[u8]) -> bool {
        let trailing = &character[1..];
        match self {
            Self::Sjis => trailing.iter().all(|byte| matches!(byte, 0x40..=0x7e | 0x80..=0xfc)),
            Self::Big5 | Self::Gbk | Self::Uhc => !trailing.contains(&0),
            Self::Gb18030 if character.len() == 4 => {
                (0x81..=0xfe).contains(&character[0])
                    && character[1].is_ascii_digit()
                    && (0x81..=0xfe).contains(&character[2])
                    && character[3].is_ascii_digit()
            }
            Self::Gb18030 if character.len() == 2 => {
                (0x81..=0xfe).contains(&character[0]) && matches!(trailing[0], 0x40..=0x7e | 0x80..=0xfe)
            }
            _ => trailing.iter().all(|&byte| byte >= 0x80),
        }
    }
}

fn is_single_byte(key: &str) -> bool {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(stem, "latin" | "iso" | "win" | "windows" | "abc" | "tcvn" | "vscii" | "alt")
        || matches!(key, "sqlascii" | "koi8" | "koi8r" | "koi8u" | "tcvn5712")
}

fn utf8_length(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    }
}

fn euc_length(first: u8) -> usize {
    match first {
        0x8f => 3,
        0x80.. => 2,
        _ => 1,
    }
}

fn mule_length(first: u8) -> usize {
    match first {
        0x81..=0x8d => 2,
        0x90..=0x9b => 3,
        0x9c | 0x9d => 4,
        _ => 1,
    }
}
