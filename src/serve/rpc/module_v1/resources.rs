//! The resource service: the module, label or commit that a reference names.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::Answer;
use crate::wire::buf::registry::module::v1::{GetResourcesRequest, GetResourcesResponse, Resource, ResourceService};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references::{Resource as Found, ResourceRef};
use crate::serve::rpc::call::{conversions, references};

impl ResourceService for Rpc {
    async fn get_resources(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetResourcesRequest>,
    ) -> ServiceResult<GetResourcesResponse> {
        self.read(&ctx, |call| {
            let found = find(call, request.to_owned_message().resource_refs)?;
            let resource = |found: &Found| match found {
                Found::Module(module) => conversions::module(module).into(),
                Found::Label(module, label) => conversions::label(module, label).into(),
                Found::Commit(module, commit) => conversions::commit(module, commit).into(),
            };
            let resources = found.iter().map(|found| Resource { value: resource(found) }).collect();
            Ok(GetResourcesResponse { resources })
        })
    }
}

/// What the references name, in their order.
pub(in crate::serve::rpc) fn find<R: Into<ResourceRef>>(call: &Call, references: Vec<R>) -> Answer<Vec<Found>> {
    batch("resource_refs", &references)?;
    references.into_iter().map(|reference| references::resource(call, &reference.into())).collect()
}
