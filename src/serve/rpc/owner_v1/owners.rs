//! The owner service: users and organizations. Everyone who may read the registry may see which exist.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::Answer;
use crate::wire::buf::registry::owner::v1::{GetOwnersRequest, GetOwnersResponse, OwnerService};

use crate::serve::rpc::call::context::Rpc;
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::{conversions, references};

impl OwnerService for Rpc {
    async fn get_owners(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetOwnersRequest>,
    ) -> ServiceResult<GetOwnersResponse> {
        self.read(&ctx, |call| {
            let references = request.to_owned_message().owner_refs;
            batch("owner_refs", &references)?;
            let owner = |reference| Ok(conversions::owner(&references::owner(call, reference)?));
            let owners = references.iter().map(owner).collect::<Answer<_>>()?;
            Ok(GetOwnersResponse { owners })
        })
    }
}
