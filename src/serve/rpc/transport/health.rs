//! The health service of gRPC.

use std::sync::Arc;

use connectrpc::{ConnectError, RequestContext, Router, ServiceRequest, ServiceResult, ServiceStream};
use tokio::task::block_in_place;

use crate::serve::http::readiness::Ready;
use crate::serve::state::State;
use crate::wire::grpc::health::v1::health_check_response::ServingStatus;
use crate::wire::grpc::health::v1::{Health, HealthCheckRequest, HealthCheckResponse, HealthExt as _};

/// Adds the health service to `router`, with an answer for each of `services`.
pub(super) fn install(router: Router, state: Option<Arc<State>>, services: Vec<String>) -> Router {
    Arc::new(Readiness { state, services }).register(router)
}

/// Answers for every service what `/readyz` answers.
struct Readiness {
    /// None where the RPCs are only listed or fed with noise.
    state: Option<Arc<State>>,
    services: Vec<String>,
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
        if !service.is_empty() && !self.services.iter().any(|known| known == service) {
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
