//! Names of deleted owners, for administrators of the registry.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::organizations;
use crate::model::OwnerName;
use crate::serve::http::error::{Answer, Refusal};
use crate::wire::registry::v1::{
    FreeNameRequest, FreeNameResponse, ListRestingNamesRequest, ListRestingNamesResponse, NameService, RestingName,
};
use crate::wire::time_to_wire;

use crate::serve::rpc::call::context::{Call, Rpc};

impl NameService for Rpc {
    async fn list_resting_names(
        &self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, ListRestingNamesRequest>,
    ) -> ServiceResult<ListRestingNamesResponse> {
        self.read(&ctx, list)
    }

    async fn free_name(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, FreeNameRequest>,
    ) -> ServiceResult<FreeNameResponse> {
        self.write(&ctx, |call| free(call, &request.to_owned_message().name))
    }
}

fn list(call: &Call) -> Answer<ListRestingNamesResponse> {
    call.require_admin("see the names of deleted organizations")?;
    let rest = call.state.publisher.name_rest();
    let names = call.store().resting_names()?.into_iter().map(|resting| RestingName {
        name: resting.name.to_string(),
        delete_time: time_to_wire(resting.deleted).into(),
        free_time: time_to_wire(resting.free_at(rest)).into(),
    });
    Ok(ListRestingNamesResponse { names: names.collect() })
}

fn free(call: &Call, name: &str) -> Answer<FreeNameResponse> {
    let name: OwnerName = name.parse().map_err(|error: crate::model::NameError| Refusal::invalid(error.to_string()))?;
    organizations::free_name(&call.actor(), &name)?;
    Ok(FreeNameResponse {})
}
