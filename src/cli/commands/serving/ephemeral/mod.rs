//! A registry with temporary data, for tests: what `registry serve --ephemeral` and `registry exec` have in common.

mod data;
mod seed;

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use crate::cli::arguments::registry_name::RegistryName;
use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::commands::setup::env::{BUF_TOKEN, shell_variables};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::client::ServerAddress;
use crate::config::{Environment, Settings};
use crate::serve::{self, Bound, Ready, Surroundings};
pub(in crate::cli) use data::TemporaryData;
pub(in crate::cli) use seed::{Seed, Seeds};

/// Sets the temporary directory, and a free port unless the command line names one: a port of a configuration file or of
/// the environment is that of a registry that stays.
pub(in crate::cli) fn choose(settings: &mut SettingsArgs, data: &TemporaryData) {
    settings.flags.insert("data-dir", vec![data.path().display().to_string()]);
    settings.flags.entry("listen").or_insert_with(|| vec!["127.0.0.1:0".into()]);
}

/// The variables of `registry env`, for the token of scope write.
pub(in crate::cli) fn variables(
    ready: &Ready,
    env: &Environment,
    name: &RegistryName,
    output: &mut Output,
) -> BTreeMap<String, String> {
    let address = ServerAddress {
        url: ready.url.clone(),
        token: ready.first.as_ref().map(|first| first.write_token.clone()),
        admin_token: None,
        has_admin_token_alone: false,
        buf_config_dir: Some(ready.buf_config_dir.clone()),
    };
    shell_variables(&address, name, env.get(BUF_TOKEN), output).into_iter().collect()
}

/// Serves on a port until `work` has ended, which begins when the server is ready.
///
/// # Errors
/// When the server does not start, or `work` fails.
pub(in crate::cli) async fn serve_during(
    bound: Bound,
    settings: Settings,
    surroundings: Surroundings,
    work: impl AsyncFnOnce(Ready) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let (tell, told) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    let on_ready = |ready| {
        // The receiver lives as long as the server.
        let _ = tell.send(ready);
    };
    let shutdown = async {
        let _ = ended.await;
    };
    let work = async {
        let _end = end;
        // A server that did not start says why.
        let Ok(ready) = told.await else { return Ok(()) };
        work(ready).await
    };
    let (served, worked) = tokio::join!(serve::run(bound, settings, surroundings, on_ready, shutdown), work);
    served?;
    worked
}
