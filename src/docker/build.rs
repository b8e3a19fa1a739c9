//! Building the service's image with the engine's classic builder.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Instant;

use bollard::models::BuildInfo;
use bollard::query_parameters::{BuildImageOptions, BuilderVersion, TagImageOptions};
use bollard::{BollardRequest, Docker};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use crate::compose::service::{Build, Service};
use crate::docker::build_context::BuildContext;
use crate::docker::build_error::BuildError;
use crate::docker::build_progress::Progress;
use crate::docker::dockerfile::Dockerfile;
use crate::docker::image::{Image, image_name};
use crate::docker::registry;
use crate::docker::{DockerError, Engine};
use crate::event::{Event, Observer};

/// The label that keeps the build context's hash on the image.
pub(in crate::docker) const CONTEXT_LABEL: &str = "dbctl.context";

/// The compose release whose labels are written.
const COMPOSE_VERSION: &str = "2.26.0";

/// How much of the tar may wait for the engine: pieces of up to 64 KiB.
const PIECES_IN_FLIGHT: usize = 8;
const PIECE: usize = 64 * 1024;

/// The hash over all that the service's build depends on, as the label `dbctl.context` keeps it.
///
/// # Errors
/// When the context cannot be read.
pub fn context_hash(build: &Build) -> Result<String, DockerError> {
    Ok(BuildContext::read(build)?.hash(build)?)
}

impl Engine {
    /// Builds the service's image. Ctrl-C ends the build; the engine keeps the steps that were done.
    ///
    /// # Errors
    /// [`DockerError::Build`] with step, line and last output where a step failed. The old image stays.
    pub fn build_image(&self, service: &Service, observer: &mut dyn Observer) -> Result<Image, DockerError> {
        let Some(build) = &service.build else {
            return Err(BuildError::NothingToBuild { service: service.name.clone() }.into());
        };
        let started = Instant::now();
        let image = image_name(service);
        let context = BuildContext::read(build)?;
        let dockerfile = Dockerfile::parse(&context.dockerfile_text);
        if let Some(found) = dockerfile.buildkit_feature() {
            return Err(BuildError::needs_buildkit(service, build, found).into());
        }
        let options = self.options(service, build, &context, &dockerfile)?;
        observer.observe(Event::BuildStarted { image: image.clone() });
        let mut progress = Progress::new(observer);
        let outcome = self.run(self.build(build, &dockerfile, options, context, &mut progress));
        outcome.map_err(|error| progress.explain(error, &image, build, &dockerfile))?;
        self.run(self.tag(&image, &build.tags))?;
        let made = self.image(&image)?.ok_or_else(|| DockerError::Vanished { image: image.clone() })?;
        observer.observe(Event::ImageBuilt { image, took: started.elapsed() });
        Ok(made)
    }

    fn options(
        &self,
        service: &Service,
        build: &Build,
        context: &BuildContext,
        dockerfile: &Dockerfile,
    ) -> Result<BuildImageOptions, DockerError> {
        let mut labels: HashMap<String, String> = build.labels.clone().into_iter().collect();
        labels.extend([
            ("com.docker.compose.project".to_owned(), service.project.clone()),
            ("com.docker.compose.service".to_owned(), service.name.clone()),
            ("com.docker.compose.version".to_owned(), COMPOSE_VERSION.to_owned()),
            (CONTEXT_LABEL.to_owned(), context.hash(build)?),
        ]);
        let platform = service.platform.clone().or_else(|| build.platforms.first().cloned());
        let mut args = self.platform_args(platform.as_deref(), dockerfile)?;
        args.extend(build.args.clone());
        Ok(BuildImageOptions {
            dockerfile: context.dockerfile.clone(),
            t: Some(image_name(service)),
            nocache: build.no_cache,
            cachefrom: Some(build.cache_from.clone()).filter(|images| !images.is_empty()),
            pull: build.pull.then(|| "true".to_owned()),
            rm: true,
            forcerm: true,
            buildargs: Some(args),
            shmsize: build.shm_size.and_then(|size| i32::try_from(size).ok()),
            labels: Some(labels),
            networkmode: build.network.clone(),
            platform: platform.unwrap_or_default(),
            target: build.target.clone().unwrap_or_default(),
            version: BuilderVersion::BuilderV1,
            ..BuildImageOptions::default()
        })
    }

