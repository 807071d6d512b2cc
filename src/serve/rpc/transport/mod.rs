//! Everything around the methods of RPCs: limits on size and time, compression, and the services that every gRPC server
//! has.

mod absent;
pub(super) mod compression;
mod health;
pub(super) mod limit_messages;
pub(super) mod limited_body;
mod reflection;
pub(super) mod request_limits;

use std::sync::Arc;

use connectrpc::{Limits, Router, envelope};

use crate::serve::state::State;

/// The most bytes of a request to the services that [`install`] adds: it has the name of a service, a file or a type.
const LARGEST_REQUEST: usize = 16 << 10;

/// Whether a path is of a service that [`install`] adds: these need no token.
pub(super) fn is_open(path: &str) -> bool {
    ["/grpc.health.", "/grpc.reflection."].iter().any(|service| path.starts_with(service))
}

/// Adds server reflection and the gRPC health service to `router`. Neither needs a token: the schemas are public, and a
/// probe has no token.
pub(super) fn install(router: Router, state: Option<Arc<State>>) -> Router {
    let router = reflection::install(health::install(router, state));
    let limits = Limits::default()
        .with_max_request_body_size(LARGEST_REQUEST + envelope::HEADER_SIZE)
        .with_max_message_size(LARGEST_REQUEST);
    let open: Vec<_> = router.methods().filter(|method| is_open(&format!("/{method}"))).map(str::to_owned).collect();
    open.iter().fold(router, |router, method| router.with_route_limits(method, limits))
}
