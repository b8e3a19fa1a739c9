//! Building images: labels, what makes a rebuild, events, and every way to fail.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dbctl::docker::{BuildError, DockerError, ImageNeed, context_hash};
use dbctl::event::Event;

use super::sample::{Kept, Sample, docker, engine, files, labelled};

fn cause(need: ImageNeed) -> Option<String> {
    match need {
        ImageNeed::Present(_) => None,
        ImageNeed::Build { cause } | ImageNeed::Pull { cause } => Some(cause),
    }
}

#[test]
fn an_image_is_built_once_and_again_only_after_a_change() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPY a /a\n").file("a", "1");
    let need = |sample: &Sample| engine.image_need(&sample.service).unwrap();
    assert_eq!(cause(need(&sample)).unwrap(), format!("the engine has no image `{}`", sample.image()));

    let image = engine.provide_image(&sample.service, need(&sample), &mut Kept::default()).unwrap();
    assert_eq!(cause(need(&sample)), None);
    assert_eq!(image.labels["dbctl.context"], context_hash(sample.service.build.as_ref().unwrap()).unwrap());
    assert_eq!(image.labels["com.docker.compose.project"], sample.service.project);
    assert_eq!(image.labels["com.docker.compose.service"], "db");

    sample.write("a", "2");
    assert_eq!(cause(need(&sample)).unwrap(), format!("the build context of `{}` changed", sample.image()));
    let again = engine.provide_image(&sample.service, need(&sample), &mut Kept::default()).unwrap();
    assert_ne!(again.id, image.id);
    assert_eq!(cause(need(&sample)), None);
}

#[test]
fn an_image_that_somebody_else_built_is_built_again() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPY a /a\n").file("a", "1");
    docker(&["build", "-q", "-t", &sample.image(), sample.context().to_str().unwrap()]);
    let need = engine.image_need(&sample.service).unwrap();
    assert_eq!(cause(need).unwrap(), format!("`{}` was not built by dbctl", sample.image()));
}

#[test]
fn steps_and_output_are_told_in_order() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPY rootfs /\nRUN echo one; echo two >&2\n").with_shell();
    let (built, events) = sample.build(&engine);
    built.unwrap_or_else(|error| panic!("{error}"));
    let steps: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::BuildStep { current, instruction, .. } => Some((*current, instruction.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(steps[0], (1, "FROM scratch"));
    assert_eq!(steps[2..4], [(3, "COPY rootfs /"), (4, "RUN echo one; echo two >&2")]);
    let printed =
        |text: &str| events.iter().any(|event| matches!(event, Event::BuildOutput { line } if line == text));
    assert!(printed("one") && printed("two"));
    assert!(matches!(events.first(), Some(Event::BuildStarted { .. })));
    assert!(matches!(events.last(), Some(Event::ImageBuilt { .. })));
}

#[test]
fn a_failing_step_is_named_with_line_exit_code_and_output() {
    let engine = engine();
    let sample =
        Sample::new("FROM scratch\nCOPY rootfs /\n\n# the trap\nRUN echo told; \\\n  exit 3\n").with_shell();
    let error = sample.build(&engine).0.err().expect("exit 3 must fail the build");
    let DockerError::Build(BuildError::Step(step)) = &error else { panic!("{error}") };
    assert_eq!((step.current, step.line, step.exit_code), (4, Some(6), Some(3)));
    assert_eq!(step.output, ["told"]);
    assert!(error.to_string().contains("the command ended with exit code 3\n   | told\n"), "{error}");
    assert!(engine.image(&sample.image()).unwrap().is_none());
}

#[test]
fn a_copy_of_a_missing_file_is_a_failed_step() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPY nowhere /\n");
    let error = sample.build(&engine).0.err().unwrap();
    let DockerError::Build(BuildError::Step(step)) = &error else { panic!("{error}") };
    assert_eq!((step.line, step.exit_code), (Some(3), None));
    assert!(step.said.contains("nowhere"), "{}", step.said);
}

