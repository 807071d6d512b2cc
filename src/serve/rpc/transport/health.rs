//! The health service of gRPC.

use std::collections::BTreeSet;
use std::sync::Arc;

use connectrpc::{ConnectError, RequestContext, Router, ServiceRequest, ServiceResult, ServiceStream};
use tokio::task::block_in_place;

use crate::serve::http::monitoring::readiness::Ready;
use crate::serve::state::State;
use crate::wire::grpc::health::v1::health_check_response::ServingStatus;
use crate::wire::grpc::health::v1::{
    HEALTH_SERVICE_NAME, Health, HealthCheckRequest, HealthCheckResponse, HealthExt as _,
};

/// Adds the health service to `router`, for itself and for every service that `router` has.
pub(super) fn install(router: Router, state: Option<Arc<State>>) -> Router {
    let served = router.methods().filter_map(|method| method.split_once('/')).map(|(service, _)| service);
    let services = served.chain([HEALTH_SERVICE_NAME]).map(str::to_owned).collect();
    Arc::new(Readiness { state, services }).register(router)
}

/// Reports for every service the readiness of `/readyz`.
struct Readiness {
    /// None where the RPCs are only listed or fuzzed.
    state: Option<Arc<State>>,
    services: BTreeSet<String>,
}

impl Readiness {
    fn status(&self) -> ServingStatus {
        let Some(state) = &self.state else { return ServingStatus::NOT_SERVING };
        match block_in_place(|| state.readiness.ask(state.store())) {
            Ready::Yes | Ready::ReadsOnly => ServingStatus::SERVING,
            Ready::No(_) => ServingStatus::NOT_SERVING,
        }
    }
}

impl Health for Readiness {
    async fn check(
        &self,
        _ctx: RequestContext,
        request: ServiceRequest<'_, HealthCheckRequest>,
    ) -> ServiceResult<HealthCheckResponse> {
        let service = request.service;
        if !service.is_empty() && !self.services.contains(service) {
            return Err(ConnectError::not_found(format!("there is no service {service} here")));
        }
        connectrpc::Response::ok(HealthCheckResponse { status: self.status().into() })
    }

    async fn watch(
        &self,
        _ctx: RequestContext,
        _request: ServiceRequest<'_, HealthCheckRequest>,
    ) -> ServiceResult<ServiceStream<HealthCheckResponse>> {
        Err(ConnectError::unimplemented("this registry does not stream its health; call Check"))
    }
}
