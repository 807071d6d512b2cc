//! API v1beta1, which `buf` uses for modules with a `buf.yaml` v1: the same responses, with the b4 digests that
//! `buf.lock` v1 holds. Methods without a commit in their response are those of v1.

use bytes::Bytes;
use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{BreakingConfig, CommitId, ModuleFile};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, LabelEvent, Module};
use crate::wire::buf::registry::module::v1beta1::{
    CommitService, DigestType, DownloadRequest, DownloadResponse, DownloadService, File, FileType, GetCommitsRequest,
    GetCommitsResponse, GetGraphRequest, GetGraphResponse, GetResourcesRequest, GetResourcesResponse, Graph,
    GraphService, LabelService, ListCommitsRequest, ListCommitsResponse, ListLabelHistoryRequest,
    ListLabelHistoryResponse, ModuleService, Resource, ResourceService, ScopedLabelRef, UploadRequest, UploadResponse,
    UploadService, download_request, download_response, graph as wire,
    list_commits_request::Order,
    list_label_history_response, scoped_label_ref,
    upload_request::{self, DepRef},
};

use crate::wire::buf::registry::module::{v1, v1beta1};

use super::call::context::{Call, Rpc, answer, refused};
use super::call::conversions::{self, BetaDigest, beta_commit};
use super::call::pagination::{Window, batch, next_token};
use super::call::references;
use super::module_v1::download::{FileKind, Filter};
use super::module_v1::missing_dependencies::NeededRef;
use super::module_v1::upload::{Content, LabelRef};
use super::module_v1::{commits, download, graph, labels, resources, upload};

/// The methods that v1beta1 has in common with v1, messages included.
macro_rules! as_in_v1 {
    ($service:ident { $($method:ident($request:ident) -> $response:ident;)* }) => {$(
        async fn $method(
            &self,
            ctx: RequestContext,
            request: ServiceRequest<'_, v1::$request>,
        ) -> ServiceResult<v1::$response> {
            v1::$service::$method(self, ctx, request).await
        }
    )*};
}

/// Whether the b4 digest is requested.
fn asks_for_b4(wire: buffa::EnumValue<DigestType>) -> Answer<bool> {
    match wire.as_known() {
        Some(DigestType::DIGEST_TYPE_B4) => Ok(true),
        Some(DigestType::DIGEST_TYPE_UNSPECIFIED | DigestType::DIGEST_TYPE_B5) => Ok(false),
        None => Err(Refusal::invalid(format!("digest_type {} is unknown; use 1 (B4) or 2 (B5)", wire.to_i32()))),
    }
}

/// A commit of `module` with the requested digest.
fn to_message(call: &Call, module: &Module, commit: &Commit, is_b4: bool) -> Answer<v1beta1::Commit> {
    let digest = if is_b4 { BetaDigest::B4(call.state.publisher.b4_digest(commit)?) } else { BetaDigest::B5 };
    Ok(beta_commit(module, commit, digest))
}

impl CommitService for Rpc {
    async fn get_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetCommitsRequest>,
    ) -> ServiceResult<GetCommitsResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let is_b4 = asks_for_b4(request.digest_type)?;
            let found = commits::find(call, request.resource_refs)?;
            let commits = found.iter().map(|(module, commit)| to_message(call, module, commit, is_b4));
            Ok(GetCommitsResponse { commits: commits.collect::<Answer<_>>()? })
        })
    }

    async fn list_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListCommitsRequest>,
    ) -> ServiceResult<ListCommitsResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let is_b4 = asks_for_b4(request.digest_type)?;
            let window = Window::of(request.page_size, &request.page_token)?;
            let newest_first = request.order != Order::ORDER_CREATE_TIME_ASC;
            let reference = request.resource_ref.into_option().unwrap_or_default().into();
            let (module, page) = commits::list(call, &reference, newest_first, &request.id_query, window)?;
            let commits = page.items.iter().map(|commit| to_message(call, &module, commit, is_b4));
            Ok(ListCommitsResponse { next_page_token: next_token(page.next), commits: commits.collect::<Answer<_>>()? })
        })
    }
}

