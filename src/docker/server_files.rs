//! What of a container's file system belongs to its server: read there, whether the server runs or not.

use tar::{Archive, EntryType};

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::container_facts::lies_in;
use crate::docker::{ContainerFacts, Engine};

/// The image's own place for unix sockets, by both of its names.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/run/postgresql"];

/// Absolute paths in the container. Nothing of a cluster lies elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::docker) struct ServerFiles {
    pub data: String,
    /// Where `pg_wal` leads, if it is a link.
    pub write_ahead_log: Option<String>,
    /// Locations, in the order of the tablespaces' ids; those inside the data directory are left out.
    pub tablespaces: Vec<String>,
}

impl Engine {
    /// As the data directory's links say; also before there is a database.
    pub(in crate::docker) fn server_files(&self, container: &ContainerFacts) -> Result<ServerFiles> {
        self.server_files_at(container, container.data_directory())
    }

    /// As above, of a cluster whose data directory now lies at `place` instead.
    pub(in crate::docker) fn server_files_at(
        &self,
        container: &ContainerFacts,
        place: &str,
    ) -> Result<ServerFiles> {
        let data = container.data_directory().trim_end_matches('/').to_owned();
        let is_outside = |location: &String| !lies_in(location, &data);
        let write_ahead_log =
            self.owned(&container.id, &format!("{place}/pg_wal"))?.and_then(|owned| owned.link);
        let links = self.read_tar(&container.id, &format!("{place}/pg_tblspc"))?.unwrap_or_default();
        let mut tablespaces = links_of(&links)?;
        tablespaces.retain(is_outside);
        Ok(ServerFiles { write_ahead_log: write_ahead_log.filter(is_outside), tablespaces, data })
    }

    /// Where the server of a running container listens, and where the image's would.
    pub(in crate::docker) fn socket_directories(&self, container: &ContainerFacts) -> Result<Vec<String>> {
        let now = self.postmaster(container)?.map(|server| server.socket_directory);
        let now = now.filter(|directory| directory.starts_with('/'));
        Ok(SOCKETS.map(str::to_owned).into_iter().chain(now).collect())
    }
}

impl ServerFiles {
    /// Everything but the data directory itself.
    pub fn outside(&self) -> impl Iterator<Item = &String> {
        self.write_ahead_log.iter().chain(&self.tablespaces)
    }
}

/// The image's own places for unix sockets.
pub(in crate::docker) fn usual_sockets() -> Vec<String> {
    SOCKETS.map(str::to_owned).to_vec()
}

fn links_of(archive: &[u8]) -> Result<Vec<String>> {
    let read = || -> std::io::Result<Vec<String>> {
        let mut links = Vec::new();
        for entry in Archive::new(archive).entries()? {
            let entry = entry?;
            if entry.header().entry_type() == EntryType::Symlink
                && let (Some(link), Some(name)) = (entry.link_name()?, entry.path()?.file_name())
            {
                let id: u32 = name.to_string_lossy().parse().unwrap_or(u32::MAX);
                links.push((id, link.to_string_lossy().into_owned()));
            }
        }
        links.sort();
        Ok(links.into_iter().map(|(_, link)| link).collect())
    };
    read().map_err(|source| ContainerError::system("reading where the tablespaces are", source))
}
