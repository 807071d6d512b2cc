//! Remote generation: a plugin of the catalogue runs on the request of a client. Nothing is stored, except the digest
//! of the output of an external plugin.
//!
//! Small requests run in this process, and end soon even if the client has disconnected. Requests that may take more
//! memory run in a process of their own, which is killed when the client disconnects.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::own_process::SubprocessError;
use crate::generate::{self, GenerateError};
use crate::model::{Plugin, PluginResponse};
use crate::publish::Publisher;

/// The most bytes of memory for a request that runs in this process: a fraction of a second of work.
const SMALL: u64 = 64 << 20;

/// Why remote generation failed.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The plugin does not know an option, cannot handle the request, or failed.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The process of its own for the request failed.
    #[error("could not generate by plugin {plugin}: {source}")]
    Subprocess {
        /// The plugin.
        plugin: crate::model::PluginRef,
        /// The failure.
        source: SubprocessError,
    },
    /// The request took longer than the client waits.
    #[error("the plugin did not finish within {} seconds, the time limit of this request; allow more time", .0.as_secs_f32())]
    Late(Duration),
    /// Other requests used all memory until the time limit.
    #[error("other requests kept the generators busy for {} s; try again", .0.as_secs())]
    Busy(Duration),
}

/// A client's call for remote generation.
pub struct RemoteCall {
    /// How long the client waits for the response.
    pub limit: Duration,
    /// Set when the client has disconnected.
    pub is_over: Arc<AtomicBool>,
    /// Dropped when the work has ended, which may be after the client has disconnected.
    pub held: Arc<dyn Any + Send + Sync>,
}

impl Publisher {
    /// Runs `plugin` on an encoded `CodeGeneratorRequest` and returns its output.
    ///
    /// # Errors
    /// When the plugin fails, or does not finish while the client waits.
    pub fn run_plugin(
        &self,
        plugin: &Plugin,
        request: Vec<u8>,
        call: &RemoteCall,
    ) -> Result<PluginResponse, RemoteError> {
        let limit = call.limit;
        if let Some(external) = self.settings.externals.get(plugin) {
            let request = generate::without_source_options(plugin, request)?;
            let is_over = Arc::clone(&call.is_over);
            let external = external.within(limit, move || is_over.load(Ordering::Relaxed));
            return Ok(generate::run_with(&self.watched(&external), plugin, request)?);
        }
        let started = Instant::now();
        let bytes = generate::request_cost(plugin, &request)?;
        let busy = || RemoteError::Busy(started.elapsed());
        if bytes <= SMALL.min(self.memory.largest()) {
            let reserved = self.memory.reserve_within(bytes, limit).ok_or_else(busy)?;
            let held = Arc::new((reserved, Arc::clone(&call.held)));
            return Ok(generate_within(plugin, request, Some(limit.saturating_sub(started.elapsed())), held)?);
        }
        let _turn = self.remote_turn.reserve_within(1, 1, limit).ok_or_else(busy)?;
        let stop = || call.is_over.load(Ordering::Relaxed) || self.work_signal.is_stopping();
        let limit = limit.saturating_sub(started.elapsed());
        let made = self.settings.subprocess.generate(plugin, request, limit, &stop);
        made.map_err(|source| match source {
            SubprocessError::Time(time) if time < self.settings.subprocess.time => RemoteError::Late(time),
            source => RemoteError::Subprocess { plugin: plugin.reference(), source },
        })
    }
}

/// Runs an embedded plugin on a request, in this process.
pub(in crate::publish) fn generate_within(
    plugin: &Plugin,
    request: Vec<u8>,
    limit: Option<Duration>,
    held: Arc<dyn Any + Send + Sync>,
) -> Result<PluginResponse, GenerateError> {
    let request = generate::without_source_options(plugin, request)?;
    let request = generate::with_lowered_editions(plugin, request)?;
    generate::check_request(plugin, &request)?;
    generate::run(plugin, request, limit, held)
}
