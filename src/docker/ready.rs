//! Waiting until the service's real server answers over TCP, with an eye on its container.

use std::time::{Duration, Instant};

use crate::docker::container_error::{ContainerError, LAST_LINES, Result};
use crate::docker::ladder::{Answer, Ask, Climb, Ladder, NOT_STARTED, Reached};
use crate::docker::{ContainerFacts, DockerError, Engine, State};
use crate::endpoint::Endpoint;
use crate::event::{Event, Observer};

/// The first pause between two attempts; each further one is longer, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_millis(200);
/// How long a closed door is believed.
const KNOCKING: Duration = Duration::from_secs(3);

impl Engine {
    /// Waits for at most `limit` until the server in a started container answers twice, from the same
    /// postmaster. A container that ends meanwhile is an error at once, with its last log lines.
    pub fn ready(
        &self,
        container: &ContainerFacts,
        ladder: &Ladder,
        limit: Duration,
        observer: &mut dyn Observer,
        ask: &mut Ask,
    ) -> Result<Endpoint> {
        let began = Instant::now();
        let mut reason = String::new();
        let mut pause = FIRST_PAUSE;
        let container = self.alive(container, None)?;
        let mut climb = Climb::new(self, &container, ladder);
        loop {
            let attempt = if began.elapsed() < KNOCKING && climb.is_closed() {
                Err(climb.no_way(vec![NOT_STARTED.to_owned()]))
            } else {
                climb.climb(ask)
            };
            match attempt {
                Ok(reached) if answers_again(ask, &reached)? => {
                    observer.observe(Event::ServerReady { took: began.elapsed() });
                    return Ok(reached.endpoint);
                }
                Ok(_) => {}
                Err(ContainerError::NoWay { tried, .. }) => tell(observer, &mut reason, tried.join("; ")),
                Err(error) => {
                    self.alive(&container, Some(&container))?;
                    return Err(error);
                }
            }
            self.alive(&container, Some(&container))?;
            if began.elapsed() > limit {
                return Err(self.not_ready(&container, limit, reason));
            }
            self.pause(pause)?;
            pause = (pause * 3 / 2).min(LAST_PAUSE);
        }
    }

    /// The container as it is now, if it runs, and still runs in the same go as `before`.
    fn alive(&self, container: &ContainerFacts, before: Option<&ContainerFacts>) -> Result<ContainerFacts> {
        let now = self.present(&container.id)?;
        let ended = match &now.state {
            State::Running { .. } if before.is_none_or(|before| before.state == now.state) => return Ok(now),
            State::Running { .. } | State::Created | State::Paused => 0,
            State::Exited { code } | State::Restarting { code } => *code,
        };
        let log = self.last_log_lines(&container.id, LAST_LINES)?;
        Err(ContainerError::Exited { name: now.name, code: ended, log })
    }

    fn not_ready(&self, container: &ContainerFacts, waited: Duration, reason: String) -> ContainerError {
        let log = self.last_log_lines(&container.id, LAST_LINES).unwrap_or_default();
        ContainerError::NotReady { name: container.name.clone(), waited, reason, log }
    }

    /// Ends early when the user asks to stop.
    pub(in crate::docker) fn pause(&self, time: Duration) -> Result<()> {
        let sleep = async {
            tokio::time::sleep(time).await;
            Ok::<_, DockerError>(())
        };
        Ok(self.run(sleep)?)
    }
}

/// The second answer, from the same postmaster: one that is about to restart does not count.
fn answers_again(ask: &mut Ask, first: &Reached) -> Result<bool> {
    match ask(&first.endpoint, first.identity.as_ref()) {
        Answer::Ours { postmaster } => Ok(postmaster == first.postmaster),
        Answer::Refused(cause) => Err(ContainerError::Refused(cause)),
        Answer::Foreign(_) | Answer::Silent(_) => Ok(false),
    }
}

fn tell(observer: &mut dyn Observer, last: &mut String, reason: String) {
    if *last != reason {
        observer.observe(Event::WaitingForServer { reason: reason.clone() });
        *last = reason;
    }
}
