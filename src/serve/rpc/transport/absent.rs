//! Services of the Buf Schema Registry that are not here: whoever calls one hears why, and what there is instead.

use crate::serve::http::error::{Answer, Refusal};

/// The beginnings of paths, and the refusal of calls there.
const ABSENT: &[(&str, &str)] = &[
    (
        "/buf.registry.policy.",
        "this registry keeps no policies; name a local file under `policies` in buf.yaml. What may break is decided by \
         `registry serve --breaking`",
    ),
    (
        "/buf.alpha.registry.v1alpha1.TokenService/",
        "tokens are managed with `registry token list`, `create` and `revoke`, or on the page /settings of this registry",
    ),
];

/// Refuses a call of a service that is not here.
///
/// # Errors
/// For the paths of these services.
pub(super) fn check(path: &str) -> Answer<()> {
    match ABSENT.iter().find(|(service, _)| path.starts_with(service)) {
        Some((_, why)) => Err(Refusal::unimplemented(*why)),
        None => Ok(()),
    }
}
