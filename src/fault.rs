//! Named steps at which a test ends dbctl, the server or the engine's connection; other builds know none of it.
//!
//! A debug build reads three variables: `DBCTL_FAULT=NAME` or `NAME#2` names the step (its second passing),
//! `DBCTL_FAULT_DO` a command for `sh` that is run there instead of the kill of dbctl itself, and
//! `DBCTL_FAULT_LOG` a file to which every step that is passed adds its line.

use std::collections::BTreeMap;

/// Reads the variables; before this, and in release builds, no step does anything.
pub fn arm(environment: &BTreeMap<String, String>) {
    #[cfg(debug_assertions)]
    armed::arm(environment);
    #[cfg(not(debug_assertions))]
    let _ = environment;
}

/// Between two changes that a kill may separate: `name` tells which, as `swap.renamed`.
pub fn step(name: &'static str) {
    #[cfg(debug_assertions)]
    armed::step(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
mod armed {
    use std::collections::BTreeMap;
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::process::Command;
    use std::sync::{Mutex, OnceLock};

    struct Armed {
        at: Option<String>,
        instead: Option<String>,
        log: Option<String>,
        passed: Mutex<BTreeMap<&'static str, u32>>,
    }

    static ARMED: OnceLock<Armed> = OnceLock::new();

    pub fn arm(environment: &BTreeMap<String, String>) {
        let text = |name: &str| environment.get(name).cloned();
        let (at, instead, log) = (text("DBCTL_FAULT"), text("DBCTL_FAULT_DO"), text("DBCTL_FAULT_LOG"));
        if at.is_some() || log.is_some() {
            let _ = ARMED.set(Armed { at, instead, log, passed: Mutex::default() });
        }
    }

    pub fn step(name: &'static str) {
        if let Some(armed) = ARMED.get() {
            armed.pass(name);
        }
    }

    impl Armed {
        fn pass(&self, name: &'static str) {
            let label = self.label(name);
            if let Some(path) = &self.log
                && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path)
            {
                let _ = writeln!(file, "{label}");
            }
            if self.at.as_deref() == Some(&label) {
                self.strike();
            }
        }

        /// The name, from its second passing on with the number of that.
        fn label(&self, name: &'static str) -> String {
            let mut passed = self.passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let count = passed.entry(name).or_insert(0);
            *count += 1;
            if *count == 1 { name.to_owned() } else { format!("{name}#{count}") }
        }

        fn strike(&self) {
            if let Some(command) = &self.instead {
                let _ = Command::new("sh").args(["-c", command]).status();
                return;
            }
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
