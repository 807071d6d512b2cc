//! Who uses which version of a crate.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::usage::{self, CrateUsage, TokenUse, VersionUsage};
use crate::model::{CrateName, Timestamp};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;
use crate::serve::tasks::usage::token_hash;
use crate::wire::registry::v1::{
    GetCrateUsageRequest, GetCrateUsageResponse, TokenUse as WireTokenUse, UsageService, VersionUsage as WireUsage,
};
use crate::wire::time_to_wire;

impl UsageService for Rpc {
    async fn get_crate_usage(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetCrateUsageRequest>,
    ) -> ServiceResult<GetCrateUsageResponse> {
        self.read(&ctx, |call| get(call, &request.to_owned_message().crate_name))
    }
}

fn get(call: &Call, name: &str) -> Answer<GetCrateUsageResponse> {
    let name: CrateName = name.parse().map_err(|error: crate::model::SdkError| Refusal::invalid(error.to_string()))?;
    let of = name.module();
    let module = references::named_module(call, of.owner().as_str(), of.name().as_str())?;
    if call.state.usage.is_none() {
        return Err(Refusal::unprocessable("downloads are not counted here: the server runs with --usage=false"));
    }
    let today = call.state.publisher.clock().now().day_number();
    let CrateUsage { versions, is_partial } = usage::of_crate(&call.actor(), &module, &name, today, token_hash)?;
    if versions.is_empty() && call.store().sdks_of_crate(module.id, &name)?.is_empty() {
        return Err(Refusal::not_found(format!(
            "there is no crate {name}; `registry sdk list {of}` shows those of the module"
        )));
    }
    Ok(GetCrateUsageResponse { versions: versions.into_iter().map(to_wire).collect(), tokens_hidden: is_partial })
}

fn to_wire(usage: VersionUsage) -> WireUsage {
    let VersionUsage { downloads, tokens } = usage;
    let token = |token: TokenUse| WireTokenUse {
        token_hash: token.hash.to_string(),
        user: token.user.unwrap_or_default(),
        last_time: time_to_wire(token.last).into(),
    };
    WireUsage {
        version: downloads.version.to_string(),
        downloads: downloads.total,
        recent_downloads: downloads.recent,
        last_day: time_to_wire(Timestamp::of_day_number(downloads.last_day)).into(),
        tokens: tokens.into_iter().map(token).collect(),
    }
}
