//! The state of the registry, for its administrators.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::publish::resource_usage;
use crate::serve::http::error::Answer;
use crate::serve::http::monitoring::readiness::Ready;
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::tasks::backups::BackupState;
use crate::serve::tasks::mirrors::states::MirrorState;
use crate::store::NodeView;
use crate::wire::registry::v1::{
    BackupStatus, GetStatusRequest, GetStatusResponse, JobCount, MirrorStatus, NodeStatus, ObjectStoreStatus,
    StatusService,
};
use crate::wire::time_to_wire;

impl StatusService for Rpc {
    async fn get_status(
        &self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, GetStatusRequest>,
    ) -> ServiceResult<GetStatusResponse> {
        self.read(&ctx, status)
    }
}

fn status(call: &Call) -> Answer<GetStatusResponse> {
    call.require_admin("see the status of the registry")?;
    let (state, store) = (&call.state, call.store());
    let (problem, readable) = match state.readiness.ask(store) {
        Ready::Yes => (String::new(), true),
        Ready::ReadsOnly => ("the disk is full: pushes are refused".to_owned(), true),
        Ready::No(why) => (why.to_owned(), false),
    };
    let (stats, jobs) = (store.stats()?, store.job_counts()?);
    let job = |count: crate::store::JobCount| JobCount {
        plugin: count.plugin.to_string(),
        state: count.state,
        jobs: count.jobs,
    };
    Ok(GetStatusResponse {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        start_time: time_to_wire(state.started).into(),
        problem,
        readable,
        modules: stats.modules,
        commits: stats.commits,
        sdks: stats.sdks,
        tokens: stats.tokens,
        jobs: jobs.into_iter().map(job).collect(),
        oldest_queue_time: stats.oldest_queued.map(time_to_wire).into(),
        store_bytes: stats.bytes,
        store_wal_bytes: stats.log_bytes,
        connections: state.connections.counts().open as u64,
        damaged_reads: store.damaged_reads(),
        memory_bytes: resource_usage::resident().unwrap_or_default(),
        backup: state.backups.as_ref().map(|backups| backup(backups.state())).into(),
        mirrors: state.mirrors.states().into_iter().map(mirror).collect(),
        nodes: store.nodes()?.into_iter().map(node).collect(),
        object_store: state.readiness.object_store(store).map(object_store).into(),
    })
}

fn backup(state: BackupState) -> BackupStatus {
    BackupStatus {
        newest_bytes: state.newest.as_ref().map_or(0, |newest| newest.bytes),
        newest_time: state.newest.map(|newest| time_to_wire(newest.at)).into(),
        problem: state.problem.unwrap_or_default(),
    }
}

fn node(node: NodeView) -> NodeStatus {
    let Some(says) = node.says else { return NodeStatus::default() };
    NodeStatus {
        name: says.name,
        start_time: time_to_wire(says.started).into(),
        version: says.program,
        public_url: says.public_url,
        blobs: says.blobs.unwrap_or_default(),
    }
}

fn object_store(health: Result<(), &'static str>) -> ObjectStoreStatus {
    ObjectStoreStatus { problem: health.err().unwrap_or_default().to_owned() }
}

fn mirror(state: MirrorState) -> MirrorStatus {
    MirrorStatus {
        module: state.module,
        try_time: state.tried.map(time_to_wire).into(),
        commit_id: state.commit.map(|commit| commit.to_string()).unwrap_or_default(),
        problem: state.problem.unwrap_or_default(),
    }
}
