//! What must happen to image and container before scripts can run.

use super::{Cause, Plan, Step};

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

/// `up`: a current image, and a container that runs. A container that merely differs from the compose file
/// is left as it is, unless its image is built anew: that is `rebuild`'s.
pub fn up(facts: &ServiceFacts) -> Plan {
    let image = image_step(facts.image);
    let container = match (facts.container, &image) {
        (ContainerState::Absent, _) => Some(Step::CreateContainer { cause: Cause::NoContainer }),
        (_, Some(Step::BuildImage { .. })) => Some(Step::RecreateContainer { cause: Cause::ImageChanged }),
        (ContainerState::Stopped, _) => Some(Step::StartContainer { cause: Cause::ContainerStopped }),
        (ContainerState::Running, _) => None,
    };
    Plan { steps: image.into_iter().chain(container).collect(), notes: Vec::new() }
}

/// `rebuild`: the image built (the engine's cache decides what that means), and the container recreated
/// where image or service changed.
pub fn rebuild(facts: &ServiceFacts) -> Plan {
    let image = image_step(facts.image);
    let cause = match facts.configuration {
        _ if image.is_some() => Some(Cause::ImageChanged),
        Configuration::Same => None,
        Configuration::ServiceChanged => Some(Cause::ServiceChanged),
        Configuration::ImageChanged => Some(Cause::ImageChanged),
        Configuration::Unknown => Some(Cause::ConfigurationUnknown),
    };
    let container = match (facts.container, cause) {
        (ContainerState::Absent, _) => Some(Step::CreateContainer { cause: Cause::NoContainer }),
        (_, Some(cause)) => Some(Step::RecreateContainer { cause }),
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
        let expected = "  1. build the image: there is no image\n  2. create the container: there is no container\n";
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
        assert_eq!(up(&facts).to_string(), "  1. start the container: the container is stopped\n");
        assert_eq!(
            rebuild(&facts).to_string(),
            "  1. recreate the container: the service changed in the compose file\n"
        );
    }
}
