//! The resource service of check plugins: the plugin, label or commit that a reference names.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::Answer;
use crate::wire::buf::registry::plugin::v1beta1::{
    GetResourcesRequest, GetResourcesResponse, Resource, ResourceRef, ResourceService,
};

use super::references::Resource as Found;
use super::{conversions, references};
use crate::serve::rpc::call::context::Rpc;
use crate::serve::rpc::call::pagination::batch;

impl ResourceService for Rpc {
    async fn get_resources(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetResourcesRequest>,
    ) -> ServiceResult<GetResourcesResponse> {
        self.read(&ctx, |call| {
            let references = request.to_owned_message().resource_refs;
            batch("resource_refs", &references)?;
            let resource = |reference: &ResourceRef| {
                let value = match references::resource(call, reference)? {
                    Found::Plugin(plugin) => conversions::plugin(&plugin).into(),
                    Found::Label(plugin, label) => conversions::label(&plugin, &label).into(),
                    Found::Commit(plugin, commit) => conversions::commit(&plugin, &commit).into(),
                };
                Ok(Resource { value })
            };
            Ok(GetResourcesResponse { resources: references.iter().map(resource).collect::<Answer<_>>()? })
        })
    }
}
