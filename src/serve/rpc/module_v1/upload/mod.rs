//! The upload service: pushes.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use connectrpc::{RequestContext, Response, ServiceRequest, ServiceResult};
use http::HeaderValue;
use tokio::task::block_in_place;
use tracing::Instrument as _;

use crate::actions::access::{Access, viewer};
use crate::actions::field_rules;
use crate::model::{
    BreakingConfig, FilePath, LabelError, LabelName, Limits, ModuleFile, ModuleId, ModuleName, PathError, Snapshot,
    SnapshotError,
};
use crate::publish::{Publisher, Push, PushContent};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module};
use crate::trace;
use crate::wire::buf::registry::module::v1::{
    File, ScopedLabelRef, UploadRequest, UploadResponse, UploadService, scoped_label_ref, upload_request,
};
use crate::wire::{
    ALLOW_BREAKING_HEADER, BREAKING_HEADER, NO_WAIT_HEADER, UNCHANGED_HEADER, WARNING_HEADER, encode_warning,
};

use super::missing_dependencies::{Needed, NeededRef, check_here, checked_all, fetch_missing};
use super::push_warning;
use crate::serve::rpc::call::breaking_rules::breaking_config;
use crate::serve::rpc::call::context::{Call, Rpc, answer, patience, refused};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references::ModuleRef;
use crate::serve::rpc::call::{conversions, references};

/// The most names and paths in the exceptions of one module's `buf.yaml`.
const MOST_EXCEPTIONS: usize = 1000;

impl UploadService for Rpc {
    async fn upload(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UploadRequest>,
    ) -> ServiceResult<UploadResponse> {
        let request = request.to_owned_message();
        let contents = request.contents.into_iter().map(Content::from).collect();
        let needed = request.dep_commit_ids.into_iter().map(NeededRef::here).collect();
        let pushed = push(self, &ctx, contents, needed).await.map_err(refused)?;
        let commits = pushed.commits.iter().map(|(module, commit)| conversions::commit(module, commit)).collect();
        Ok(pushed.warn(answer(Ok(UploadResponse { commits }))?))
    }
}

/// One content of a push, of either API version.
pub(in crate::serve::rpc) struct Content {
    pub module: ModuleRef,
    /// Paths and contents.
    pub files: Vec<(String, Bytes)>,
    pub labels: Vec<LabelRef>,
    pub source_control_url: String,
    /// The exceptions that the module's `buf.yaml` makes; `buf` sends none.
    pub breaking: BreakingConfig,
}

/// A label of the content's module.
pub(in crate::serve::rpc) enum LabelRef {
    /// Neither arm is set.
    Missing,
    Id(String),
    Name(String),
}

impl From<upload_request::Content> for Content {
    fn from(wire: upload_request::Content) -> Self {
        let file = |file: File| (file.path, file.content);
        let label = |label: ScopedLabelRef| match label.value {
            None => LabelRef::Missing,
            Some(scoped_label_ref::Value::Id(id)) => LabelRef::Id(id),
            Some(scoped_label_ref::Value::Name(name)) => LabelRef::Name(name),
        };
        Self {
            module: wire.module_ref.into_option().unwrap_or_default().into(),
            files: wire.files.into_iter().map(file).collect(),
            labels: wire.scoped_label_refs.into_iter().map(label).collect(),
            source_control_url: wire.source_control_url,
            breaking: breaking_config(wire.breaking_rules.into_option().unwrap_or_default()),
        }
    }
}

/// The reply to a durable push.
pub(in crate::serve::rpc) struct PushReply {
    /// The commits with their modules, in the order of the request.
    pub commits: Vec<(Module, Commit)>,
    warning: String,
    /// What the push breaks.
    breaking: String,
    /// The ids of the commits that the push did not create, separated by commas.
    unchanged: String,
}

impl PushReply {
    /// Adds the headers that tell more than the commits.
    pub(in crate::serve::rpc) fn warn<T>(&self, mut response: Response<T>) -> Response<T> {
        let both = [&self.breaking, &self.warning].map(String::as_str);
        let both: Vec<_> = both.into_iter().filter(|text| !text.is_empty()).collect();
        let texts = [(WARNING_HEADER, both.join("\n")), (BREAKING_HEADER, self.breaking.clone())];
        let encoded = texts.map(|(name, text)| (name, encode_warning(&text)));
        for (name, value) in encoded.into_iter().chain([(UNCHANGED_HEADER, self.unchanged.clone())]) {
            if let Ok(value) = HeaderValue::from_str(&value)
                && !value.is_empty()
            {
                response.headers.insert(name, value);
            }
        }
        response
    }
}

