//! `registry status`: the state of a running registry.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::cli::output::{Output, wire_text};
use crate::wire::registry::v1::{GetStatusResponse, MirrorStatus, NodeStatus};
use crate::wire::time_from_wire;

const EXAMPLES: &str = "\
Examples:
  registry status
  registry status --json | jq .modules

It takes an administrator's token. `registry healthcheck` tells without one
whether the server is ready, and /metrics has figures over time.";

/// Show the state of the registry
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Status {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct StatusView {
    url: String,
    version: String,
    started: Option<String>,
    /// Why pushes, or all requests, are refused; empty when everything works.
    problem: String,
    readable: bool,
    modules: u64,
    commits: u64,
    sdks: u64,
    tokens: u64,
    /// By state, then by plugin.
    jobs: BTreeMap<String, BTreeMap<String, u64>>,
    oldest_queued: Option<String>,
    store_bytes: u64,
    store_wal_bytes: u64,
    connections: u64,
    damaged_reads: u64,
    memory_bytes: u64,
    /// None when the server makes no backups.
    backup: Option<BackupView>,
    /// Modules of other registries that the server takes in.
    mirrors: Vec<MirrorView>,
    /// Why the object store cannot be used; empty when it answers, none when crates are in the database.
    object_store_problem: Option<String>,
    /// The servers that share the database; none if it is that of a data directory.
    nodes: Vec<NodeView>,
}

#[derive(Serialize)]
struct NodeView {
    /// Machine and port; empty if its program is too old to tell.
    name: String,
    started: Option<String>,
    version: String,
    public_url: String,
    blobs: String,
}

#[derive(Serialize)]
struct MirrorView {
    module: String,
    tried: Option<String>,
    /// The newest commit that was taken in since the start; empty without any.
    commit: String,
    /// Why the last try failed; empty when it did not.
    problem: String,
}

#[derive(Serialize)]
struct BackupView {
    newest: Option<String>,
    newest_bytes: u64,
    /// Why the last try failed; empty when it did not.
    problem: String,
}

impl Status {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.admin_client()?;
        let status = block_on(async { Ok(client.status().await?) })?;
        let waits =
            status.oldest_queue_time.as_option().map(|since| now().as_seconds() - time_from_wire(since).as_seconds());
        let view = view(client.url(), status);
        output.result(&view, || lines(&view, waits))?;
        Ok(())
    }
}

fn view(url: &str, status: GetStatusResponse) -> StatusView {
    let mut jobs: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for count in status.jobs {
        jobs.entry(count.state).or_default().insert(count.plugin, count.jobs);
    }
    StatusView {
        url: url.to_owned(),
        started: wire_text::time(status.start_time.as_option()),
        oldest_queued: wire_text::time(status.oldest_queue_time.as_option()),
        version: status.version,
        problem: status.problem,
        readable: status.readable,
        modules: status.modules,
        commits: status.commits,
        sdks: status.sdks,
        tokens: status.tokens,
        jobs,
        store_bytes: status.store_bytes,
        store_wal_bytes: status.store_wal_bytes,
        connections: status.connections,
        damaged_reads: status.damaged_reads,
        memory_bytes: status.memory_bytes,
        mirrors: status.mirrors.iter().map(mirror_view).collect(),
        nodes: status.nodes.into_iter().map(node_view).collect(),
        object_store_problem: status.object_store.as_option().map(|objects| objects.problem.clone()),
        backup: status.backup.as_option().map(|backup| BackupView {
            newest: wire_text::time(backup.newest_time.as_option()),
            newest_bytes: backup.newest_bytes,
            problem: backup.problem.clone(),
        }),
    }
}

fn mirror_view(mirror: &MirrorStatus) -> MirrorView {
    MirrorView {
        module: mirror.module.clone(),
        tried: wire_text::time(mirror.try_time.as_option()),
        commit: mirror.commit_id.clone(),
        problem: mirror.problem.clone(),
    }
}

fn node_view(node: NodeStatus) -> NodeView {
    let started = wire_text::time(node.start_time.as_option());
    NodeView { name: node.name, started, version: node.version, public_url: node.public_url, blobs: node.blobs }
}

fn lines(view: &StatusView, waits: Option<i64>) -> Vec<String> {
    let health = match view.problem.as_str() {
        "" => "ready".to_owned(),
        problem if view.readable => format!("reads only: {problem}"),
        problem => format!("not ready: {problem}"),
    };
    let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let jobs = |state: &str| view.jobs.get(state).map_or(0, |plugins| plugins.values().sum::<u64>());
    let wait = waits.map_or_else(String::new, |seconds| format!(", the oldest for {} s", seconds.max(0)));
    let memory = if view.memory_bytes > 0 { mebibytes(view.memory_bytes) } else { "not reported".into() };
    let mut lines = vec![
        format!("registry     {} at {}", view.version, view.url),
        format!("state        {health}, since {}", view.started.as_deref().unwrap_or("an unknown time")),
        format!(
            "content      {} modules, {} commits, {} SDKs, {} tokens",
            view.modules, view.commits, view.sdks, view.tokens
        ),
        format!("jobs         {} queued{wait}, {} running, {} failed", jobs("queued"), jobs("running"), jobs("failed")),
        format!(
            "store        {}, and {} of write-ahead log",
            mebibytes(view.store_bytes),
            mebibytes(view.store_wal_bytes)
        ),
        format!("process      {memory} of memory, {} connections", view.connections),
    ];
    match view.object_store_problem.as_deref() {
        None => {}
        Some("") => lines.push("crates       in the object store, which answers".to_owned()),
        Some(problem) => lines.push(format!("crates       {problem}: what is not cached here waits")),
    }
    if let Some(backup) = &view.backup {
        lines.push(match &backup.newest {
            Some(newest) => format!("backup       of {newest}, {}", mebibytes(backup.newest_bytes)),
            None => "backup       none yet".to_owned(),
        });
        if !backup.problem.is_empty() {
            lines.push(format!("backup       the last try failed: {}", backup.problem));
        }
    }
    for node in &view.nodes {
        let NodeView { name, started, version, public_url, .. } = node;
        lines.push(match started {
            Some(started) => format!("server       {name}, version {version}, since {started}, as {public_url}"),
            None => "server       one of an older version".to_owned(),
        });
    }
    for mirror in &view.mirrors {
        let MirrorView { module, tried, problem, .. } = mirror;
        lines.push(match (tried, problem.as_str()) {
            (None, _) => format!("mirror       {module}: not tried yet"),
            (Some(at), "") => format!("mirror       {module}: up to date at {at}"),
            (Some(at), problem) => format!("mirror       {module}: failed at {at}: {problem}"),
        });
    }
    for (plugin, count) in view.jobs.get("failed").into_iter().flatten() {
        lines.push(format!("failed       {count} of {plugin}; `registry sdk status MODULE` says why"));
    }
    if view.damaged_reads > 0 {
        let damaged = view.damaged_reads;
        lines.push(format!(
            "damage       {damaged} reads found something damaged; `registry audit --action store` names it"
        ));
    }
    lines
}
