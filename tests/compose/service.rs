//! The Postgres service as typed values.

use std::path::Path;
use std::time::Duration;

use dbctl::compose::service::{Dependency, MountSource, Port, Ulimit};

use crate::compose::project::Project;

#[test]
fn the_mounts_are_volumes_then_secrets_then_configs() {
    let project = Project::new(
        "services:
  db:
    image: postgres
    volumes:
      - data:/var/lib/postgresql/data
      - ./init:/docker-entrypoint-initdb.d:ro
      - /anonymous
      - {type: tmpfs, target: /work, tmpfs: {size: 1m, mode: 0o1777}}
      - {type: bind, source: ./made, target: /made}
      - {type: bind, source: ./there, target: /there, bind: {create_host_path: false}}
    secrets: [pw, {source: token, target: t, mode: 0o400}]
    configs: [{source: conf, target: /etc/pg.conf}]
volumes: {data: {name: real, labels: {a: b}}}
secrets: {pw: {file: ./pw}, token: {environment: TOKEN}}
configs: {conf: {content: 'port = 1'}}
",
    )
    .variable("TOKEN", "hidden");
    let service = project.db();
    let targets: Vec<_> = service.mounts.iter().map(|mount| mount.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/var/lib/postgresql/data",
            "/docker-entrypoint-initdb.d",
            "/anonymous",
            "/work",
            "/made",
            "/there",
            "/run/secrets/pw",
            "/run/secrets/t",
            "/etc/pg.conf",
        ]
    );
    assert!(service.mounts[1].read_only && service.mounts[6].read_only && !service.mounts[0].read_only);
    let made = |at: usize| match &service.mounts[at].source {
        MountSource::Bind { path, create_host_path, .. } => (path.clone(), *create_host_path),
        _ => panic!("mount {at} is no bind mount"),
    };
    assert_eq!(made(1), (project.path("init"), true));
    assert_eq!(made(4), (project.path("made"), true));
    assert_eq!(made(5), (project.path("there"), false));
    assert_eq!(made(6), (project.path("pw"), false));
    assert!(matches!(
        &service.mounts[3].source,
        MountSource::Tmpfs { size: Some(1_048_576), mode: Some(0o1777) }
    ));
    match &service.mounts[7].source {
        MountSource::Content { text, mode, .. } => {
            assert_eq!((text.reveal(), *mode), ("hidden", Some(0o400)));
        }
        _ => panic!("the secret's text is not there"),
    }
    assert_eq!(service.volumes["data"].name, "real");
}

#[test]
fn every_scalar_key_arrives() {
    let service = Project::service(
        "container_name: pg
command: postgres -c 'a b=1'
entrypoint: []
environment: [A=1, GONE, TAKEN]
ports: ['127.0.0.1:5433:5432', '5434']
shm_size: 256mb
stop_grace_period: 1m30s
ulimits: {nofile: 10, nproc: {soft: 1, hard: 2}}
restart: unless-stopped
extra_hosts: ['h:1.2.3.4']
deploy: {resources: {limits: {cpus: '0.5', memory: 1g, pids: 9}, reservations: {memory: 512m}}}
cpus: 0.5
depends_on: {db2: {condition: service_healthy, restart: true}}
healthcheck: {test: pg_isready, interval: 5s}
logging: {driver: json-file, options: {max-file: 3}}
devices: ['/dev/a']
tmpfs: /tmp",
    )
    .variable("TAKEN", "yes")
    .db();
    let words = |list: Option<Vec<String>>| list.map(|list| list.join("|"));
    assert_eq!(words(service.command), Some("postgres|-c|a b=1".to_owned()));
    assert_eq!(service.entrypoint, Some(Vec::new()));
    let environment: Vec<_> = service.environment.into_iter().collect();
    assert_eq!(environment, [("A".into(), "1".into()), ("TAKEN".into(), "yes".into())]);
    let port = |host_ip: Option<&str>, published: Option<&str>, target| Port {
        target,
        protocol: "tcp".to_owned(),
        host_ip: host_ip.map(str::to_owned),
        published: published.map(str::to_owned),
    };
    assert_eq!(service.ports, [port(Some("127.0.0.1"), Some("5433"), 5432), port(None, None, 5434)]);
    assert_eq!(
        (service.shm_size, service.stop_grace_period),
        (Some(268_435_456), Some(Duration::from_secs(90)))
    );
    assert_eq!(service.ulimits["nofile"], Ulimit { soft: 10, hard: 10 });
    assert_eq!(service.ulimits["nproc"], Ulimit { soft: 1, hard: 2 });
    assert_eq!(service.extra_hosts, ["h:1.2.3.4"]);
    let resources = &service.resources;
    assert_eq!((resources.nano_cpus, resources.memory), (Some(500_000_000), Some(1 << 30)));
    assert_eq!((resources.pids, resources.memory_reservation), (Some(9), Some(512 << 20)));
    let condition = "service_healthy".to_owned();
    assert_eq!(service.depends_on, [Dependency { service: "db2".to_owned(), condition, restart: true }]);
    let healthcheck = service.healthcheck.expect("given");
    assert_eq!(healthcheck.test, ["CMD-SHELL", "pg_isready"]);
    assert_eq!(healthcheck.interval, Some(Duration::from_secs(5)));
    assert_eq!(service.logging.expect("given").options["max-file"], "3");
    assert_eq!(
        (service.devices, service.tmpfs),
        (vec!["/dev/a:/dev/a:rwm".to_owned()], vec!["/tmp".to_owned()])
    );
    assert_eq!(service.restart.as_deref(), Some("unless-stopped"));
    assert_eq!(service.container_name.as_deref(), Some("pg"));
}

