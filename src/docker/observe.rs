//! What the engine has of a service: its image, its container, and what a killed run left beside it.

use std::collections::BTreeMap;

use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::ListContainersOptionsBuilder;

use crate::compose::service::Service;
use crate::docker::container::unfinished;
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::container_facts::ContainerFacts;
use crate::docker::{DockerError, Engine, Image, image_name, labels};

/// What there is of a service on the engine.
pub struct Observed {
    pub image: Option<Image>,
    pub container: Option<ContainerFacts>,
    /// Ids of containers that a killed recreation made and never started.
    pub leftovers: Vec<String>,
    /// There are twins, or parts of them: of a run that is at work, or of one that was killed.
    pub has_twins: bool,
}

impl Engine {
    /// Looks, and changes nothing. The questions are asked at the same time.
    pub fn observe(&self, service: &Service) -> Result<Observed> {
        let name = labels::container_name(service);
        let client = self.client();
        let filters = labels::container_filters(service);
        let list = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let image = image_name(service);
        let filters = labels::part_filters(service);
        let parts = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let (listed, named, image, parts) = self.run(async {
            tokio::try_join!(
                async { client.list_containers(Some(list)).await.map_err(DockerError::from) },
                async { found(client.inspect_container(&name, None).await) },
                async { found(client.inspect_image(&image).await) },
                async { client.list_containers(Some(parts)).await.map_err(DockerError::from) },
            )
        })?;
        let (container, leftovers) = self.choose(service, &listed, named)?;
        let has_twins = !parts.is_empty();
        Ok(Observed { image: image.map(Image::from), container, leftovers, has_twins })
    }

    /// The container of that id or name, as it is now.
    pub fn inspect(&self, container: &str) -> Result<Option<ContainerFacts>> {
        let found = self.run(async { found(self.client().inspect_container(container, None).await) })?;
        Ok(found.map(ContainerFacts::from))
    }

    fn choose(
        &self,
        service: &Service,
        listed: &[ContainerSummary],
        named: Option<ContainerInspectResponse>,
    ) -> Result<(Option<ContainerFacts>, Vec<String>)> {
        let named = named.map(ContainerFacts::from);
        if let Some(stranger) = named.as_ref().filter(|named| !named.is_of(service)) {
            return Err(name_taken(service, stranger));
        }
        let mut others: Vec<ContainerFacts> = Vec::new();
        for id in listed.iter().filter_map(|summary| summary.id.as_deref()) {
            if named.as_ref().is_none_or(|named| named.id != id) {
                others.extend(self.inspect(id)?);
            }
        }
        // Without one of the right name, the oldest is what the service had: the others were to replace it.
        // One that a recreation had not renamed yet is complete, and may hold the only anonymous volumes.
        let unfinished = unfinished(&labels::container_name(service));
        others.sort_by_key(|other| (other.name == unfinished, other.created.clone()));
        let usable = others.first().is_some_and(|first| first.name != unfinished);
        let container = named.or_else(|| usable.then(|| others.remove(0)));
        if let Some(live) = others.iter().find(|other| !other.was_never_started()) {
            let both =
                container.iter().chain([live]).map(|one| format!("`{}`", one.name)).collect::<Vec<_>>();
            return Err(ContainerError::TooMany { service: service.name.clone(), names: both.join(", ") });
        }
        Ok((container, others.into_iter().map(|other| other.id).collect()))
    }
}

/// An object that does not exist is an answer, not an error.
pub(in crate::docker) fn found<T>(
    answer: std::result::Result<T, bollard::errors::Error>,
) -> std::result::Result<Option<T>, DockerError> {
    match answer.map_err(DockerError::from) {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn name_taken(service: &Service, stranger: &ContainerFacts) -> ContainerError {
    let label = |key: &str| stranger.labels.get(key).map(String::as_str);
    let owner = match (label(labels::PROJECT), label(labels::SERVICE)) {
        (Some(project), Some(other)) => format!(": it is service `{other}` of project `{project}`"),
        _ => String::new(),
    };
    ContainerError::NameTaken {
        name: stranger.name.clone(),
        service: service.name.clone(),
        project: service.project.clone(),
        owner,
    }
}

/// `KEY=value` lines as the engine keeps them.
pub(in crate::docker) fn environment(lines: Option<Vec<String>>) -> BTreeMap<String, String> {
    let pair = |line: &String| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    lines.unwrap_or_default().iter().filter_map(pair).collect()
}
