//! A Dockerfile as far as dbctl must understand one: where its instructions are, what they start from, and
//! whether they need `BuildKit`.

use std::collections::{BTreeMap, BTreeSet};

/// Instructions in file order, as the engine counts its steps.
#[derive(Debug)]
pub(in crate::docker) struct Dockerfile {
    instructions: Vec<Instruction>,
}

#[derive(Debug)]
struct Instruction {
    /// 1-based, where the instruction begins.
    line: usize,
    /// In capitals; of `ONBUILD RUN …` it is `RUN`.
    keyword: String,
    /// The words that begin with `--` right after the keyword.
    flags: Vec<String>,
    words: Vec<String>,
}

/// Something that only `BuildKit` can do.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::docker) struct BuildKitFeature {
    pub line: usize,
    pub feature: String,
}

/// The variables that `BuildKit` fills in where a Dockerfile declares them.
pub(in crate::docker) const PLATFORM_ARGS: [&str; 6] =
    ["BUILDPLATFORM", "BUILDOS", "BUILDARCH", "TARGETPLATFORM", "TARGETOS", "TARGETARCH"];

const BUILDKIT_FLAGS: [(&str, &[&str]); 3] = [
    ("RUN", &["--mount", "--network", "--security", "--device"]),
    ("COPY", &["--link", "--chmod", "--parents", "--exclude"]),
    ("ADD", &["--link", "--chmod", "--checksum", "--keep-git-dir", "--exclude", "--unpack"]),
];

impl Dockerfile {
    pub(in crate::docker) fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let escape = escape_character(text);
        let mut instructions = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let (line, continues) = match line.trim_end().strip_suffix(escape) {
                Some(line) => (line, true),
                None => (line, false),
            };
            let (start, mut whole) = open.take().unwrap_or((index + 1, String::new()));
            whole.push_str(line);
            if continues {
                open = Some((start, whole));
            } else {
                instructions.extend(Instruction::parse(start, &whole));
            }
        }
        instructions.extend(open.and_then(|(start, whole)| Instruction::parse(start, &whole)));
        Self { instructions }
    }

    /// The line of the engine's step `number`, counted from one.
    pub(in crate::docker) fn line_of_step(&self, number: u32) -> Option<usize> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.instructions.get(index).map(|instruction| instruction.line)
    }

    /// The first thing that the classic builder would choke on, or do wrong in silence.
    pub(in crate::docker) fn buildkit_feature(&self) -> Option<BuildKitFeature> {
        self.instructions.iter().find_map(|instruction| {
            instruction.buildkit_feature().map(|feature| BuildKitFeature { line: instruction.line, feature })
        })
    }

    /// The platform variables that the file declares without a value of its own.
    pub(in crate::docker) fn platform_args(&self) -> Vec<&'static str> {
        let declares = |name: &str| {
            let mut args = self.instructions.iter().filter(|instruction| instruction.keyword == "ARG");
            args.any(|arg| arg.words.iter().any(|word| word == name))
        };
        PLATFORM_ARGS.into_iter().filter(|name| declares(name)).collect()
    }

    /// The images that the stages start from, with `args` filled in; earlier stages and `scratch` left out.
    pub(in crate::docker) fn base_images(&self, args: &BTreeMap<String, String>) -> BTreeSet<String> {
        let mut values = BTreeMap::new();
        let mut stages = BTreeSet::from(["scratch".to_owned()]);
        let mut images = BTreeSet::new();
        let mut global = true;
        for instruction in &self.instructions {
            match (instruction.keyword.as_str(), instruction.words.as_slice()) {
                ("ARG", words) if global => {
                    values.extend(words.iter().map(|word| argument(word, args)));
                }
                ("FROM", [image, rest @ ..]) => {
                    global = false;
                    let image = filled_in(image, &values);
                    if !stages.contains(&image.to_lowercase()) {
                        images.insert(image);
                    }
                    stages.extend(rest.get(1).map(|name| name.to_lowercase()));
                }
                _ => {}
            }
        }
        images
    }
}

impl Instruction {
    fn parse(line: usize, text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().peekable();
        let mut keyword = words.next()?.to_uppercase();
        if keyword == "ONBUILD" {
            keyword = words.next()?.to_uppercase();
        }
        let mut flags = Vec::new();
        while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
            flags.push(flag.to_owned());
        }
        Some(Self { line, keyword, flags, words: words.map(str::to_owned).collect() })
    }

    fn buildkit_feature(&self) -> Option<String> {
        let known = BUILDKIT_FLAGS.iter().find(|(keyword, _)| *keyword == self.keyword);
        let special = |flag: &&String| {
            let name = flag.split('=').next().unwrap_or(flag);
            known.is_some_and(|(_, names)| names.contains(&name))
        };
        if let Some(flag) = self.flags.iter().find(special) {
            return Some(format!("{} {}", self.keyword, flag.split('=').next().unwrap_or(flag)));
        }
        if self.keyword == "FROM" {
            let platform = |flag: &&String| flag.starts_with("--platform=") && flag.contains('$');
            return self.flags.iter().find(platform).map(|flag| format!("FROM {flag}"));
        }
        let heredoc = known.and_then(|_| self.words.iter().find(|word| opens_heredoc(word)))?;
        Some(format!("{} {heredoc}", self.keyword))
    }
}

