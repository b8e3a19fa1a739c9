//! Files into and out of a container, running or not, through the engine's archive calls.

use std::io::Read;
use std::path::Path;

use bollard::query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use futures_util::StreamExt as _;
use tar::{Archive, Builder, EntryType, Header};

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::{DockerError, Engine};

/// Bytes that hold the first two entries of an archive, long headers included.
const TWO_ENTRIES: usize = 8 * 1024;

/// A file to be put into a container.
pub struct Upload {
    /// Absolute, in the container.
    pub path: String,
    pub content: Vec<u8>,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
}

impl Engine {
    /// The content of a file of the container; none if it does not exist. Files on a tmpfs are not seen.
    pub fn read_file(&self, container: &str, path: &str) -> Result<Option<Vec<u8>>> {
        self.run(read_file(self.client(), container, path)).map_err(ContainerError::from)
    }

    /// The tar archive of a path of the container; none if it does not exist.
    pub fn read_tar(&self, container: &str, path: &str) -> Result<Option<Vec<u8>>> {
        self.run(read_tar(self.client(), container, path)).map_err(ContainerError::from)
    }

    /// Unpacks a tar archive at `path`, which must be a directory of the container.
    pub fn write_tar(&self, container: &str, path: &str, tar: Vec<u8>) -> Result<()> {
        let options = UploadToContainerOptionsBuilder::default().path(path).build();
        let body = bollard::body_full(tar.into());
        Ok(self.run(self.client().upload_to_container(container, Some(options), body))?)
    }

    /// Puts files into the container; directories that are missing are made.
    pub fn write_files(&self, container: &str, files: &[Upload]) -> Result<()> {
        let mut tar = Builder::new(Vec::new());
        for directory in self.missing_directories(container, files)? {
            append(&mut tar, &directory, EntryType::Directory, &Upload::directory());
        }
        for file in files {
            append(&mut tar, &file.path, EntryType::Regular, file);
        }
        let tar = tar
            .into_inner()
            .map_err(|source| ContainerError::system("packing files for a container", source))?;
        self.write_tar(container, "/", tar)
    }

    /// Parents first. A directory that exists is left out: its owner and mode must stay.
    fn missing_directories(&self, container: &str, files: &[Upload]) -> Result<Vec<String>> {
        let mut directories: Vec<String> = Vec::new();
        for file in files {
            let parents = Path::new(&file.path).ancestors().skip(1).filter_map(Path::to_str);
            directories
                .extend(parents.filter(|parent| *parent != "/" && !parent.is_empty()).map(str::to_owned));
        }
        directories.sort();
        directories.dedup();
        let mut missing = Vec::new();
        for directory in directories {
            if !self.exists(container, &directory)? {
                missing.push(directory);
            }
        }
        Ok(missing)
    }

    /// Whether the container has something at that path.
    pub(in crate::docker) fn exists(&self, container: &str, path: &str) -> Result<bool> {
        let options =
            bollard::query_parameters::ContainerArchiveInfoOptionsBuilder::default().path(path).build();
        // The answer to a HEAD request has no body, so that bollard can only see the status.
        match self.run(self.client().get_container_archive_info(container, Some(options))) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// What the first entry of a path's archive says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::docker) struct Owned {
    pub uid: u64,
    pub gid: u64,
    pub mode: u32,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<String>,
}

impl Engine {
    /// Who owns the file or directory, of which nothing else is read; none if there is none.
    pub(in crate::docker) fn owned(&self, container: &str, path: &str) -> Result<Option<Owned>> {
        let beginning = self.beginning(container, path)?;
        Ok(Archive::new(beginning.as_slice()).entries().ok().and_then(|mut entries| {
            let entry = entries.next()?.ok()?;
            let link = entry.link_name().ok()?.map(|link| link.to_string_lossy().into_owned());
            let header = entry.header();
            Some(Owned { uid: header.uid().ok()?, gid: header.gid().ok()?, mode: header.mode().ok()?, link })
        }))
    }

    /// The beginning of a path's archive: its first two entries at least. Empty if there is nothing.
    pub(in crate::docker) fn beginning(&self, container: &str, path: &str) -> Result<Vec<u8>> {
        let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
        Ok(self.run(async {
            let mut pieces = std::pin::pin!(self.client().download_from_container(container, Some(options)));
            let mut beginning = Vec::new();
            while let (Some(piece), true) = (pieces.next().await, beginning.len() < TWO_ENTRIES) {
                match piece.map_err(DockerError::from) {
                    Ok(bytes) => beginning.extend_from_slice(&bytes),
                    Err(error) if error.is_not_found() => break,
                    Err(error) => return Err(error),
                }
            }
            Ok::<_, DockerError>(beginning)
        })?)
    }
}

impl Upload {
    fn directory() -> Self {
        Self { path: String::new(), content: Vec::new(), mode: 0o755, uid: 0, gid: 0 }
    }
}

fn append(tar: &mut Builder<Vec<u8>>, path: &str, kind: EntryType, file: &Upload) {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(file.content.len() as u64);
    header.set_mode(file.mode);
    header.set_uid(file.uid);
    header.set_gid(file.gid);
    header.set_mtime(0);
    tar.append_data(&mut header, path.trim_start_matches('/'), file.content.as_slice())
        .expect("packing into memory cannot fail");
}

pub(in crate::docker) async fn read_tar(
    client: &bollard::Docker,
    container: &str,
    path: &str,
) -> std::result::Result<Option<Vec<u8>>, DockerError> {
    let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
    let mut stream = std::pin::pin!(client.download_from_container(container, Some(options)));
    let mut tar = Vec::new();
    while let Some(piece) = stream.next().await {
        match piece.map_err(DockerError::from) {
            Ok(bytes) => tar.extend_from_slice(&bytes),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(tar))
}

pub(in crate::docker) async fn read_file(
    client: &bollard::Docker,
    container: &str,
    path: &str,
) -> std::result::Result<Option<Vec<u8>>, DockerError> {
    let Some(tar) = read_tar(client, container, path).await? else { return Ok(None) };
    first_file(&tar)
        .map_err(|source| DockerError::System { doing: "unpacking a file of a container", source })
}

fn first_file(tar: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    for entry in Archive::new(tar).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type() == EntryType::Regular {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}
