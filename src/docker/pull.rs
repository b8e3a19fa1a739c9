//! Pulling an image from its registry.

use std::collections::HashMap;
use std::time::Instant;

use bollard::models::ProgressDetail;
use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt;

use crate::docker::image::Image;
use crate::docker::registry::{self, Login};
use crate::docker::{DockerError, Engine};
use crate::event::{Event, Observer};

/// Why an image could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error(
        "the engine has no image `{image}`, and `pull_policy: never` forbids to pull it\n\
         next: `docker pull {image}`, or build it"
    )]
    Forbidden { image: String },
    #[error("the registry does not give out image `{image}`: {said}{}\nnothing was changed\nnext: `docker login {registry}`, or correct `image`", note(.trouble.as_ref()))]
    Denied { image: String, registry: String, said: String, trouble: Option<String> },
    #[error(
        "there is no image `{image}` in its registry: {said}\nnothing was changed\nnext: correct `image`"
    )]
    Unknown { image: String, said: String },
    #[error(
        "the registry of image `{image}` cannot be reached: {said}\nnothing was changed\nnext: check the network, then the same command"
    )]
    Unreachable { image: String, said: String },
}

fn note(trouble: Option<&String>) -> String {
    trouble.map(|trouble| format!("\nnote: {trouble}")).unwrap_or_default()
}

impl Engine {
    /// Pulls `name`, whatever the engine already has.
    pub fn pull_image(
        &self,
        name: &str,
        platform: Option<&str>,
        observer: &mut dyn Observer,
    ) -> Result<Image, DockerError> {
        let started = Instant::now();
        let login = registry::login(self.config_dir(), registry::registry_of(name));
        observer.observe(Event::PullStarted { image: name.to_owned() });
        let pulled = self.run(self.pull(name, platform, &login, observer));
        pulled.map_err(|error| explained(error, name, login.trouble))?;
        observer.observe(Event::ImagePulled { image: name.to_owned(), took: started.elapsed() });
        self.image(name)?.ok_or_else(|| DockerError::Vanished { image: name.to_owned() })
    }

    async fn pull(
        &self,
        name: &str,
        platform: Option<&str>,
        login: &Login,
        observer: &mut dyn Observer,
    ) -> Result<(), DockerError> {
        let options = CreateImageOptions {
            from_image: Some(tagged(name)),
            platform: platform.unwrap_or_default().to_owned(),
            ..CreateImageOptions::default()
        };
        let mut stream = self.client().create_image(Some(options), None, login.credentials.clone());
        let mut layers = Layers::default();
        while let Some(info) = stream.next().await {
            let info = info?;
            if let Some(event) = layers.take(info.id, info.status.as_deref(), info.progress_detail.as_ref()) {
                observer.observe(event);
            }
        }
        Ok(())
    }
}

/// Without a tag the engine would pull every tag of the repository.
fn tagged(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}

/// Sorts the registry's refusals, which the engine passes on as text.
fn explained(error: DockerError, image: &str, trouble: Option<String>) -> DockerError {
    let Some(said) = error.said() else { return error };
    let image = image.to_owned();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["denied", "unauthorized", "authentication required", "no basic auth"]) {
        let registry = registry::registry_of(&image);
        let registry = if registry.contains("index.docker.io") { "" } else { registry }.to_owned();
        return PullError::Denied { image, registry, said, trouble }.into();
    }
    if has(&["not found: manifest unknown", "manifest unknown", "not found", "no matching manifest"]) {
        return PullError::Unknown { image, said }.into();
    }
    if has(&[
        "dial tcp",
        "no such host",
        "timeout",
        "connection refused",
        "Client.Timeout",
        "i/o",
        "EOF",
        "TLS",
    ]) {
        return PullError::Unreachable { image, said }.into();
    }
    error
}

/// How far the layers of a pull are.
#[derive(Default)]
pub(in crate::docker) struct Layers {
    /// Bytes fetched and bytes in all, by layer.
    seen: HashMap<String, (u64, u64)>,
}

impl Layers {
    /// The event for one line of the engine's account, where it changes the sums.
    pub(in crate::docker) fn take(
        &mut self,
        layer: Option<String>,
        status: Option<&str>,
        detail: Option<&ProgressDetail>,
    ) -> Option<Event> {
        let layer = layer?;
        match status? {
            "Downloading" => {
                let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
                let (current, total) = (bytes(detail?.current)?, bytes(detail?.total).unwrap_or(0));
                self.seen.insert(layer, (current, total.max(current)));
            }
            "Download complete" | "Pull complete" => {
                let (fetched, total) = self.seen.get_mut(&layer)?;
                *fetched = *total;
            }
            _ => return None,
        }
        let fetched = self.seen.values().map(|(fetched, _)| fetched).sum();
        let total = self.seen.values().map(|(_, total)| total).sum();
        Some(Event::PullProgress { fetched, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(message: &str) -> String {
        let error = bollard::errors::Error::DockerResponseServerError {
            status_code: 500,
            message: message.to_owned(),
        };
        explained(error.into(), "ghcr.io/a/b:1", Some("the helper is gone".to_owned())).to_string()
    }

    #[test]
    fn a_name_without_a_tag_means_latest() {
        assert_eq!(tagged("reg:5000/a"), "reg:5000/a:latest");
        assert_eq!(tagged("reg:5000/a:1"), "reg:5000/a:1");
        assert_eq!(tagged("a@sha256:0"), "a@sha256:0");
    }

    #[test]
    fn a_denial_names_the_login_and_what_is_wrong_with_the_helper() {
        assert_eq!(
            refusal("pull access denied for a/b, repository does not exist or may require 'docker login'"),
            "the registry does not give out image `ghcr.io/a/b:1`: pull access denied for a/b, repository does not \
             exist or may require 'docker login'\nnote: the helper is gone\nnothing was changed\n\
             next: `docker login ghcr.io`, or correct `image`"
        );
    }

    #[test]
    fn an_unknown_tag_is_told_from_an_unreachable_registry() {
        assert!(refusal("manifest for a/b:1 not found: manifest unknown").starts_with("there is no image"));
        let unreachable = refusal("Get \"https://ghcr.io/v2/\": dial tcp: lookup ghcr.io: no such host");
        assert!(unreachable.contains("cannot be reached"), "{unreachable}");
    }

    #[test]
    fn layers_add_up() {
        let mut layers = Layers::default();
        let detail = |current, total| ProgressDetail { current: Some(current), total: Some(total) };
        let mut take = |layer: &str, status, detail: Option<&ProgressDetail>| match layers.take(
            Some(layer.to_owned()),
            Some(status),
            detail,
        ) {
            Some(Event::PullProgress { fetched, total }) => Some((fetched, total)),
            _ => None,
        };
        assert_eq!(take("a", "Downloading", Some(&detail(1, 10))), Some((1, 10)));
        assert_eq!(take("b", "Downloading", Some(&detail(5, 20))), Some((6, 30)));
        assert_eq!(take("a", "Download complete", None), Some((15, 30)));
        assert_eq!(take("a", "Extracting", Some(&detail(1, 10))), None);
    }
}
