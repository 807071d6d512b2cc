//! The label service: looks up and lists labels and their histories, points labels at commits, and archives them.

use connectrpc::{RequestContext, Response, ServiceRequest, ServiceResult};
use tokio::task::block_in_place;

use crate::actions::labels::{self, LabelPlace, PointLabel};
use crate::model::CommitId;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Label, LabelEvent, LabelFilter, Module, Order, Page};
use crate::wire::ALLOW_BREAKING_HEADER;
use crate::wire::buf::registry::module::v1::{
    ArchiveLabelsRequest, ArchiveLabelsResponse, CommitCheckStatus, CreateOrUpdateLabelsRequest,
    CreateOrUpdateLabelsResponse, GetLabelsRequest, GetLabelsResponse, LabelRef, LabelService, ListLabelHistoryRequest,
    ListLabelHistoryResponse, ListLabelsRequest, ListLabelsResponse, UnarchiveLabelsRequest, UnarchiveLabelsResponse,
    create_or_update_labels_request, list_label_history_request, list_label_history_response, list_labels_request,
};

use super::push_warning;
use crate::serve::rpc::call::context::{Call, Rpc, refused};
use crate::serve::rpc::call::pagination::{Window, all, batch, next_token};
use crate::serve::rpc::call::references::Resource;
use crate::serve::rpc::call::{conversions, references};

impl LabelService for Rpc {
    async fn get_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetLabelsRequest>,
    ) -> ServiceResult<GetLabelsResponse> {
        self.read(&ctx, |call| {
            let found = find(call, &request.to_owned_message().label_refs)?;
            Ok(GetLabelsResponse {
                labels: found.iter().map(|(module, label)| conversions::label(module, label)).collect(),
            })
        })
    }

    async fn list_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListLabelsRequest>,
    ) -> ServiceResult<ListLabelsResponse> {
        self.read(&ctx, |call| list(call, request.to_owned_message()))
    }

    async fn list_label_history(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListLabelHistoryRequest>,
    ) -> ServiceResult<ListLabelHistoryResponse> {
        self.read(&ctx, |call| {
            let (module, page) = history(call, &request.to_owned_message())?;
            let value = |(event, commit): &(LabelEvent, Commit)| list_label_history_response::Value {
                commit: conversions::commit(&module, commit).into(),
                commit_check_state: conversions::check_state(event.at).into(),
            };
            let values = page.items.iter().map(value).collect();
            Ok(ListLabelHistoryResponse { next_page_token: next_token(page.next), values })
        })
    }

    async fn create_or_update_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateOrUpdateLabelsRequest>,
    ) -> ServiceResult<CreateOrUpdateLabelsResponse> {
        let allow_breaking = ctx.headers().contains_key(ALLOW_BREAKING_HEADER);
        let call = self.writer(&ctx).map_err(refused)?;
        let pointed = block_in_place(|| create_or_update(&call, &request.to_owned_message(), allow_breaking));
        let (labels, warnings) = pointed.map_err(refused)?;
        Ok(push_warning::with_breaking(Response::new(labels), &push_warning::of_breaking(&warnings)))
    }

    async fn archive_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ArchiveLabelsRequest>,
    ) -> ServiceResult<ArchiveLabelsResponse> {
        self.write(&ctx, |call| {
            set_archived(call, &request.to_owned_message().label_refs, true)?;
            Ok(ArchiveLabelsResponse {})
        })
    }

    async fn unarchive_labels(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UnarchiveLabelsRequest>,
    ) -> ServiceResult<UnarchiveLabelsResponse> {
        self.write(&ctx, |call| {
            set_archived(call, &request.to_owned_message().label_refs, false)?;
            Ok(UnarchiveLabelsResponse {})
        })
    }
}

fn find(call: &Call, references: &[LabelRef]) -> Answer<Vec<(Module, Label)>> {
    batch("label_refs", references)?;
    references.iter().map(|reference| references::label(call, reference)).collect()
}

fn list(call: &Call, request: ListLabelsRequest) -> Answer<ListLabelsResponse> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let filter = filter(&request);
    let checks = request.commit_check_statuses;
    let (module, page) =
        match references::resource(call, &request.resource_ref.into_option().unwrap_or_default().into())? {
            Resource::Module(module) => {
                let page = call.store().list_labels(module.id, &filter, window.offset, window.limit)?;
                (module, page)
            }
            Resource::Label(module, label) => (module, window.cut(vec![label])),
            Resource::Commit(module, commit) => {
                let mut labels = call.store().labels_of_commit(commit.id)?;
                labels.retain(|label| passes(&filter, label));
                (module, window.cut(labels))
            }
        };
    let page = if unchecked_pass(&checks) { page } else { Page { items: vec![], next: None } };
    let labels = page.items.iter().map(|label| conversions::label(&module, label)).collect();
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
    let query = Some(request.name_query.clone()).filter(|query| !query.is_empty());
    LabelFilter { archived, query, order }
}

