//! How a script's file is packed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;

use super::ScriptError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Xz,
    Zstd,
}

impl Compression {
    /// The file's text, all members or frames of an archive one after another.
    pub fn open(self, path: &Path) -> Result<Box<dyn Read + Send>, ScriptError> {
        self.decoder(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })
    }

    fn decoder(self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        self.decode(File::open(path)?)
    }

    /// The text of an open file.
    pub fn decode(self, file: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::None => Box::new(file),
            Self::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(file))),
            Self::Xz => Box::new(XzDecoder::new_multi_decoder(file)),
            Self::Zstd => Box::new(zstd::Decoder::new(file)?),
        })
    }

    /// What a failure while reading means.
    pub fn error(self, path: &Path, source: io::Error) -> ScriptError {
        let path = path.to_owned();
        let source = if source.kind() == io::ErrorKind::UnexpectedEof {
            io::Error::other("it ends too early")
        } else {
            source
        };
        match self {
            _ if source.kind() == io::ErrorKind::IsADirectory => ScriptError::Directory { path },
            Self::None => ScriptError::Read { path, source },
            _ => ScriptError::BrokenArchive { path, source },
        }
    }
}
