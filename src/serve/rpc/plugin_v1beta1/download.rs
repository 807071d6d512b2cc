//! The download service of check plugins: the programs of commits.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::{Answer, Refusal};
use crate::wire::buf::registry::plugin::v1beta1::{
    CompressionType, DownloadRequest, DownloadResponse, DownloadService, download_request, download_response,
};

use super::{conversions, references};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::batch;

impl DownloadService for Rpc {
    async fn download(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DownloadRequest>,
    ) -> ServiceResult<DownloadResponse> {
        self.read(&ctx, |call| contents(call, &request.to_owned_message().values))
    }
}

/// The programs, as large together as a push may be.
fn contents(call: &Call, values: &[download_request::Value]) -> Answer<DownloadResponse> {
    batch("values", values)?;
    let limits = call.state.publisher.limits();
    let (mut contents, mut size) = (vec![], 0);
    for value in values {
        let (plugin, commit) = references::commit(call, &value.resource_ref)?;
        let gone = || Refusal::not_found(format!("commit {} of check plugin {} is gone", commit.id, plugin.name));
        let content = call.store().check_plugin_program(commit.id)?.ok_or_else(gone)?;
        size += content.len() as u64;
        limits.check_body("the total of the check plugins of one request", size)?;
        contents.push(download_response::Content {
            commit: conversions::commit(&plugin, &commit).into(),
            compression_type: CompressionType::COMPRESSION_TYPE_NONE.into(),
            content,
        });
    }
    Ok(DownloadResponse { contents })
}
