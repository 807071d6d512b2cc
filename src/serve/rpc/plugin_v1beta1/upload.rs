//! The upload service of check plugins. `buf` compresses the programs.

use std::io::Read as _;

use bytes::Bytes;
use connectrpc::{RequestContext, ServiceRequest, ServiceResult};
use ruzstd::decoding::StreamingDecoder;
use tokio::task::block_in_place;

use crate::actions::check_plugins::{self, CheckPluginPush};
use crate::model::{LabelName, Limits};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::CheckPlugin;
use crate::wire::buf::registry::plugin::v1beta1::{
    CompressionType, ScopedLabelRef, UploadRequest, UploadResponse, UploadService, scoped_label_ref, upload_request,
};

use super::{conversions, references};
use crate::serve::rpc::call::context::{Call, Rpc, answer};
use crate::serve::rpc::call::pagination::batch;

impl UploadService for Rpc {
    async fn upload(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UploadRequest>,
    ) -> ServiceResult<UploadResponse> {
        answer(upload(self, &ctx, request.to_owned_message()).await)
    }
}

async fn upload(rpc: &Rpc, ctx: &RequestContext, request: UploadRequest) -> Answer<UploadResponse> {
    let call = rpc.writer(ctx)?;
    let pushes = block_in_place(|| checked(&call, request.contents))?;
    let limits = *call.state.publisher.limits();
    // Programs take memory as a push does, so they wait for its turn.
    let work = move |_: &crate::publish::Publisher| unpacked(pushes, &limits);
    let pushes = call.push_work(ctx, work).await?;
    block_in_place(|| {
        let commits = check_plugins::push(&call.actor(), &pushes)?;
        Ok(UploadResponse {
            commits: commits.iter().map(|(plugin, commit)| conversions::commit(plugin, commit)).collect(),
        })
    })
}

/// What is pushed, with programs as they were sent. Refuses callers who may not push, before anything is unpacked.
fn checked(call: &Call, contents: Vec<upload_request::Content>) -> Answer<Vec<(CheckPluginPush, CompressionType)>> {
    batch("contents", &contents)?;
    let checked = |content: upload_request::Content| {
        let plugin = references::plugin(call, &content.plugin_ref)?;
        check_plugins::require_push(&call.actor(), &plugin)?;
        let labels = content.scoped_label_refs.iter().map(|label| label_name(call, &plugin, label));
        let labels = labels.collect::<Answer<_>>()?;
        let unknown = || Refusal::invalid("compression_type is unknown; use 1 (none) or 2 (zstd)");
        let compression = content.compression_type.as_known().ok_or_else(unknown)?;
        let (program, source_control_url) = (content.content, content.source_control_url);
        Ok((CheckPluginPush { plugin, program, labels, source_control_url }, compression))
    };
    contents.into_iter().map(checked).collect()
}

fn label_name(call: &Call, plugin: &CheckPlugin, label: &ScopedLabelRef) -> Answer<LabelName> {
    match &label.value {
        None => Err(Refusal::invalid("a label reference in the request is empty; set its id or its name")),
        Some(scoped_label_ref::Value::Name(name)) => references::label_name(name),
        Some(scoped_label_ref::Value::Id(id)) => match references::label_by_id(call, id)? {
            (found, label) if found.id == plugin.id => Ok(label.name),
            _ => Err(Refusal::not_found(format!("check plugin {} has no label with the id {id}", plugin.name))),
        },
    }
}

fn unpacked(pushes: Vec<(CheckPluginPush, CompressionType)>, limits: &Limits) -> Answer<Vec<CheckPluginPush>> {
    let mut size = 0;
    let unpacked = |(push, compression): (CheckPluginPush, CompressionType)| {
        let program = match compression {
            CompressionType::COMPRESSION_TYPE_ZSTD => unpack(&push.program, limits.body - size)?,
            _ => push.program,
        };
        size += program.len() as u64;
        limits.check_body("the total of the check plugins of one push", size)?;
        Ok(CheckPluginPush { program, ..push })
    };
    pushes.into_iter().map(unpacked).collect()
}

/// The unpacked program; of one that is too large as much as shows that it is.
fn unpack(packed: &[u8], most: u64) -> Answer<Bytes> {
    let malformed = |error: &dyn std::fmt::Display| Refusal::invalid(format!("a program is not zstd: {error}"));
    let decoder = StreamingDecoder::new(packed).map_err(|error| malformed(&error))?;
    let mut program = vec![];
    decoder.take(most.saturating_add(1)).read_to_end(&mut program).map_err(|error| malformed(&error))?;
    Ok(program.into())
}