#[test]
fn networks_come_with_their_definitions_the_highest_priority_first() {
    let service = Project::new(
        "name: app
services:
  db:
    image: postgres
    networks: {a: , b: {aliases: [x], priority: 10}, c: }
networks: {a: {internal: true}, b: {external: true, name: proxy}, c: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}
",
    )
    .db();
    let order: Vec<_> = service.networks.iter().map(|network| network.key.as_str()).collect();
    assert_eq!(order, ["b", "a", "c"]);
    assert_eq!(service.networks[0].aliases, ["x"]);
    let names: Vec<_> = service.network_definitions.values().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["app_a", "proxy", "app_c"]);
    assert!(service.network_definitions["a"].internal && service.network_definitions["b"].external);
    let subnet =
        service.network_definitions["c"].ipam.as_ref().and_then(|ipam| ipam.config[0].subnet.clone());
    assert_eq!(subnet.as_deref(), Some("10.0.0.0/24"));
}

#[test]
fn a_build_has_absolute_paths_and_only_arguments_with_a_value() {
    let project = Project::new(
        "services: {db: {build: {context: ./db, dockerfile: ../Pg, args: [A=1, GONE, TAKEN]}}}\n",
    )
    .variable("TAKEN", "yes");
    let build = project.db().build.expect("given");
    assert_eq!(build.context, project.path("db"));
    assert_eq!(build.dockerfile, project.path("db/../Pg"));
    assert_eq!(build.args.keys().collect::<Vec<_>>(), ["A", "TAKEN"]);
}

