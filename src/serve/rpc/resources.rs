//! Resources: what a reference names, without going on to a commit.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::error::Answer;
use crate::wire::buf::registry::module::v1::{GetResourcesRequest, GetResourcesResponse, Resource, ResourceService};

use super::call::{Call, Rpc};
use super::paging::batch;
use super::{convert, refs};

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
        let value = match refs::resource(call, &reference.into())? {
            refs::Resource::Module(module) => convert::module(&module).into(),
            refs::Resource::Label(module, label) => convert::label(&module, &label).into(),
            refs::Resource::Commit(module, commit) => convert::commit(&module, &commit).into(),
        };
        resources.push(Resource { value });
    }
    Ok(GetResourcesResponse { resources })
}
