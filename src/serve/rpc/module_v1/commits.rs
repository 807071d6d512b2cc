//! The commit service: looks up and lists commits.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module, Page};
use crate::wire::buf::registry::module::v1::{
    CommitService, GetCommitsRequest, GetCommitsResponse, ListCommitsRequest, ListCommitsResponse,
    list_commits_request::Order,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, batch, next_token};
use crate::serve::rpc::call::references::{Resource, ResourceRef};
use crate::serve::rpc::call::{conversions, references};

impl CommitService for Rpc {
    async fn get_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetCommitsRequest>,
    ) -> ServiceResult<GetCommitsResponse> {
        self.read(&ctx, |call| {
            let found = find(call, request.to_owned_message().resource_refs)?;
            let commits = found.iter().map(|(module, commit)| conversions::commit(module, commit)).collect();
            Ok(GetCommitsResponse { commits })
        })
    }

    async fn list_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListCommitsRequest>,
    ) -> ServiceResult<ListCommitsResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let window = Window::of(request.page_size, &request.page_token)?;
            let newest_first = request.order != Order::ORDER_CREATE_TIME_ASC;
            let reference = request.resource_ref.into_option().unwrap_or_default().into();
            let (module, page) = list(call, &reference, newest_first, &request.id_query, window)?;
            let commits = page.items.iter().map(|commit| conversions::commit(&module, commit)).collect();
            Ok(ListCommitsResponse { next_page_token: next_token(page.next), commits })
        })
    }
}

/// The commits that the references lead to, each with its module, in the order of the references.
pub(in crate::serve::rpc) fn find<R: Into<ResourceRef>>(
    call: &Call,
    references: Vec<R>,
) -> Answer<Vec<(Module, Commit)>> {
    batch("resource_refs", &references)?;
    references.into_iter().map(|reference| references::commit(call, &reference.into())).collect()
}

/// Lists the commits of a reference: all commits of a module, the commit of a label, or the commit itself.
pub(in crate::serve::rpc) fn list(
    call: &Call,
    reference: &ResourceRef,
    newest_first: bool,
    id_query: &str,
    window: Window,
) -> Answer<(Module, Page<Commit>)> {
    let query = id_query.to_ascii_lowercase();
    if !query.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Refusal::invalid(format!(
            "id_query {id_query:?} is not a part of a commit id: use hexadecimal digits"
        )));
    }
    match references::resource(call, reference)? {
        Resource::Module(module) => {
            let query = Some(query.as_str()).filter(|query| !query.is_empty());
            let page = call.store().list_commits(module.id, newest_first, query, window.offset, window.limit)?;
            Ok((module, page))
        }
        one => {
            let (module, commit) = references::commit_of(call, one)?;
            let matches = commit.id.to_string().contains(&query);
            Ok((module, window.cut(matches.then_some(commit).into_iter().collect())))
        }
    }
}