impl GraphService for Rpc {
    async fn get_graph(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetGraphRequest>,
    ) -> ServiceResult<GetGraphResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let here = address(call, &ctx, &request);
            let is_b4 = asks_for_b4(request.digest_type)?;
            let references: Vec<_> = request
                .resource_refs
                .into_iter()
                .map(|root| root.resource_ref.into_option().unwrap_or_default())
                .collect();
            let found = graph::load(call, &commits::find(call, references)?)?;
            let commit = |(module, commit): &(_, _)| -> Answer<_> {
                let commit = to_message(call, module, commit, is_b4)?;
                Ok(wire::Commit { commit: commit.into(), registry: here.clone() })
            };
            let commits = found.commits.iter().map(commit).collect::<Answer<_>>()?;
            let edges = found.edges.iter().map(|(from, to)| edge(*from, *to, &here)).collect();
            Ok(GetGraphResponse { graph: Graph { commits, edges }.into() })
        })
    }
}

/// This registry as the client addresses it: by the request's own field, else by the origin of the request.
fn address(call: &Call, ctx: &RequestContext, request: &GetGraphRequest) -> String {
    let named = request.resource_refs.iter().map(|root| root.registry.as_str()).find(|registry| !registry.is_empty());
    if let Some(named) = named {
        return named.to_owned();
    }
    call.address(ctx)
}

fn edge(from: CommitId, to: CommitId, registry: &str) -> wire::Edge {
    let node = |commit: CommitId| wire::Node { commit_id: commit.to_string(), registry: registry.to_owned() };
    wire::Edge { from_node: node(from).into(), to_node: node(to).into() }
}

impl DownloadService for Rpc {
    async fn download(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DownloadRequest>,
    ) -> ServiceResult<DownloadResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let is_b4 = asks_for_b4(request.digest_type)?;
            batch("values", &request.values)?;
            let contents = request.values.into_iter().map(|value| content(call, value, is_b4));
            Ok(DownloadResponse { contents: contents.collect::<Answer<_>>()? })
        })
    }
}

fn content(call: &Call, value: download_request::Value, is_b4: bool) -> Answer<download_response::Content> {
    let types = value.file_types.iter().filter_map(|kind| kind.as_known());
    let filter = Filter {
        types: types.filter_map(kind_of).collect(),
        paths: value.paths,
        may_miss: value.paths_allow_not_exist,
    };
    let reference = value.resource_ref.into_option().unwrap_or_default().into();
    let (module, commit, files) = download::files(call, &reference, &filter)?;
    let file = |file: ModuleFile| File { path: file.path.to_string(), content: file.content };
    // Without a `buf.yaml` or `buf.lock` v1, the b4 digest is the digest of the files.
    let (locks, yamls): (Vec<_>, Vec<_>) =
        call.store().v1_files(commit.id)?.into_iter().partition(|file| file.path.as_str() == "buf.lock");
    Ok(download_response::Content {
        commit: to_message(call, &module, &commit, is_b4)?.into(),
        files: files.into_iter().map(file).collect(),
        v1_buf_yaml_file: yamls.into_iter().next().map(file).into(),
        v1_buf_lock_file: locks.into_iter().next().map(file).into(),
    })
}

fn kind_of(wire: FileType) -> Option<FileKind> {
    match wire {
        FileType::FILE_TYPE_UNSPECIFIED => None,
        FileType::FILE_TYPE_PROTO => Some(FileKind::Proto),
        FileType::FILE_TYPE_DOC => Some(FileKind::Doc),
        FileType::FILE_TYPE_LICENSE => Some(FileKind::License),
    }
}