#[test]
fn a_dockerfile_that_cannot_be_read_as_one_is_an_error_before_any_step() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPPY a b\n");
    let error = sample.build(&engine).0.err().unwrap();
    assert!(matches!(error, DockerError::Build(BuildError::Dockerfile { .. })), "{error}");
    assert!(error.to_string().contains("COPPY"), "{error}");
}

#[test]
fn a_dockerfile_for_buildkit_is_refused_before_anything_is_sent() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nRUN --mount=type=cache,target=/c true\n");
    let (built, events) = sample.build(&engine);
    let error = built.err().unwrap().to_string();
    assert!(error.starts_with("`RUN --mount` at line 3 of "), "{error}");
    assert!(error.ends_with("next: `docker compose build db`, then the same command"), "{error}");
    assert!(events.is_empty());
}

#[test]
fn a_dockerfile_outside_of_the_context_leaves_no_trace_in_the_image() {
    let engine = engine();
    let mut sample = Sample::new("FROM nowhere\n").file("a", "");
    let dockerfile = sample.outside().join("Other");
    fs::write(&dockerfile, labelled("FROM scratch\nCOPY . /\n", &sample.service.project)).unwrap();
    sample.build_mut().dockerfile = dockerfile;
    assert_eq!(names(&sample.built(&engine).id), ["Dockerfile", "a"]);
}

#[test]
fn an_inline_dockerfile_and_an_ignore_file_of_the_dockerfiles_own_work() {
    let engine = engine();
    let mut sample = Sample::new("FROM scratch\nCOPY . /\n")
        .file("Dockerfile.dockerignore", "b\nDocker*")
        .file(".dockerignore", "a")
        .file("a", "")
        .file("b", "");
    assert_eq!(names(&sample.built(&engine).id), [".dockerignore", "a"]);
    sample.build_mut().dockerfile_inline =
        Some(labelled("FROM scratch\nCOPY b /c\n", &sample.service.project));
    assert_eq!(names(&sample.built(&engine).id), ["c"]);
}

#[test]
fn arguments_target_tags_and_the_platform_reach_the_build() {
    let engine = engine();
    let mut sample = Sample::new(
        "FROM scratch AS one\nARG V\nARG TARGETARCH\nLABEL v=$V arch=$TARGETARCH\nFROM scratch\nLABEL v=never\n",
    );
    let extra = format!("{}-oracle:x", sample.image());
    sample.build_mut().args.insert("V".to_owned(), "7".to_owned());
    sample.build_mut().target = Some("one".to_owned());
    sample.build_mut().tags = vec![extra.clone()];
    sample.build_mut().extra_hosts = vec!["a=10.0.0.1".to_owned(), "b:10.0.0.2".to_owned()];
    let image = sample.built(&engine);
    assert_eq!(image.labels["v"], "7");
    assert_eq!(format!("linux/{}", image.labels["arch"]), image.platform);
    assert_eq!(engine.image(&extra).unwrap().unwrap().id, image.id);
    docker(&["image", "rm", &extra]);
}

#[test]
fn extra_hosts_are_known_to_the_commands_of_a_build() {
    let engine = engine();
    let mut sample = Sample::new(
        "FROM scratch\nCOPY rootfs /\nRUN while read -r line; do echo \"$line\"; done < /etc/hosts\n",
    )
    .with_shell();
    sample.build_mut().extra_hosts = vec!["one.test=10.0.0.1".to_owned(), "two.test:10.0.0.2".to_owned()];
    sample.build_mut().no_cache = true;
    let (built, events) = sample.build(&engine);
    built.unwrap_or_else(|error| panic!("{error}"));
    let printed = |text: &str| {
        events.iter().any(|event| matches!(event, Event::BuildOutput { line } if line.contains(text)))
    };
    assert!(printed("10.0.0.1\tone.test") && printed("10.0.0.2\ttwo.test"), "{events:?}");
}

