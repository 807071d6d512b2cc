//! The publisher of a server, by its settings.

use std::path::PathBuf;

use super::error::ServeError;
use super::external_settings;
use super::http::origin::{Addresses, machine_name};
use crate::config::Settings;
use crate::model::ExternalPlugin;
use crate::publish::{Catalogue, Clock, Externals, GateSettings, PublishSettings, Publisher, Subprocess};
use crate::store::Store;

/// A publisher on `store` that takes no pushes and makes no SDK by itself, as a server with these settings has it.
/// `program` is the program `registry`, for work in a process of its own.
///
/// # Errors
/// When a plugin of the settings cannot be used.
pub fn idle_publisher(settings: &Settings, store: Store, program: Option<PathBuf>) -> Result<Publisher, ServeError> {
    let plugins = external_settings::plugins(settings)?;
    let url = Addresses::new(settings, settings.listen).own().to_owned();
    let port = settings.listen.port();
    let publish = PublishSettings { verify: None, ..self::settings(settings, &plugins, program, url, port)? };
    let clock = Clock::of_store(&store)?;
    Ok(Publisher::idle(store, catalogue(settings, &plugins)?, publish, clock))
}

/// All plugins of the settings.
pub(super) fn catalogue(settings: &Settings, plugins: &[ExternalPlugin]) -> Result<Catalogue, ServeError> {
    let catalogue = Catalogue::embedded()?.with(plugins.iter().map(ExternalPlugin::plugin))?;
    for plugin in &settings.eager_plugins {
        catalogue.find(plugin)?;
    }
    Ok(catalogue)
}

/// The settings of the publisher of a server with the address `url` that listens on `port`.
pub(super) fn settings(
    settings: &Settings,
    plugins: &[ExternalPlugin],
    program: Option<PathBuf>,
    url: String,
    port: u16,
) -> Result<PublishSettings, ServeError> {
    Ok(PublishSettings {
        limits: settings.limits,
        eager: settings.eager_plugins.clone(),
        eager_labels: settings.eager_labels.clone(),
        workers: settings.workers,
        build_memory: settings.build_memory,
        subprocess: Subprocess { program, memory: settings.max_sdk_memory, time: settings.sdk_timeout },
        public_url: url,
        externals: Externals::find(plugins, external_settings::limits(settings))?,
        name_rest: settings.name_rest,
        gate: GateSettings {
            gates: settings.breaking.clone(),
            ignore_unstable_packages: settings.breaking_ignore_unstable_packages,
        },
        verify: external_settings::verify(settings)?,
        node_name: node_name(port),
    })
}

/// How people know this server among others.
fn node_name(port: u16) -> String {
    format!("{}:{port}", machine_name().unwrap_or_else(|| "a server".into()))
}
