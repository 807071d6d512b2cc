//! The commit service of check plugins.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::serve::http::error::Answer;
use crate::wire::buf::registry::plugin::v1beta1::{
    CommitService, GetCommitsRequest, GetCommitsResponse, ListCommitsRequest, ListCommitsResponse, list_commits_request,
};

use super::references::Resource;
use super::{conversions, references};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, batch, next_token};

impl CommitService for Rpc {
    async fn get_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetCommitsRequest>,
    ) -> ServiceResult<GetCommitsResponse> {
        self.read(&ctx, |call| {
            let references = request.to_owned_message().resource_refs;
            batch("resource_refs", &references)?;
            let commit = |reference| {
                let (plugin, commit) = references::commit(call, reference)?;
                Ok(conversions::commit(&plugin, &commit))
            };
            Ok(GetCommitsResponse { commits: references.iter().map(commit).collect::<Answer<_>>()? })
        })
    }

    async fn list_commits(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListCommitsRequest>,
    ) -> ServiceResult<ListCommitsResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }
}

/// The commits of a plugin; those that a label has pointed at; or one commit.
fn list(call: &Call, request: &ListCommitsRequest) -> Answer<ListCommitsResponse> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let newest_first = request.order != list_commits_request::Order::ORDER_CREATE_TIME_ASC;
    let part = (window.offset, window.limit);
    let (plugin, page) = match references::resource(call, &request.resource_ref)? {
        Resource::Plugin(plugin) => {
            let page = call.store().list_check_plugin_commits(plugin.id, newest_first, &request.id_query, part)?;
            (plugin, page)
        }
        Resource::Label(plugin, label) => {
            let found = super::labels::history_commits(call, &label, newest_first)?;
            let mut commits: Vec<_> = found.into_iter().map(|(_, commit)| commit).collect();
            commits.retain(|commit| commit.id.to_string().starts_with(&request.id_query.to_ascii_lowercase()));
            (plugin, window.cut(commits))
        }
        Resource::Commit(plugin, commit) => (plugin, window.cut(vec![commit])),
    };
    let commits = page.items.iter().map(|commit| conversions::commit(&plugin, commit)).collect();
    Ok(ListCommitsResponse { next_page_token: next_token(page.next), commits })
}
