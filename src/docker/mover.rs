//! A container that works on files inside the service's volumes, as root, for as long as it takes.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder};

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::exec::Command;
use crate::docker::twin::TwinError;
use crate::docker::{ContainerFacts, Engine, labels};

/// It ends by itself some day, should nobody be there to remove it.
const WAIT: &str = "exec sleep 3600";
/// What a script prints when it has done all that it should: an exit code gets lost with its container.
const DONE: &str = "done";

/// It sees all volumes and host directories of the service's container, in the same places, and nothing else.
/// Removed when it is dropped.
pub(in crate::docker) struct Mover {
    engine: Engine,
    facts: ContainerFacts,
}

impl Engine {
    /// Starts it; one of a killed run goes before.
    pub(in crate::docker) fn mover(&self, service: &Service, container: &ContainerFacts) -> Result<Mover> {
        self.clear_movers(service)?;
        let name = format!("dbctl-mover_{}", labels::container_name(service));
        let model = self.finish(self.client().inspect_container(&container.id, None))?;
        let host = model.host_config.unwrap_or_default();
        let body = ContainerCreateBody {
            image: Some(container.image.clone()),
            user: Some("0".to_owned()),
            entrypoint: Some(["sh", "-c", WAIT].map(str::to_owned).to_vec()),
            cmd: Some(Vec::new()),
            labels: Some([(labels::MOVER.to_owned(), of(service))].into()),
            host_config: Some(HostConfig {
                volumes_from: Some(vec![container.id.clone()]),
                network_mode: Some("none".to_owned()),
                userns_mode: host.userns_mode,
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default().name(&name);
        let options = service.platform.iter().fold(options, |options, platform| options.platform(platform));
        let id = self.finish(self.client().create_container(Some(options.build()), body))?.id;
        self.finish(self.client().start_container(&id, None))?;
        let facts = self.finish(self.client().inspect_container(&id, None))?.into();
        Ok(Mover { engine: self.clone(), facts })
    }

    /// Removes what killed runs have left: whatever they were moving is where it was, or where it should be.
    pub(in crate::docker) fn clear_movers(&self, service: &Service) -> Result<()> {
        let label = format!("{}={}", labels::MOVER, of(service));
        let filters = HashMap::from([("label".to_owned(), vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        for mover in self.finish(self.client().list_containers(Some(options)))? {
            self.discard(&mover.id.unwrap_or_default(), true)?;
        }
        Ok(())
    }
}

/// The value of its label.
fn of(service: &Service) -> String {
    format!("{}/{}", service.project, service.name)
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
        // One that stays is removed by the next run.
        let _ = self.engine.discard(&self.facts.id, true);
    }
}
