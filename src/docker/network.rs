//! Networks of the service: made as compose makes them, unless they are external.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{EndpointIpamConfig, EndpointSettings, Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::ListNetworksOptionsBuilder;

use crate::compose::service::{self, NetworkAttachment, NetworkDefinition, Service};
use crate::docker::container_error::{ContainerError, Result};
use crate::docker::{Engine, labels};
use crate::event::{Event, Observer};

/// A network that the container joins, and how it is known there.
#[derive(Clone, serde::Serialize)]
pub(in crate::docker) struct Joined {
    pub name: String,
    pub settings: EndpointSettings,
}

impl Engine {
    /// Whether there is a network of that name. The engine makes a second one when a killed run's request is still
    /// under way, and can then tell neither from the other: all but one go.
    fn the_only_network(&self, name: &str) -> Result<bool> {
        let filters = HashMap::from([("name", vec![name])]);
        let options = ListNetworksOptionsBuilder::default().filters(&filters).build();
        let mut same = self.run(self.client().list_networks(Some(options)))?;
        // The filter takes a part of a name for the whole.
        same.retain(|network| network.name.as_deref() == Some(name));
        same.sort_by_key(|network| network.created.as_ref().map(ToString::to_string));
        for other in same.iter().skip(1).filter_map(|network| network.id.as_deref()) {
            self.run(self.client().remove_network(other))?;
        }
        Ok(!same.is_empty())
    }

    /// Before a container is started: it names its networks, and each name must mean one.
    pub(in crate::docker) fn settle_networks(&self, service: &Service) -> Result<()> {
        for attachment in attachments(service) {
            let network = definition(service, &attachment.key);
            if !network.external {
                self.the_only_network(&network.name)?;
            }
        }
        Ok(())
    }

    pub(in crate::docker) fn ensure_networks(
        &self,
        service: &Service,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        for attachment in attachments(service) {
            self.ensure_network(service, &attachment.key, &definition(service, &attachment.key), observer)?;
        }
        Ok(())
    }

    fn ensure_network(
        &self,
        service: &Service,
        key: &str,
        network: &NetworkDefinition,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let name = &network.name;
        if self.the_only_network(name)? {
            return Ok(());
        }
        if network.external {
            return Err(ContainerError::ExternalMissing { kind: "network", name: name.clone() });
        }
        self.run(self.client().create_network(request(service, key, network)))?;
        self.the_only_network(name)?;
        observer.observe(Event::NetworkCreated { name: name.clone() });
        Ok(())
    }
}

/// In the order in which they are joined: the first at creation, the others afterwards.
pub(in crate::docker) fn joined(service: &Service) -> Vec<Joined> {
    let join = |attachment: NetworkAttachment| Joined {
        name: definition(service, &attachment.key).name,
        settings: settings(service, attachment),
    };
    attachments(service).into_iter().map(join).collect()
}

fn attachments(service: &Service) -> Vec<NetworkAttachment> {
    if service.network_mode.is_some() {
        return Vec::new();
    }
    let mut attachments = service.networks.clone();
    if attachments.is_empty() {
        attachments.push(NetworkAttachment { key: "default".to_owned(), ..NetworkAttachment::default() });
    }
    attachments
        .sort_by(|left, right| right.priority.cmp(&left.priority).then_with(|| left.key.cmp(&right.key)));
    attachments
}

fn definition(service: &Service, key: &str) -> NetworkDefinition {
    service.network_definitions.get(key).cloned().unwrap_or_else(|| NetworkDefinition {
        name: format!("{}_{key}", service.project),
        external: false,
        driver: None,
        driver_opts: BTreeMap::new(),
        internal: false,
        attachable: false,
        enable_ipv6: None,
        labels: BTreeMap::new(),
        ipam: None,
    })
}

fn settings(service: &Service, attachment: NetworkAttachment) -> EndpointSettings {
    let mut aliases = vec![labels::container_name(service), service.name.clone()];
    aliases.extend(attachment.aliases);
    let addressed = attachment.ipv4_address.is_some()
        || attachment.ipv6_address.is_some()
        || !attachment.link_local_ips.is_empty();
    let ipam = EndpointIpamConfig {
        ipv4_address: attachment.ipv4_address,
        ipv6_address: attachment.ipv6_address,
        link_local_ips: some(attachment.link_local_ips),
    };
    EndpointSettings {
        aliases: Some(aliases),
        ipam_config: addressed.then_some(ipam),
        mac_address: attachment.mac_address.or_else(|| service.mac_address.clone()),
        driver_opts: map(&attachment.driver_opts),
        ..EndpointSettings::default()
    }
}

fn request(service: &Service, key: &str, network: &NetworkDefinition) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: network.name.clone(),
        driver: network.driver.clone(),
        internal: Some(network.internal),
        attachable: Some(network.attachable),
        enable_ipv6: network.enable_ipv6,
        options: map(&network.driver_opts),
        labels: Some(network_labels(service, key, network)),
        ipam: network.ipam.as_ref().map(ipam),
        ..NetworkCreateRequest::default()
    }
}

fn network_labels(service: &Service, key: &str, network: &NetworkDefinition) -> HashMap<String, String> {
    let own = [
        (labels::PROJECT, service.project.as_str()),
        (labels::NETWORK, key),
        (labels::VERSION, labels::COMPOSE_VERSION),
    ];
    let given = network.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    given.chain(own).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn ipam(ipam: &service::Ipam) -> Ipam {
    let pool = |pool: &service::IpamPool| IpamConfig {
        subnet: pool.subnet.clone(),
        ip_range: pool.ip_range.clone(),
        gateway: pool.gateway.clone(),
        auxiliary_addresses: map(&pool.aux_addresses),
    };
    Ipam {
        driver: ipam.driver.clone(),
        config: some(ipam.config.iter().map(pool).collect()),
        options: map(&ipam.options),
    }
}

/// The API's form of an optional map: absent when empty.
pub(in crate::docker) fn map(entries: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!entries.is_empty()).then(|| entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// The API's form of an optional list: absent when empty.
pub(in crate::docker) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