    /// What `BuildKit` would fill in by itself, and the classic builder leaves empty in silence.
    fn platform_args(
        &self,
        target: Option<&str>,
        dockerfile: &Dockerfile,
    ) -> Result<HashMap<String, String>, DockerError> {
        let declared = dockerfile.platform_args();
        if declared.is_empty() {
            return Ok(HashMap::new());
        }
        let own = self.describe()?.platform;
        let value = |name: &str| {
            let platform = if name.starts_with("BUILD") { &own } else { target.unwrap_or(&own) };
            let mut parts = platform.split('/');
            let (os, architecture) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            match name.trim_start_matches("BUILD").trim_start_matches("TARGET") {
                "OS" => os.to_owned(),
                "ARCH" => architecture.to_owned(),
                _ => platform.to_owned(),
            }
        };
        Ok(declared.into_iter().map(|name| (name.to_owned(), value(name))).collect())
    }

    async fn build(
        &self,
        build: &Build,
        dockerfile: &Dockerfile,
        options: BuildImageOptions,
        context: BuildContext,
        progress: &mut Progress<'_>,
    ) -> Result<(), DockerError> {
        let credentials = registry::logins(self.config_dir(), &dockerfile.base_images(&build.args));
        let client = with_extra_hosts(self.client(), &build.extra_hosts);
        let (tar, sending) = self.sent(context);
        let body = bollard::body_try_stream(tar);
        let streamed = consume(client.build_image(options, Some(credentials), Some(body)), progress).await;
        match (streamed, sending.await) {
            // What went wrong with a file explains why the engine's side broke off.
            (Err(_), Ok(Err(source))) if source.kind() != io::ErrorKind::BrokenPipe => {
                Err(DockerError::System { doing: "sending the build context", source })
            }
            (streamed, _) => streamed,
        }
    }

    /// The tar as a stream: it is written by a thread of its own and never whole in memory.
    fn sent(
        &self,
        context: BuildContext,
    ) -> (impl Stream<Item = io::Result<Bytes>> + Send + 'static, tokio::task::JoinHandle<io::Result<()>>)
    {
        let (sender, receiver) = mpsc::channel(PIECES_IN_FLIGHT);
        let sending = self.runtime().spawn_blocking(move || {
            let sent = context.write_to(io::BufWriter::with_capacity(PIECE, Pieces(sender.clone())));
            if let Err(error) = &sent {
                // Without a word the engine would take a cut tar for a whole one.
                let _ = sender.blocking_send(Err(io::Error::new(error.kind(), error.to_string())));
            }
            sent
        });
        let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|piece| (piece, receiver))
        });
        (stream, sending)
    }

    async fn tag(&self, image: &str, tags: &[String]) -> Result<(), DockerError> {
        for name in tags {
            let (repo, tag) = match name.rsplit_once(':') {
                Some((repo, tag)) if !tag.contains('/') => (repo, tag),
                _ => (name.as_str(), "latest"),
            };
            let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
            self.client().tag_image(image, Some(options)).await?;
        }
        Ok(())
    }
}

async fn consume(
    mut stream: impl Stream<Item = Result<BuildInfo, bollard::errors::Error>> + Unpin,
    progress: &mut Progress<'_>,
) -> Result<(), DockerError> {
    while let Some(info) = stream.next().await {
        match info {
            Ok(info) => progress.take(info),
            // bollard's decoder stumbles over a stream that ends without a line end.
            Err(bollard::errors::Error::IOError { err })
                if progress.succeeded() && err.to_string().contains("bytes remaining on stream") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// bollard's query knows one extra host only, where the engine reads the key as often as it comes.
fn with_extra_hosts(client: &Docker, hosts: &[String]) -> Docker {
    if hosts.is_empty() {
        return client.clone();
    }
    let query = hosts.iter().flat_map(|host| ["&extrahosts=".to_owned(), encoded(host)]).collect::<String>();
    client.clone().with_request_modifier(move |request: BollardRequest| {
        let mut request = registry::with_url_safe_credentials(request);
        if let Ok(uri) = format!("{}{query}", request.uri()).parse() {
            *request.uri_mut() = uri;
        }
        request
    })
}

/// `name=address` or `name:address` as a query's value in the engine's form, with a colon.
fn encoded(host: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    host.replacen('=', ":", 1).bytes().map(escaped).collect()
}

/// Hands what is written to the task that talks to the engine.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(buffer))).map_err(gone)?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
