//! What must happen to image and container before scripts can run.

use super::{Cause, Note, Plan, Step};

/// What was observed of the service's image and container, as far as a plan depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceFacts {
    pub image: ImageFacts,
    pub container: ContainerState,
    /// Whether the container still is what the compose file describes.
    pub configuration: Configuration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFacts {
    /// The image is there, and current as far as the service asks.
    Current,
    /// It must be built: it is missing, or its build context changed.
    Build { missing: bool },
    /// It must be fetched: it is missing, or the pull policy asks for it.
    Pull { missing: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerState {
    Absent,
    /// Made, perhaps by a run that failed then: nothing depends on it yet.
    NeverStarted,
    Stopped,
    Running,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration {
    Same,
    ServiceChanged,
    /// The container runs an older image than the service's name points to.
    ImageChanged,
    /// Compose made the container, and its plugin is not there to be asked.
    Unknown,
}

impl Configuration {
    fn cause(self) -> Option<Cause> {
        match self {
            Self::Same => None,
            Self::ServiceChanged => Some(Cause::ServiceChanged),
            Self::ImageChanged => Some(Cause::ImageChanged),
            Self::Unknown => Some(Cause::ConfigurationUnknown),
        }
    }
}

/// `up`: a current image, and a container that runs. A container that merely differs from the compose file
/// is left as it is, with a word about it, unless its image is built anew: that is `rebuild`'s.
pub fn up(facts: &ServiceFacts) -> Plan {
    let image = image_step(facts.image);
    let container = match (facts.container, &image, facts.configuration.cause()) {
        (ContainerState::Absent, _, _) => Some(Step::CreateContainer { cause: Cause::NoContainer }),
        (_, Some(Step::BuildImage { .. }), _) => Some(Step::RecreateContainer { cause: Cause::ImageChanged }),
        (ContainerState::NeverStarted, _, Some(cause)) => Some(Step::RecreateContainer { cause }),
        (ContainerState::NeverStarted, _, None) => Some(Step::StartContainer { cause: Cause::NeverStarted }),
        (ContainerState::Stopped, _, _) => Some(Step::StartContainer { cause: Cause::ContainerStopped }),
        (ContainerState::Running, _, _) => None,
    };
    let stays = !matches!(container, Some(Step::CreateContainer { .. } | Step::RecreateContainer { .. }));
    let outdated = facts.configuration.cause().filter(|cause| stays && *cause != Cause::ConfigurationUnknown);
    Plan {
        steps: image.into_iter().chain(container).collect(),
        notes: outdated.map(|cause| Note::ContainerOutdated { cause }).into_iter().collect(),
    }
}

/// `rebuild`: the image built (the engine's cache decides what that means), and the container recreated
/// where image or service changed.
pub fn rebuild(facts: &ServiceFacts) -> Plan {
    let image = image_step(facts.image);
    let changed = image.as_ref().map(|_| Cause::ImageChanged).or(facts.configuration.cause());
    let container = match (facts.container, changed) {
        (ContainerState::Absent, _) => Some(Step::CreateContainer { cause: Cause::NoContainer }),
        (_, Some(cause)) => Some(Step::RecreateContainer { cause }),
        (ContainerState::NeverStarted, None) => Some(Step::StartContainer { cause: Cause::NeverStarted }),
        (ContainerState::Stopped, None) => Some(Step::StartContainer { cause: Cause::ContainerStopped }),
        (ContainerState::Running, None) => None,
    };
    Plan { steps: image.into_iter().chain(container).collect(), notes: Vec::new() }
}

fn image_step(image: ImageFacts) -> Option<Step> {
    let cause = |missing| if missing { Cause::NoImage } else { Cause::BuildContextChanged };
    match image {
        ImageFacts::Current => None,
        ImageFacts::Build { missing } => Some(Step::BuildImage { cause: cause(missing) }),
        ImageFacts::Pull { missing: true } => Some(Step::PullImage { cause: Cause::NoImage }),
        ImageFacts::Pull { missing: false } => Some(Step::PullImage { cause: Cause::Requested }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(image: ImageFacts, container: ContainerState, configuration: Configuration) -> ServiceFacts {
        ServiceFacts { image, container, configuration }
    }

    const CURRENT: ImageFacts = ImageFacts::Current;

    #[test]
    fn a_running_container_with_a_current_image_needs_nothing() {
        let facts = facts(CURRENT, ContainerState::Running, Configuration::Same);
        assert_eq!(up(&facts).to_string(), "nothing to do\n");
        assert_eq!(rebuild(&facts).to_string(), "nothing to do\n");
    }

    #[test]
    fn an_empty_engine_builds_then_creates() {
        let facts = facts(ImageFacts::Build { missing: true }, ContainerState::Absent, Configuration::Same);
        let expected =
            "  1. build the image: there is no image\n  2. create the container: there is no container\n";
        assert_eq!(up(&facts).to_string(), expected);
        assert_eq!(rebuild(&facts).to_string(), expected);
    }

    #[test]
    fn a_changed_build_context_recreates_the_container() {
        let facts = facts(ImageFacts::Build { missing: false }, ContainerState::Running, Configuration::Same);
        let expected = "  1. build the image: its build context changed\n  2. recreate the container: the image changed\n";
        assert_eq!(up(&facts).to_string(), expected);
        assert_eq!(rebuild(&facts).to_string(), expected);
    }

    #[test]
    fn a_changed_service_is_left_to_rebuild() {
        let facts = facts(CURRENT, ContainerState::Stopped, Configuration::ServiceChanged);
        assert_eq!(
            up(&facts).to_string(),
            "  1. start the container: the container is stopped\n\
             note: the container stays as it is although the service changed in the compose file; \
             `dbctl rebuild` recreates it\n"
        );
        assert_eq!(
            rebuild(&facts).to_string(),
            "  1. recreate the container: the service changed in the compose file\n"
        );
    }

    #[test]
    fn a_container_that_never_ran_follows_the_compose_file_at_once() {
        let facts = facts(CURRENT, ContainerState::NeverStarted, Configuration::ServiceChanged);
        let expected = "  1. recreate the container: the service changed in the compose file\n";
        assert_eq!(up(&facts).to_string(), expected);
        assert_eq!(rebuild(&facts).to_string(), expected);
    }
}
