//! What an image brings along for its first initialisation.

use std::collections::HashMap;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::CreateContainerOptionsBuilder;
use tar::Archive;

use crate::docker::container_error::{ContainerError, Result};
use crate::docker::initialise::helper;
use crate::docker::{ContainerFacts, Engine, labels};

impl Engine {
    /// Whether the container's image has init files that are none of the project's scripts, as some database
    /// images do. Looks into the image itself: what the service mounts hides them from its own container only.
    pub fn has_own_init_files(&self, container: &ContainerFacts, project_scripts: &[&str]) -> Result<bool> {
        let label = |name: &str| container.labels.get(name).cloned().unwrap_or_default();
        let key = helper::key(&label(labels::PROJECT), &label(labels::SERVICE));
        let body = ContainerCreateBody {
            image: Some(container.image.clone()),
            labels: Some(HashMap::from([(labels::HELPER.to_owned(), key)])),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default().build();
        let id = self.run(self.client().create_container(Some(options), body))?.id;
        let files = self.read_tar(&id, helper::INIT_DIRECTORY);
        self.discard(&id, true)?;
        let Some(files) = files? else { return Ok(false) };
        holds_others(&files, project_scripts)
            .map_err(|source| ContainerError::system("reading the init files of the image", source))
    }
}

fn holds_others(archive: &[u8], project_scripts: &[&str]) -> std::io::Result<bool> {
    for entry in Archive::new(archive).entries()? {
        let path = entry?.path()?.into_owned();
        let name = path.components().nth(1).and_then(|name| name.as_os_str().to_str());
        if name.is_some_and(|name| !project_scripts.contains(&name)) {
            return Ok(true);
        }
    }
    Ok(false)
}
