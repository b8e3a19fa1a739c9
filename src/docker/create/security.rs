//! `security_opt`: the engine takes a seccomp profile's text, compose files name its path.

use crate::compose::service::Service;
use crate::docker::container_error::Result;
use crate::docker::create::host::unsupported;

pub(super) fn options(service: &Service) -> Result<Vec<String>> {
    service.security_opt.iter().map(|option| resolved(service, option)).collect()
}

fn resolved(service: &Service, option: &str) -> Result<String> {
    let Some((key, value)) = option.split_once('=').or_else(|| option.split_once(':')) else {
        return Ok(option.to_owned());
    };
    if key != "seccomp" || matches!(value, "unconfined" | "builtin") {
        return Ok(format!("{key}={value}"));
    }
    let refuse = |cause: String| unsupported(service, "security_opt", option, &cause);
    let text = std::fs::read_to_string(service.project_dir.join(value))
        .map_err(|error| refuse(error.to_string()))?;
    let profile: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    Ok(format!("seccomp={profile}"))
}
