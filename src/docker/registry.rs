//! Credentials for private registries, from the Docker CLI's configuration and its helpers.

use bollard::BollardRequest;

/// The engine reads credentials as URL-safe base64; bollard writes the standard alphabet.
pub(in crate::docker) fn with_url_safe_credentials(mut request: BollardRequest) -> BollardRequest {
    for name in ["x-registry-auth", "x-registry-config"] {
        let Some(value) = request.headers_mut().get_mut(name) else { continue };
        let safe = value.to_str().map(|text| text.replace('+', "-").replace('/', "_"));
        if let Some(safe) = safe.ok().and_then(|text| text.parse().ok()) {
            *value = safe;
        }
    }
    request
}
