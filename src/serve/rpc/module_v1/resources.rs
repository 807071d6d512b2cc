//! The resource service: the module, label or commit that a reference names.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::Answer;
use crate::wire::buf::registry::module::v1::{GetResourcesRequest, GetResourcesResponse, Resource, ResourceService};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::{conversions, references};

impl ResourceService for Rpc {
    async fn get_resources(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetResourcesRequest>,
    ) -> ServiceResult<GetResourcesResponse> {
        self.read(&ctx, |call| get(call, request.to_owned_message()))
    }
}

fn get(call: &Call, request: GetResourcesRequest) -> Answer<GetResourcesResponse> {
    batch("resource_refs", &request.resource_refs)?;
    let mut resources = vec![];
    for reference in request.resource_refs {
        let value = match references::resource(call, &reference.into())? {
            references::Resource::Module(module) => conversions::module(&module).into(),
            references::Resource::Label(module, label) => conversions::label(&module, &label).into(),
            references::Resource::Commit(module, commit) => conversions::commit(&module, &commit).into(),
        };
        resources.push(Resource { value });
    }
    Ok(GetResourcesResponse { resources })
}
