//! A container that works on files inside the service's volumes, as root, for as long as it takes.

use std::collections::HashMap;

use bollard::container::AttachContainerResults;
use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, ListContainersOptionsBuilder,
};

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::exec::Command;
use crate::docker::twin::TwinError;
use crate::docker::{ContainerFacts, Engine, labels};
use crate::fault;

/// What a script prints when it has done all that it should: an exit code gets lost with its container.
const DONE: &str = "done";

/// It sees all volumes and host directories of the service's container, in the same places, and nothing else.
///
/// It lives on its input: when that ends, because this is dropped or because dbctl dies, the engine removes it.
pub(in crate::docker) struct Mover {
    engine: Engine,
    facts: ContainerFacts,
    _input: AttachContainerResults,
}

impl Engine {
    /// Starts one.
    pub(in crate::docker) fn mover(&self, service: &Service, container: &ContainerFacts) -> Result<Mover> {
        let model = self.finish(self.client().inspect_container(&container.id, None))?;
        let host = model.host_config.unwrap_or_default();
        let body = ContainerCreateBody {
            image: Some(container.image.clone()),
            user: Some("0".to_owned()),
            entrypoint: Some(vec!["cat".to_owned()]),
            cmd: Some(Vec::new()),
            open_stdin: Some(true),
            attach_stdin: Some(true),
            stdin_once: Some(true),
            labels: Some([(labels::PART.to_owned(), labels::part(service))].into()),
            host_config: Some(HostConfig {
                volumes_from: Some(vec![container.id.clone()]),
                network_mode: Some("none".to_owned()),
                userns_mode: host.userns_mode,
                auto_remove: Some(true),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default();
        let options = service.platform.iter().fold(options, |options, platform| options.platform(platform));
        let id = self.finish(self.client().create_container(Some(options.build()), body))?.id;
        fault::step("mover.created");
        let attach = AttachContainerOptionsBuilder::default().stdin(true).stream(true).build();
        let input = self.finish(self.client().attach_container(&id, Some(attach)))?;
        self.finish(self.client().start_container(&id, None))?;
        let facts = self.finish(self.client().inspect_container(&id, None))?.into();
        Ok(Mover { engine: self.clone(), facts, _input: input })
    }

    /// Removes those that were never started, which nothing else would.
    pub(in crate::docker) fn clear_movers(&self, service: &Service) -> Result<()> {
        let part = format!("{}={}", labels::PART, labels::part(service));
        let wanted = [("label", part), ("status", "created".to_owned())];
        let filters: HashMap<_, _> = wanted.map(|(key, value)| (key.to_owned(), vec![value])).into();
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        for found in self.finish(self.client().list_containers(Some(options)))? {
            if !found.labels.unwrap_or_default().contains_key(labels::TWIN) {
                self.discard(&found.id.unwrap_or_default(), true)?;
            }
        }
        Ok(())
    }
}

impl Mover {
    /// Runs a script of ours with these arguments, to its end even after Ctrl-C, and gives what it printed.
    pub fn run(&self, script: &str, arguments: &[&str], input: Option<Vec<u8>>) -> Result<String> {
        let script = format!("set -eu\n{script}\nprintf '%s\\n' {DONE}\n");
        let words = ["sh", "-c", script.as_str(), "sh"].into_iter().chain(arguments.iter().copied());
        let answer = self.engine.ask_to_the_end(&self.facts, &Command::new(words), input)?;
        let printed = String::from_utf8_lossy(&answer.out).into_owned();
        match printed.strip_suffix("done\n") {
            Some(printed) if answer.code == 0 => Ok(printed.to_owned()),
            _ => {
                let said = String::from_utf8_lossy(&answer.error).trim().to_owned();
                Err(TwinError::Moving { said, code: answer.code }.into())
            }
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        // At once, where its input would take a moment.
        let _ = self.engine.discard(&self.facts.id, true);
    }
}