fn passes(filter: &LabelFilter, label: &Label) -> bool {
    let named = |query: &String| label.name.as_str().to_lowercase().contains(&query.to_lowercase());
    filter.archived.is_none_or(|archived| archived == label.archived.is_some())
        && filter.query.as_ref().is_none_or(named)
}

/// Whether a filter by the state of commit checks passes unchecked commits: this registry has no commit checks.
fn unchecked_pass(wanted: &[buffa::EnumValue<CommitCheckStatus>]) -> bool {
    wanted.is_empty() || wanted.iter().any(|status| *status == CommitCheckStatus::COMMIT_CHECK_STATUS_DISABLED)
}

/// The moves of a label that a request asks for, each with the commit that the label moved to.
pub(in crate::serve::rpc) fn history(
    call: &Call,
    request: &ListLabelHistoryRequest,
) -> Answer<(Module, Page<(LabelEvent, Commit)>)> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let (module, label) = references::label(call, &request.label_ref)?;
    let newest_first = request.order != list_label_history_request::Order::ORDER_ASC;
    let plain = request.start_commit_id.is_empty() && !request.only_commits_with_changed_digests;
    let page = if !unchecked_pass(&request.commit_check_statuses) {
        Page { items: vec![], next: None }
    } else if plain {
        let page = call.store().label_history(label.id, newest_first, window.offset, window.limit)?;
        Page { items: with_commits(call, &page.items)?, next: page.next }
    } else {
        let events = all(|offset, limit| call.store().label_history(label.id, newest_first, offset, limit))?;
        let moves = from_commit(with_commits(call, &events)?, &request.start_commit_id)?;
        let changes = request.only_commits_with_changed_digests;
        window.cut(if changes { only_changes(moves, newest_first) } else { moves })
    };
    Ok((module, page))
}

fn with_commits(call: &Call, events: &[LabelEvent]) -> Answer<Vec<(LabelEvent, Commit)>> {
    let ids: Vec<_> = events.iter().map(|event| event.commit).collect();
    let commits = call.store().commits(&ids)?;
    Ok(events.iter().copied().zip(commits).filter_map(|(event, commit)| Some((event, commit?))).collect())
}

/// The part of a history that begins with the commit `start`; the whole history if `start` is empty.
fn from_commit(mut moves: Vec<(LabelEvent, Commit)>, start: &str) -> Answer<Vec<(LabelEvent, Commit)>> {
    if start.is_empty() {
        return Ok(moves);
    }
    let at = moves.iter().position(|(_, commit)| commit.id.to_string() == start);
    let never = || Refusal::not_found(format!("the label never pointed at commit {start}"));
    Ok(moves.split_off(at.ok_or_else(never)?))
}

/// The history without moves between commits of the same content.
fn only_changes(mut moves: Vec<(LabelEvent, Commit)>, newest_first: bool) -> Vec<(LabelEvent, Commit)> {
    if newest_first {
        moves.reverse();
    }
    moves.dedup_by(|later, earlier| later.1.digest == earlier.1.digest);
    if newest_first {
        moves.reverse();
    }
    moves
}

fn create_or_update(
    call: &Call,
    request: &CreateOrUpdateLabelsRequest,
    allow_breaking: bool,
) -> Answer<(CreateOrUpdateLabelsResponse, Vec<String>)> {
    batch("values", &request.values)?;
    let requested = || request.values.iter().map(|value| requested(call, value)).collect::<Answer<_>>();
    let pointed = labels::point(&call.actor(), &call.state.publisher, allow_breaking, requested)?;
    let labels = pointed.labels.iter().map(|(module, label)| conversions::label(module, label)).collect();
    Ok((CreateOrUpdateLabelsResponse { labels }, pointed.warnings))
}

fn requested(call: &Call, value: &create_or_update_labels_request::Value) -> Answer<PointLabel> {
    let (module, place) = match references::label_place(call, &value.label_ref)? {
        references::LabelPlace::New(module, name) => (module, LabelPlace::New(name)),
        references::LabelPlace::Existing(module, label) => {
            let (_, head) = references::commit_of(call, Resource::Label(module.clone(), label.clone()))?;
            (module, LabelPlace::Existing(label, Box::new(head)))
        }
    };
    let target = target(call, &module, &value.commit_id)?;
    Ok(PointLabel { module, place, target })
}

/// The commit of `module` that a label should point at.
fn target(call: &Call, module: &Module, id: &str) -> Answer<Commit> {
    let parsed: CommitId = id.parse().map_err(|error: crate::model::IdError| Refusal::invalid(error.to_string()))?;
    let commit = call.store().commit(parsed)?.filter(|commit| commit.module == module.id);
    commit.ok_or_else(|| Refusal::not_found(format!("module {} has no commit {id}", module.name)))
}

fn set_archived(call: &Call, references: &[LabelRef], archived: bool) -> Answer<()> {
    Ok(labels::set_archived(&call.actor(), &find(call, references)?, archived)?)
}

#[cfg(test)]
mod tests;
