//! RPCs before and after their methods: limits of size and time, compression, and the services that every gRPC server has.

pub(super) mod compression;
mod health;
pub(super) mod limit_messages;
pub(super) mod limited_body;
mod reflection;
pub(super) mod request_limits;

use std::sync::Arc;

use connectrpc::Router;

use crate::serve::state::State;
use crate::wire::FILE_DESCRIPTOR_SET;

/// Whether a path is one of those that [`install`] adds: they ask for no token.
pub(super) fn is_open(path: &str) -> bool {
    ["/grpc.health.", "/grpc.reflection."].iter().any(|service| path.starts_with(service))
}

/// Adds server reflection and the gRPC health service to `router`. Neither asks for a token: the schemas are public,
/// and a probe has none.
pub(super) fn install(router: Router, state: Option<Arc<State>>) -> Router {
    let schemas = match reflection::Schemas::read(FILE_DESCRIPTOR_SET) {
        Ok(schemas) => schemas,
        Err(error) => {
            // A fault of this build, which a test would have found; everything else works without.
            tracing::error!(%error, "no server reflection");
            return router;
        }
    };
    let router = health::install(router, state, schemas.services().to_vec());
    reflection::install(router, schemas)
}