/// `<<EOF`, `<<-"EOF"`, `3<<EOF`; not `<<<word`, and not `$((1<<2))`.
fn opens_heredoc(word: &str) -> bool {
    let rest = word.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let Some(name) = rest.strip_prefix("<<") else { return false };
    let name = name.trim_start_matches('-').trim_matches(['"', '\'']);
    name.starts_with(|first: char| first.is_alphabetic() || first == '_') && !name.contains('<')
}

/// A backslash, unless a directive at the top says otherwise.
fn escape_character(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim_start().strip_prefix('#')?.split_once('='));
    let mut escapes = directives.filter(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    escapes.next().and_then(|(_, value)| value.trim().chars().next()).unwrap_or('\\')
}

/// An `ARG`'s name and value; what the build passes beats the file's default.
fn argument(word: &str, args: &BTreeMap<String, String>) -> (String, String) {
    let (name, default) = word.split_once('=').unwrap_or((word, ""));
    let default = default.trim_matches(['"', '\'']);
    let value = args.get(name).map_or(default, String::as_str);
    (name.to_owned(), value.to_owned())
}

/// Replaces `$NAME`, `${NAME}`, `${NAME:-default}`; enough to tell which registry an image is in.
fn filled_in(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some((before, after)) = text.split_once('$') else { return text.to_owned() };
    let value = |name: &str| values.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
    let (replacement, rest) = if let Some((inside, rest)) = braced {
        let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
        (value(name).unwrap_or(default), rest)
    } else {
        let end = after.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(after.len());
        (value(&after[..end]).unwrap_or(""), &after[end..])
    };
    format!("{before}{replacement}{}", filled_in(rest, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(text: &str) -> Option<(usize, String)> {
        let found = Dockerfile::parse(text).buildkit_feature()?;
        Some((found.line, found.feature))
    }

    #[test]
    fn steps_are_found_on_their_lines_across_comments_and_continuations() {
        let file = Dockerfile::parse("# syntax=x\n\nFROM a\nRUN b \\\n  # why\n\n  c\nCMD d\n");
        let lines: Vec<_> = (0..=4).map(|step| file.line_of_step(step)).collect();
        assert_eq!(lines, [None, Some(3), Some(4), Some(8), None]);
    }

    #[test]
    fn another_escape_character_is_honoured() {
        let file = Dockerfile::parse("# escape=`\nFROM a\nRUN b `\n c\\\nCMD d\n");
        assert_eq!(file.line_of_step(3), Some(5));
    }

    #[test]
    fn what_needs_buildkit_is_recognised_with_its_line() {
        assert_eq!(feature("FROM a\nRUN --mount=type=cache,target=/x b"), Some((2, "RUN --mount".into())));
        assert_eq!(feature("FROM a\nCOPY --from=a --link b c"), Some((2, "COPY --link".into())));
        assert_eq!(feature("FROM a\nRUN <<EOF\nb\nEOF"), Some((2, "RUN <<EOF".into())));
        assert_eq!(feature("FROM a\nONBUILD run cat <<-'E' > x"), Some((2, "RUN <<-'E'".into())));
        assert_eq!(
            feature("FROM --platform=$BUILDPLATFORM a"),
            Some((1, "FROM --platform=$BUILDPLATFORM".into()))
        );
    }

    #[test]
    fn ordinary_instructions_do_not_need_buildkit() {
        for text in [
            "# syntax=docker/dockerfile:1\nFROM a\nCOPY --chown=1 --from=b c d",
            "FROM a\nRUN echo $((1<<2)) && cat <<<x",
            "FROM a\nRUN b --mount=c",
            "FROM --platform=linux/amd64 a",
        ] {
            assert_eq!(feature(text), None, "{text}");
        }
    }

    #[test]
    fn base_images_are_named_with_their_arguments() {
        let text = "ARG V=15\nARG R\nFROM ${R:-reg.io}/pg:$V AS base\nFROM base\nFROM scratch\nFROM $V";
        let images = |args: &[(&str, &str)]| {
            let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Dockerfile::parse(text).base_images(&args).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(images(&[]), ["15", "reg.io/pg:15"]);
        assert_eq!(images(&[("R", "my.io"), ("V", "17")]), ["17", "my.io/pg:17"]);
    }

    #[test]
    fn declared_platform_variables_are_listed() {
        let file = Dockerfile::parse("FROM a\nARG TARGETARCH\nARG TARGETOS=linux");
        assert_eq!(file.platform_args(), ["TARGETARCH"]);
    }
}
