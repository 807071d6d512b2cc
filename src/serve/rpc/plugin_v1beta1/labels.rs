//! The label service of check plugins.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::check_plugins::{self, PointCheckPluginLabel};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{CheckPlugin, CheckPluginCommit, CheckPluginLabel, LabelEvent, LabelFilter, Order};
use crate::wire::buf::registry::plugin::v1beta1::{
    ArchiveLabelsRequest, ArchiveLabelsResponse, CreateOrUpdateLabelsRequest, CreateOrUpdateLabelsResponse,
    GetLabelsRequest, GetLabelsResponse, LabelRef, LabelService, ListLabelHistoryRequest, ListLabelHistoryResponse,
    ListLabelsRequest, ListLabelsResponse, UnarchiveLabelsRequest, UnarchiveLabelsResponse,
    create_or_update_labels_request, list_label_history_request, list_label_history_response, list_labels_request,
};

use super::references::Resource;
use super::{conversions, references};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, all, batch, next_token};

impl LabelService for Rpc {
    async fn get_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetLabelsRequest>,
    ) -> ServiceResult<GetLabelsResponse> {
        self.read(&ctx, |call| {
            let found = find(call, &request.to_owned_message().label_refs)?;
            Ok(GetLabelsResponse {
                labels: found.iter().map(|(plugin, label)| conversions::label(plugin, label)).collect(),
            })
        })
    }

    async fn list_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListLabelsRequest>,
    ) -> ServiceResult<ListLabelsResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }

    async fn list_label_history(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListLabelHistoryRequest>,
    ) -> ServiceResult<ListLabelHistoryResponse> {
        self.read(&ctx, |call| history(call, &request.to_owned_message()))
    }

    async fn create_or_update_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateOrUpdateLabelsRequest>,
    ) -> ServiceResult<CreateOrUpdateLabelsResponse> {
        self.write(&ctx, |call| {
            let values = request.to_owned_message().values;
            batch("values", &values)?;
            let requested: Vec<_> = values.iter().map(|value| requested(call, value)).collect::<Answer<_>>()?;
            let labels = check_plugins::point(&call.actor(), &requested)?;
            let labels = labels.iter().map(|(plugin, label)| conversions::label(plugin, label)).collect();
            Ok(CreateOrUpdateLabelsResponse { labels })
        })
    }

    async fn archive_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ArchiveLabelsRequest>,
    ) -> ServiceResult<ArchiveLabelsResponse> {
        self.write(&ctx, |call| {
            let labels = find(call, &request.to_owned_message().label_refs)?;
            check_plugins::set_archived(&call.actor(), &labels, true)?;
            Ok(ArchiveLabelsResponse {})
        })
    }

    async fn unarchive_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UnarchiveLabelsRequest>,
    ) -> ServiceResult<UnarchiveLabelsResponse> {
        self.write(&ctx, |call| {
            let labels = find(call, &request.to_owned_message().label_refs)?;
            check_plugins::set_archived(&call.actor(), &labels, false)?;
            Ok(UnarchiveLabelsResponse {})
        })
    }
}

fn find(call: &Call, references: &[LabelRef]) -> Answer<Vec<(CheckPlugin, CheckPluginLabel)>> {
    batch("label_refs", references)?;
    references.iter().map(|reference| references::label(call, reference)).collect()
}

fn requested(call: &Call, value: &create_or_update_labels_request::Value) -> Answer<PointCheckPluginLabel> {
    let (plugin, label) = references::label_place(call, &value.label_ref)?;
    Ok(PointCheckPluginLabel { plugin, label, target: value.commit_id.parse()? })
}

fn list(call: &Call, request: &ListLabelsRequest) -> Answer<ListLabelsResponse> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let (filter, part) = (filter(request), (window.offset, window.limit));
    let (plugin, page) = match references::resource(call, &request.resource_ref)? {
        Resource::Plugin(plugin) => {
            let page = call.store().list_check_plugin_labels(plugin.id, None, &filter, part)?;
            (plugin, page)
        }
        Resource::Commit(plugin, commit) => {
            let page = call.store().list_check_plugin_labels(plugin.id, Some(commit.id), &filter, part)?;
            (plugin, page)
        }
        Resource::Label(plugin, label) => (plugin, window.cut(vec![label])),
    };
    let labels = page.items.iter().map(|label| conversions::label(&plugin, label)).collect();
    Ok(ListLabelsResponse { next_page_token: next_token(page.next), labels })
}

fn filter(request: &ListLabelsRequest) -> LabelFilter {
    use list_labels_request::{ArchiveFilter as A, Order as O};
    let archived = match request.archive_filter.as_known().unwrap_or_default() {
        A::ARCHIVE_FILTER_UNSPECIFIED | A::ARCHIVE_FILTER_UNARCHIVED_ONLY => Some(false),
        A::ARCHIVE_FILTER_ARCHIVED_ONLY => Some(true),
        A::ARCHIVE_FILTER_ALL => None,
    };
    let order = match request.order.as_known().unwrap_or_default() {
        O::ORDER_UNSPECIFIED | O::ORDER_CREATE_TIME_DESC => Order::NewestFirst,
        O::ORDER_CREATE_TIME_ASC => Order::OldestFirst,
        O::ORDER_UPDATE_TIME_DESC => Order::UpdatedFirst,
        O::ORDER_UPDATE_TIME_ASC => Order::UpdatedLast,
    };
    LabelFilter { archived, query: Some(request.name_query.clone()).filter(|query| !query.is_empty()), order }
}

/// All moves of a label, each with the commit that it moved to.
pub(super) fn history_commits(
    call: &Call,
    label: &CheckPluginLabel,
    newest_first: bool,
) -> Answer<Vec<(LabelEvent, CheckPluginCommit)>> {
    let read = |offset, limit| call.store().check_plugin_label_history(label.id, newest_first, (offset, limit));
    let mut moves = vec![];
    for event in all(read)? {
        moves.extend(call.store().check_plugin_commit(event.commit)?.map(|commit| (event, commit)));
    }
    Ok(moves)
}

fn history(call: &Call, request: &ListLabelHistoryRequest) -> Answer<ListLabelHistoryResponse> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let (plugin, label) = references::label(call, &request.label_ref)?;
    let newest_first = request.order != list_label_history_request::Order::ORDER_ASC;
    let mut moves = history_commits(call, &label, newest_first)?;
    if !request.start_commit_id.is_empty() {
        let start = &request.start_commit_id;
        let never = || Refusal::not_found(format!("the label never pointed at commit {start}"));
        let at = moves.iter().position(|(_, commit)| commit.id.to_string() == *start).ok_or_else(never)?;
        moves.drain(..at);
    }
    if request.only_commits_with_changed_digests {
        // Of neighbours with one digest the oldest stays.
        if newest_first {
            moves.reverse();
        }
        moves.dedup_by(|later, earlier| later.1.digest == earlier.1.digest);
        if newest_first {
            moves.reverse();
        }
    }
    let page = window.cut(moves);
    let value = |(_, commit): &(LabelEvent, CheckPluginCommit)| list_label_history_response::Value {
        commit: conversions::commit(&plugin, commit).into(),
    };
    let values = page.items.iter().map(value).collect();
    Ok(ListLabelHistoryResponse { next_page_token: next_token(page.next), values })
}