#[test]
fn an_inspected_image_tells_how_it_runs() {
    let engine = engine();
    let sample = Sample::new(
        "FROM scratch\nENV A=1 B=x=y\nENTRYPOINT [\"/e\"]\nCMD [\"c\", \"d\"]\nUSER 7\nVOLUME /data /more\n\
         EXPOSE 5432\nLABEL k=v\nSTOPSIGNAL SIGINT\nWORKDIR /w\nHEALTHCHECK --interval=3s --retries=4 CMD [\"/h\"]\n",
    );
    let image = sample.built(&engine);
    assert_eq!((image.entrypoint.join(" "), image.command.join(" ")), ("/e".into(), "c d".into()));
    assert_eq!((image.environment["A"].as_str(), image.environment["B"].as_str()), ("1", "x=y"));
    assert_eq!(image.user.as_deref(), Some("7"));
    assert_eq!(image.working_dir.as_deref(), Some("/w"));
    assert_eq!(image.volumes.iter().collect::<Vec<_>>(), ["/data", "/more"]);
    assert_eq!(image.exposed_ports.iter().collect::<Vec<_>>(), ["5432/tcp"]);
    assert_eq!(image.labels["k"], "v");
    assert_eq!(image.stop_signal.as_deref(), Some("SIGINT"));
    let healthcheck = image.healthcheck.unwrap();
    assert_eq!(healthcheck.test, ["CMD", "/h"]);
    assert_eq!((healthcheck.interval, healthcheck.retries), (Some(Duration::from_secs(3)), Some(4)));
    assert_eq!(healthcheck.timeout, None);
}

#[test]
fn an_unreadable_link_target_is_sent_and_a_mode_kept() {
    let engine = engine();
    let sample = Sample::new("FROM scratch\nCOPY . /\n").file("run", "").link("link", "/nowhere");
    fs::set_permissions(sample.context().join("run"), fs::Permissions::from_mode(0o750)).unwrap();
    let listed = files(&sample.built(&engine).id);
    assert!(listed.contains("run 750"), "{listed:?}");
    assert!(
        listed.iter().any(|path| path.starts_with("link ") && path.ends_with("-> /nowhere")),
        "{listed:?}"
    );
}

#[test]
fn ctrl_c_ends_a_build_on_the_engine_too() {
    let started = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "engine::build::a_build_that_waits_for_ctrl_c", "--ignored", "--nocapture"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let container = loop {
        let running = docker(&["ps", "--quiet", "--no-trunc", "--filter", "label=t-engine-interrupted"]);
        match running.lines().next() {
            Some(container) => break container.to_owned(),
            None => assert!(started.elapsed() < Duration::from_secs(60), "the build never began"),
        }
    };
    let signalled = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    assert!(child.wait().unwrap().success(), "the child did not see `Interrupted`");
    let gone = || !docker(&["ps", "--all", "--quiet", "--no-trunc"]).contains(&container);
    while !gone() {
        assert!(started.elapsed() < Duration::from_secs(90), "the engine went on building");
    }
    // The child could not remove the image of a container that still ran.
    docker(&["image", "prune", "--force", "--filter", "label=t-engine-interrupted"]);
}

#[test]
#[ignore = "the other half of `ctrl_c_ends_a_build_on_the_engine_too`, which runs it in a process of its own"]
fn a_build_that_waits_for_ctrl_c() {
    dbctl::interrupt::install().unwrap();
    let engine = engine();
    let sample = Sample::new("FROM scratch\nLABEL t-engine-interrupted=1\nCOPY rootfs /\nRUN sleep 120\n")
        .with_shell();
    let error = sample.build(&engine).0.err().unwrap();
    assert!(matches!(error, DockerError::Interrupted), "{error}");
}

fn names(image: &str) -> Vec<String> {
    files(image).iter().map(|path| path.split(' ').next().unwrap().to_owned()).collect()
}
