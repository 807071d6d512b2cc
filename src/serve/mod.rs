//! Listener, routes, authentication, limits, drain; and the three faces, for cargo, `buf` and browsers.
//!
//! [`Bound`] listens on the port, first: a second server on the same port should fail because of the port, not of the
//! data directory. [`run`] opens the data directory, reports that it is ready, and serves until it is told to stop;
//! [`await_restore`] lets a backup come into an empty one before that. The faces hold no rules of the
//! registry: they read the store and call `publish` and `actions`.

mod app;
mod auth;
mod bootstrap;
mod buf_config;
mod cargo;
mod error;
mod external_settings;
mod freshness;
pub(crate) mod fuzzing;
mod http;
mod neighbours;
mod open_store;
mod publisher;
mod reload;
mod restore;
mod rpc;
mod state;
mod suggest;
mod tasks;
mod web;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::config::Settings;
use crate::model::StoreAddress;
use crate::publish::{Clock, Publisher, Upstream};
use crate::store::DataDir;

pub use self::http::faults::{Fault, Faults};
pub use self::http::listen::Bound;
pub use self::http::origin::machine_name;
use self::http::push_turns::PushTurns;
use app::App;
pub use bootstrap::{FirstUser, OwnLogin};
pub use error::ServeError;
pub use open_store::{copy_target, open_existing_store};
pub use publisher::idle_publisher;
pub use reload::Reload;
pub use restore::{AwaitingRestore, await_restore};
use state::State;
use tasks::audit_log::AuditLogWriter;
use tasks::backups::BackupSchedule;
use tasks::freshness_reader::FreshnessReader;
use tasks::mirrors::states::Mirrors;
pub use tasks::mirrors::{FetchedSettings, FetchingSettings, ScheduledMirror, ScheduledSource};
use tasks::usage::UsageWriter;
use tasks::webhooks::WebhookSender;

/// Threads for short blocking work: reads of the store, pages.
const SHORT_WORK: usize = 32;

/// The number of threads that the runtime of a server needs for blocking work. Pushes, remote generation
/// and look-ups of hosts wait for their turns before they take a thread. Short work waits for a thread.
#[must_use]
pub fn most_blocking_threads(settings: &Settings) -> usize {
    PushTurns::at_once(settings.workers) + settings.workers + tasks::webhooks::LOOK_UPS + SHORT_WORK
}

/// The description of a server that has just started.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Its address, `http://localhost:8780`, without a trailing slash.
    pub url: String,
    /// The index for cargo, `sparse+…/`.
    pub cargo_index: String,
    /// The user that was created, at the first start only.
    pub first: Option<FirstUser>,
    /// Makes a login for the user who runs the server.
    pub own_login: OwnLogin,
    /// The data directory.
    pub data_dir: PathBuf,
    /// The database that the server shares with others, if it does.
    pub store: Option<StoreAddress>,
    /// A directory for `BUF_CONFIG_DIR` that makes `buf` speak plain HTTP, or trust the server's certificate.
    pub buf_config_dir: PathBuf,
    /// Reloads settings while the server runs.
    pub reload: Reload,
}

/// Every path pattern of a server, such as `/{owner}/{module}`; [`methods`] returns the RPCs.
#[must_use]
pub fn routes() -> Vec<&'static str> {
    http::router::patterns()
}

/// Every path pattern that accepts a form.
#[must_use]
pub fn forms() -> Vec<&'static str> {
    web::ROUTES.iter().filter(|route| route.takes_a_form()).map(|route| route.pattern).collect()
}

/// Every RPC of a server, as `package.Service/Method`.
#[must_use]
pub fn methods() -> Vec<String> {
    rpc::methods()
}

/// The surroundings of a server, beside its settings.
#[derive(Default)]
pub struct Surroundings {
    /// The registry from which missing dependencies of a push are fetched.
    pub upstream: Option<Arc<dyn Upstream>>,
    /// Modules of other registries that are taken in on a schedule.
    pub mirrors: Vec<ScheduledMirror>,
    /// The program `registry`, for work in a process of its own.
    pub program: Option<PathBuf>,
    /// Faults that a test asks for; they wait for [`Faults::begin`].
    pub faults: Arc<Faults>,
}

/// Serves on a port until `shutdown` ends, then drains.
///
/// # Errors
/// When the server cannot start; it calls `on_ready` once it has started.
pub async fn run(
    bound: Bound,
    settings: Settings,
    surroundings: Surroundings,
    on_ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let Bound { listener, certificate, tls, addresses } = bound;
    let metrics_listener = match settings.metrics_listen {
        None => None,
        Some(address) => {
            let bind = |source| ServeError::Bind { address, flag: "--metrics-listen", source };
            Some(TcpListener::bind(address).await.map_err(bind)?)
        }
    };
    let url = addresses.own().to_owned();
    let port = listener.local_addr().map_or(settings.listen.port(), |address| address.port());

    let _lock = DataDir::lock(&settings.data_dir)?;
    let store = open_store::open_store(&settings)?;
    let plugins = external_settings::plugins(&settings)?;
    let catalogue = publisher::catalogue(&settings, &plugins)?;
    let clock = Clock::of_store(&store)?;
    let first = bootstrap::first_user(&store, &clock)?;
    let own_login = OwnLogin::new(&store, &clock);
    let buf_config_dir = buf_config::write(&settings)?;
    let publish = publisher::settings(&settings, &plugins, surroundings.program, url.clone(), port)?;
    neighbours::check(&store, &publish)?;
    let running = Publisher::start(store, catalogue, publish, clock)?;
    let audit_log =
        settings.audit_log.as_ref().map(|to| AuditLogWriter::start(to, running.store().clone())).transpose()?;
    let mirrors = Arc::new(Mirrors::of(&surroundings.mirrors));
    let state = State::new(running.publisher(), &settings, addresses, surroundings.upstream, mirrors);
    let freshness = FreshnessReader::start(&state);
    let mirroring = tasks::mirrors::schedule::start(surroundings.mirrors, &state);

    let usage = state.usage.clone().map(|usage| UsageWriter::start(usage, state.store().clone()));
    let webhooks =
        settings.webhooks.then(|| WebhookSender::start(running.publisher(), state.webhook_policy.clone(), url.clone()));
    let backups = match (&settings.backup, &state.backups) {
        (Some(settings), Some(backups)) => {
            let (store, clock) = (state.store().clone(), state.publisher.clock().clone());
            Some(BackupSchedule::start(settings, Arc::clone(backups), store, clock)?)
        }
        _ => None,
    };
    let watched = metrics_listener.map(|listener| tokio::spawn(http::monitoring::serve(listener, Arc::clone(&state))));
    let reload = Reload { certificate };
    let cargo_index = format!("sparse+{url}/gen/cargo/");
    let (data_dir, shared) = (settings.data_dir, settings.store.map(|store| store.address));
    on_ready(Ready { url, cargo_index, first, own_login, data_dir, store: shared, buf_config_dir, reload });
    http::listen::serve(listener, tls, App::new(state, surroundings.faults), settings.connections, shutdown).await;
    // A module that is being taken in is taken in again at the next start.
    drop(mirroring);
    if let Some(watched) = watched {
        watched.abort();
    }
    if let Some(webhooks) = webhooks {
        webhooks.end().await;
    }
    // The last records are written before the store is closed.
    tokio::task::block_in_place(|| drop((audit_log, usage, backups, freshness)));
    // Ends each worker after the SDK that it is making; the next start makes the other SDKs.
    tokio::task::block_in_place(|| drop(running));
    Ok(())
}