#[test]
fn a_seccomp_profile_is_read_from_its_file() {
    let project = Project::service("security_opt: ['seccomp:./p.json', 'no-new-privileges:true']")
        .file("p.json", "{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }");
    let expected = ["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "no-new-privileges:true"];
    assert_eq!(project.db().security_opt, expected);
}

#[test]
fn a_restart_policy_of_deploy_counts_where_restart_is_silent() {
    let policy = "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}";
    assert_eq!(Project::service(policy).db().restart.as_deref(), Some("on-failure:3"));
    assert_eq!(
        Project::service(&format!("restart: always\n{policy}")).db().restart.as_deref(),
        Some("always")
    );
}

#[test]
fn a_key_that_is_not_honoured_is_named_with_its_place() {
    assert_eq!(
        Project::service("blkio_config: {weight: 300}").refusal(),
        "`compose.yaml`, line 4, column 19: service `db` uses `blkio_config`, which dbctl does not honour\n\
         nothing was changed\n\
         next: remove it from this service, or start the service with compose and use `--url`"
    );
}

#[test]
fn no_key_is_dropped_in_silence() {
    for (keys, named) in [
        ("scale: 2", "`scale: 2`"),
        ("deploy: {replicas: 0}", "`deploy.replicas: 0`"),
        ("gpus: all", "`gpus`"),
        ("models: [x]", "`models`"),
        ("provider: {type: x}", "`provider`"),
        ("credential_spec: {file: x}", "`credential_spec`"),
        ("storage_opt: {size: 1G}", "`storage_opt`"),
        ("post_start: [{command: x}]", "`post_start`"),
        ("links: [a]", "`links`"),
        ("volumes_from: [a]", "`volumes_from`"),
        ("uts: host", "`uts`"),
        ("device_cgroup_rules: [a]", "`device_cgroup_rules`"),
        ("isolation: process", "`isolation`"),
        ("hostnam: typo", "`hostnam`"),
        ("healthcheck: {tset: typo}", "`healthcheck.tset`"),
        ("build: {context: ., ssh: [default]}", "`build.ssh`"),
        ("build: {context: ., additional_contexts: {a: b}}", "`build.additional_contexts`"),
        ("networks: {default: {gw_priority: 1}}", "`networks.default.gw_priority`"),
        ("volumes: [{type: npipe, source: a, target: b}]", "`volumes.type: npipe`"),
        (
            "volumes: [{type: bind, source: /a, target: /b, bind: {recursive: readonly}}]",
            "`volumes.bind.recursive`",
        ),
        ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", "devices`"),
        ("deploy: {resources: {limits: {memroy: 1g}}}", "`deploy.resources.limits.memroy`"),
    ] {
        let refusal = Project::service(keys).refusal();
        assert!(refusal.contains("does not honour") && refusal.contains(named), "{keys}: {refusal}");
    }
}

#[test]
fn harmless_keys_and_other_services_are_not_judged() {
    let project = Project::new(
        "services:
  db:
    image: postgres
    attach: false
    profiles: [db]
    x-note: mine
    develop: {watch: [{path: ., action: rebuild}]}
    deploy: {mode: replicated, placement: {constraints: [a]}, update_config: {order: start-first}, replicas: 1}
  api: {image: api, provider: {type: x}, gpus: all, scale: 3, unknown: 1, env_file: gone.env, shm_size: nonsense}
",
    );
    assert_eq!(project.db().image.as_deref(), Some("postgres"));
}

#[test]
fn values_that_do_not_fit_are_told_with_their_place() {
    for (keys, told) in [
        ("shm_size: 1 elephant", "line 4, column 15: `services.db.shm_size`: `1 elephant` is not a size"),
        ("stop_grace_period: 90", "`90` is not a duration"),
        ("privileged: perhaps", "`perhaps` is not `true` or `false`"),
        ("command: \"a 'b\"", "`services.db.command` must be a command line with closed quotes"),
        ("healthcheck: {test: [pg_isready]}", "`healthcheck.test` must be a list that starts with `CMD`"),
        ("environment: {A: [1]}", "`services.db.environment.A` must be a text"),
        ("volumes: ['data:/d']", "volume `data` is not defined"),
        ("networks: [back]", "network `back` is not defined"),
        ("configs: [c]", "config `c` is not defined"),
        ("network_mode: host\nnetworks: [default]", "`network_mode` and `networks` exclude each other"),
    ] {
        let refusal = Project::service(keys).refusal();
        assert!(refusal.contains(told), "{keys}: {refusal}");
    }
}

#[test]
fn an_external_secret_and_an_unset_variable_are_named() {
    let secret = |definition: &str| {
        let text =
            format!("services: {{db: {{image: postgres, secrets: [pw]}}}}\nsecrets: {{pw: {definition}}}\n");
        Project::new(&text).refusal()
    };
    assert!(secret("{external: true}").contains("secret `pw` is external"));
    assert!(secret("{environment: NOT_SET}").contains("reads the variable `NOT_SET`, which is not set"));
}

#[test]
fn a_service_that_does_not_exist_is_told_with_those_that_do() {
    let project = Project::new("services: {postgres: {image: postgres}, api: {image: api}}\n");
    assert_eq!(project.refusal(), "no service `db`; the compose file has `api`, `postgres`");
}

#[test]
fn the_project_is_known_by_name_folder_and_files() {
    let project = Project::new("name: app\nservices: {db: {image: postgres}}\n")
        .file("compose.override.yaml", "services: {db: {tty: true}}\n");
    let service = project.db();
    assert_eq!((service.project.as_str(), service.name.as_str()), ("app", "db"));
    assert_eq!(service.project_dir, project.path(""));
    let files: Vec<_> = service.config_files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(files, ["compose.yaml", "compose.override.yaml"]);
    assert!(service.tty && Path::new(&service.config_files[0]).is_absolute());
}
