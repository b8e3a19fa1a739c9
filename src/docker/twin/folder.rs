//! The folders in the service's volumes that hold a twin's files: as an empty volume would be at that place.

use std::io;

use tar::{Archive, Builder, EntryType, Header};

use bollard::models::ContainerCreateBody;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::container_facts::lies_in;
use crate::docker::copy::Owned;
use crate::docker::server_files::ServerFiles;
use crate::docker::twin::beside::Apart;
use crate::docker::twin::{FOLDER, NEW_FOLDER};
use crate::docker::{ContainerFacts, Engine, labels};
use crate::fault;

/// A container in which nothing is mounted but the image's own volumes, as new; never started. Until the twin's
/// container is there, it is the sign that there are folders. Removed when it is dropped.
pub(super) struct Forerunner {
    engine: Engine,
    id: String,
}

impl Drop for Forerunner {
    fn drop(&mut self) {
        // One that stays is removed by the next run, as a twin is.
        let _ = self.engine.discard(&self.id, true);
    }
}

/// What is unpacked at the top of a mount.
struct Folder {
    tar: Builder<Vec<u8>>,
}

impl Engine {
    /// Makes the folders, empty but for what a new volume gets from the image, and for the locations of tablespaces
    /// on the host, which nobody but the user can have made.
    pub(super) fn make_folders(
        &self,
        container: &ContainerFacts,
        files: &ServerFiles,
        apart: &[Apart],
    ) -> Result<Forerunner> {
        let forerunner = self.forerunner(container)?;
        let image = &forerunner.id;
        for mount in apart {
            let root = self.owner(container, &mount.target)?;
            let mut folder = Folder::new(&root)?;
            let content = if mount.is_volume { self.read_tar(image, &mount.target)? } else { None };
            match content {
                Some(content) => folder.add_content(&content)?,
                None => folder.add_directory(NEW_FOLDER, &root)?,
            }
            if !mount.is_volume {
                self.add_locations(container, files, mount, &mut folder)?;
            }
            self.write_tar(&container.id, &mount.target, folder.packed()?)?;
        }
        self.guard(container)?;
        Ok(forerunner)
    }

    /// A directory that is not empty is never initialised, whoever starts the service in the middle of an exchange.
    fn guard(&self, container: &ContainerFacts) -> Result<()> {
        let data = container.data_directory();
        let owner = self.owner(container, data)?;
        self.write_tar(&container.id, data, Folder::new(&owner)?.packed()?)
    }

    fn owner(&self, container: &ContainerFacts, directory: &str) -> Result<Owned> {
        let place = format!("{}/", directory.trim_end_matches('/'));
        let unknown = Owned { uid: 0, gid: 0, mode: 0o755, link: None };
        Ok(self.owned(&container.id, &place)?.unwrap_or(unknown))
    }

    fn forerunner(&self, container: &ContainerFacts) -> Result<Forerunner> {
        let label = |name: &str| container.labels.get(name).cloned().unwrap_or_default();
        let part = format!("{}/{}", label(labels::PROJECT), label(labels::SERVICE));
        let own = [(labels::TWIN.to_owned(), format!("{part}/twin")), (labels::PART.to_owned(), part)];
        let body = ContainerCreateBody {
            image: Some(container.image.clone()),
            labels: Some(own.into()),
            ..ContainerCreateBody::default()
        };
        let options = None::<bollard::query_parameters::CreateContainerOptions>;
        let id = self.run(self.client().create_container(options, body))?.id;
        fault::step("twin.begun");
        Ok(Forerunner { engine: self.clone(), id })
    }

    fn add_locations(
        &self,
        container: &ContainerFacts,
        files: &ServerFiles,
        mount: &Apart,
        folder: &mut Folder,
    ) -> Result<()> {
        let top = mount.target.trim_end_matches('/');
        for location in files.tablespaces.iter().filter(|location| lies_in(location, top)) {
            let below = location[top.len()..].trim_matches('/');
            let ends = below.match_indices('/').map(|(at, _)| at).chain([below.len()]);
            for name in ends.map(|end| &below[..end]).filter(|name| !name.is_empty()) {
                let owner = self.owner(container, &format!("{top}/{name}"))?;
                folder.add_directory(&format!("{NEW_FOLDER}/{name}"), &owner)?;
            }
        }
        Ok(())
    }
}

impl Folder {
    fn new(root: &Owned) -> Result<Self> {
        let mut folder = Self { tar: Builder::new(Vec::new()) };
        folder.add_directory(FOLDER, &Owned { mode: 0o700, ..root.clone() })?;
        Ok(folder)
    }

    fn add_directory(&mut self, path: &str, owner: &Owned) -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_size(0);
        header.set_uid(owner.uid);
        header.set_gid(owner.gid);
        header.set_mode(owner.mode);
        packing(self.tar.append_data(&mut header, format!("{path}/"), io::empty()))
    }

    /// The archive of a directory, under the twin's name for it.
    fn add_content(&mut self, archive: &[u8]) -> Result<()> {
        let mut add = || -> io::Result<()> {
            for entry in Archive::new(archive).entries()? {
                let mut entry = entry?;
                let path = entry.path()?.into_owned();
                let below = path.components().skip(1);
                let path = std::iter::once(NEW_FOLDER.as_ref()).chain(below.map(|part| part.as_os_str()));
                let path: std::path::PathBuf = path.collect();
                let mut header = entry.header().clone();
                match entry.link_name()? {
                    Some(target) => self.tar.append_link(&mut header, path, target)?,
                    None => self.tar.append_data(&mut header, path, &mut entry)?,
                }
            }
            Ok(())
        };
        packing(add())
    }

    fn packed(self) -> Result<Vec<u8>> {
        packing(self.tar.into_inner())
    }
}

fn packing<T>(result: io::Result<T>) -> Result<T> {
    result.map_err(|source| ContainerError::system("packing the folders of a twin", source))
}
