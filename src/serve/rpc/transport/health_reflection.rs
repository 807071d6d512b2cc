//! What tools ask of any gRPC server: what it serves, and whether it is well.

use std::collections::BTreeSet;
use std::sync::Arc;

use connectrpc::{ConnectError, Router};
use connectrpc_health::{Checker, HealthExt as _, HealthService, Status};
use connectrpc_reflection::Reflector;
use tokio::task::block_in_place;

use crate::serve::http::readiness::Ready;
use crate::serve::state::State;
use crate::wire::FILE_DESCRIPTOR_SET;

/// Whether a path is one of those that [`install`] adds: they ask for no token.
pub(in crate::serve::rpc) fn is_open(path: &str) -> bool {
    ["/grpc.health.", "/grpc.reflection."].iter().any(|service| path.starts_with(service))
}

/// Adds server reflection and the gRPC health service to `router`. Neither asks for a token: the schemas are public,
/// and a probe has none.
pub(in crate::serve::rpc) fn install(router: Router, state: Option<Arc<State>>) -> Router {
    let reflector = match Reflector::from_descriptor_set_bytes(FILE_DESCRIPTOR_SET) {
        Ok(reflector) => reflector,
        Err(error) => {
            // A fault of this build, which a test would have found; everything else works without.
            tracing::error!(%error, "no server reflection");
            return router;
        }
    };
    let services = reflector.service_names().into_iter().collect();
    let health = Arc::new(HealthService::new(Health { state, services }));
    let router = connectrpc_health::apply_request_limits(health.register(router), connectrpc_health::request_limits());
    connectrpc_reflection::install(router, reflector)
}

/// Says of every service what `/readyz` says. Changes are not pushed to clients: a stream that stays open would hold
/// up every stop.
struct Health {
    /// None where the RPCs are only listed or fed with noise.
    state: Option<Arc<State>>,
    services: BTreeSet<String>,
}

impl Checker for Health {
    async fn check(&self, service: &str) -> Result<Status, ConnectError> {
        if !service.is_empty() && !self.services.contains(service) {
            return Err(ConnectError::not_found(format!("there is no service {service} here")));
        }
        let Some(state) = &self.state else { return Ok(Status::NotServing) };
        Ok(match block_in_place(|| state.readiness.ask(state.store())) {
            Ready::Yes | Ready::ReadsOnly => Status::Serving,
            Ready::No(_) => Status::NotServing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_can_be_reflected() {
        let reflector = Reflector::from_descriptor_set_bytes(FILE_DESCRIPTOR_SET).unwrap();
        let names = reflector.service_names();
        assert!(names.contains(&"buf.registry.module.v1.UploadService".to_owned()), "{names:?}");
    }
}
