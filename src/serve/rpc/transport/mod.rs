//! RPCs before and after their methods: limits of size and time, compression, and the services that every gRPC server has.

pub(super) mod compression;
mod health;
pub(super) mod limit_messages;
pub(super) mod limited_body;
mod reflection;
pub(super) mod request_limits;

use std::sync::Arc;

use connectrpc::{Limits, Router, envelope};

use crate::serve::state::State;

/// Largest request of the services that [`install`] adds, in bytes: the name of a service, a file or a type.
const LARGEST_REQUEST: usize = 16 << 10;

/// Whether a path is one of those that [`install`] adds: they ask for no token.
pub(super) fn is_open(path: &str) -> bool {
    ["/grpc.health.", "/grpc.reflection."].iter().any(|service| path.starts_with(service))
}

/// Adds server reflection and the gRPC health service to `router`. Neither asks for a token: the schemas are public,
/// and a probe has none.
pub(super) fn install(router: Router, state: Option<Arc<State>>) -> Router {
    let router = reflection::install(health::install(router, state));
    let limits = Limits::default()
        .with_max_request_body_size(LARGEST_REQUEST + envelope::HEADER_SIZE)
        .with_max_message_size(LARGEST_REQUEST);
    let open: Vec<_> = router.methods().filter(|method| is_open(&format!("/{method}"))).map(str::to_owned).collect();
    open.iter().fold(router, |router, method| router.with_route_limits(method, limits))
}