impl UploadService for Rpc {
    async fn upload(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UploadRequest>,
    ) -> ServiceResult<UploadResponse> {
        let request = request.to_owned_message();
        let contents = request.contents.into_iter().map(Content::from).collect();
        let needed = |needed: DepRef| NeededRef { id: needed.commit_id, registry: needed.registry };
        let needed = request.dep_refs.into_iter().map(needed).collect();
        let pushed = upload::push(self, &ctx, contents, needed).await.map_err(refused)?;
        let commit = |(module, commit): &(_, _)| beta_commit(module, commit, BetaDigest::B5);
        let commits = pushed.commits.iter().map(commit).collect();
        Ok(pushed.warn(answer(Ok(UploadResponse { commits }))?))
    }
}

impl From<upload_request::Content> for Content {
    fn from(wire: upload_request::Content) -> Self {
        let file = |file: File| -> (String, Bytes) { (file.path, file.content) };
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
            breaking: BreakingConfig::default(),
        }
    }
}

impl ModuleService for Rpc {
    as_in_v1!(ModuleService {
        get_modules(GetModulesRequest) -> GetModulesResponse;
        list_modules(ListModulesRequest) -> ListModulesResponse;
        create_modules(CreateModulesRequest) -> CreateModulesResponse;
        update_modules(UpdateModulesRequest) -> UpdateModulesResponse;
        delete_modules(DeleteModulesRequest) -> DeleteModulesResponse;
    });
}

impl LabelService for Rpc {
    as_in_v1!(LabelService {
        get_labels(GetLabelsRequest) -> GetLabelsResponse;
        list_labels(ListLabelsRequest) -> ListLabelsResponse;
        create_or_update_labels(CreateOrUpdateLabelsRequest) -> CreateOrUpdateLabelsResponse;
        archive_labels(ArchiveLabelsRequest) -> ArchiveLabelsResponse;
        unarchive_labels(UnarchiveLabelsRequest) -> UnarchiveLabelsResponse;
    });

    async fn list_label_history(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListLabelHistoryRequest>,
    ) -> ServiceResult<ListLabelHistoryResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let is_b4 = asks_for_b4(request.digest_type)?;
            let (module, page) = labels::history(call, &in_v1(request))?;
            let value = |(event, commit): &(LabelEvent, Commit)| -> Answer<_> {
                Ok(list_label_history_response::Value {
                    commit: to_message(call, &module, commit, is_b4)?.into(),
                    commit_check_state: conversions::check_state(event.at).into(),
                })
            };
            let values = page.items.iter().map(value).collect::<Answer<_>>()?;
            Ok(ListLabelHistoryResponse { next_page_token: next_token(page.next), values })
        })
    }
}

fn in_v1(wire: ListLabelHistoryRequest) -> v1::ListLabelHistoryRequest {
    v1::ListLabelHistoryRequest {
        page_size: wire.page_size,
        page_token: wire.page_token,
        label_ref: wire.label_ref,
        order: wire.order,
        commit_check_statuses: wire.commit_check_statuses,
        start_commit_id: wire.start_commit_id,
        only_commits_with_changed_digests: wire.only_commits_with_changed_digests,
    }
}

impl ResourceService for Rpc {
    async fn get_resources(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetResourcesRequest>,
    ) -> ServiceResult<GetResourcesResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let is_b4 = asks_for_b4(request.digest_type)?;
            let found = resources::find(call, request.resource_refs)?;
            let resources = found.iter().map(|found| resource(call, found, is_b4));
            Ok(GetResourcesResponse { resources: resources.collect::<Answer<_>>()? })
        })
    }
}

fn resource(call: &Call, found: &references::Resource, is_b4: bool) -> Answer<Resource> {
    let value = match found {
        references::Resource::Module(module) => conversions::module(module).into(),
        references::Resource::Label(module, label) => conversions::label(module, label).into(),
        references::Resource::Commit(module, commit) => to_message(call, module, commit, is_b4)?.into(),
    };
    Ok(Resource { value })
}