/// Pushes `contents`, and waits a little for their SDKs.
///
/// # Errors
/// When the push is refused; then nothing of it is stored.
pub(in crate::serve::rpc) async fn push(
    rpc: &Rpc,
    ctx: &RequestContext,
    contents: Vec<Content>,
    needed: Vec<NeededRef>,
) -> Answer<PushReply> {
    let call = rpc.writer(ctx)?;
    let needed = checked_all(needed, &call.address(ctx))?;
    let allow_breaking = ctx.headers().contains_key(ALLOW_BREAKING_HEADER);
    block_in_place(|| may_push(&call, &contents, allow_breaking))?;
    fetch_missing(&call, ctx, &needed).await?;
    let push = block_in_place(|| checked(&call, contents, &needed))?;
    let push = Push { allow_breaking, ..push };
    let modules: BTreeMap<ModuleId, Module> =
        push.contents.iter().map(|content| (content.module.id, content.module.clone())).collect();
    let pushed = call.push_work(ctx, move |publisher: &Publisher| publisher.push(&push)).await?;

    let wait = match ctx.headers().contains_key(NO_WAIT_HEADER) {
        true => Duration::ZERO,
        false => patience(ctx, call.state.push_wait),
    };
    // The push is durable, so the reply has its commits whatever fails from here on.
    let span = tracing::info_span!(target: trace::TARGET, "wait for SDKs");
    if let Err(error) = call.state.publisher.wait_for_sdks(&pushed.sdks, wait).instrument(span).await {
        tracing::error!(%error, "could not wait for the SDKs of a push");
    }
    let warning = block_in_place(|| push_warning::of_push(&call, &pushed.sdks, &pushed.created)).unwrap_or_default();
    let old = pushed.commits.iter().map(|commit| commit.id).filter(|id| !pushed.created.contains(id));
    let unchanged = old.map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let with_module = |commit: Commit| Some((modules.get(&commit.module)?.clone(), commit));
    let commits = pushed.commits.into_iter().filter_map(with_module).collect();
    Ok(PushReply { commits, warning, breaking: push_warning::of_breaking(&pushed.breaking), unchanged })
}

/// Refuses callers who may not push to all of the modules, before anything is fetched for them.
fn may_push(call: &Call, contents: &[Content], allow_breaking: bool) -> Answer<()> {
    batch("contents", contents)?;
    for content in contents {
        let module = module(call, content)?;
        if allow_breaking {
            call.require(module.owner, Access::Admin, &format!("push breaking changes to module {}", module.name))?;
        }
    }
    Ok(())
}

fn module(call: &Call, content: &Content) -> Answer<Module> {
    let module = references::module(call, &content.module)?;
    call.require(module.owner, Access::Write, &format!("push to module {}", module.name))?;
    Ok(module)
}

fn checked(call: &Call, contents: Vec<Content>, needed: &[Needed]) -> Answer<Push> {
    let limits = *call.state.publisher.limits();
    let files: usize = contents.iter().map(|content| content.files.len()).sum();
    limits.check_files("the push", files as u64)?;
    check_here(call, needed)?;
    let dependencies = needed.iter().map(|needed| needed.commit).collect();
    let contents = contents.into_iter().map(|content| checked_content(call, content, &limits));
    let (by, viewer) = (call.actor().author()?, viewer(&call.caller));
    Ok(Push { contents: contents.collect::<Answer<_>>()?, dependencies, by, viewer, allow_breaking: false })
}

fn checked_content(call: &Call, content: Content, limits: &Limits) -> Answer<PushContent> {
    let module = module(call, &content)?;
    let labels = content.labels.iter().map(|label| label_name(call, &module, label)).collect::<Answer<_>>()?;
    let snapshot = snapshot(&module.name, content.files, limits)?;
    let source_control_url = field_rules::url("source_control_url", &content.source_control_url)?;
    Ok(PushContent { module, snapshot, labels, source_control_url, breaking: few(content.breaking)? })
}

/// Each finding is looked for among all exceptions, so they are few.
fn few(breaking: BreakingConfig) -> Answer<BreakingConfig> {
    let paths = breaking.ignore.len() + breaking.ignore_only.values().map(Vec::len).sum::<usize>();
    let all = paths + breaking.except.len() + breaking.ignore_only.len();
    if all > MOST_EXCEPTIONS {
        let message =
            format!("the breaking section of a buf.yaml makes {all} exceptions; the limit is {MOST_EXCEPTIONS}");
        return Err(Refusal::invalid(message));
    }
    Ok(breaking)
}

fn label_name(call: &Call, module: &Module, label: &LabelRef) -> Answer<LabelName> {
    match label {
        LabelRef::Missing => Err(Refusal::invalid("a label reference in the request is empty; set its id or its name")),
        LabelRef::Name(name) => name.parse().map_err(|error: LabelError| Refusal::invalid(error.to_string())),
        LabelRef::Id(id) => match references::label_by_id(call, id)? {
            (found, label) if found.id == module.id => Ok(label.name),
            _ => Err(Refusal::not_found(format!("module {} has no label with the id {id}", module.name))),
        },
    }
}

/// The files of a push as a snapshot.
///
/// # Errors
/// When they are no module, or too many.
pub(in crate::serve::rpc) fn snapshot(
    module: &ModuleName,
    files: Vec<(String, Bytes)>,
    limits: &Limits,
) -> Answer<Snapshot> {
    let file = |(path, content): (String, Bytes)| Ok(ModuleFile { path: path.parse::<FilePath>()?, content });
    let files: Result<Vec<_>, PathError> = files.into_iter().map(file).collect();
    let checked = files.map_err(SnapshotError::from).and_then(|files| Snapshot::new(files, limits));
    checked.map_err(|error| match error {
        SnapshotError::Limit(limit) => limit.into(),
        other => Refusal::unprocessable(format!("module {module}: {other}")),
    })
}

#[cfg(test)]
mod tests;
