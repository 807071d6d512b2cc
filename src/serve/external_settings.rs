//! The settings of programs that the server runs: external plugins, and the cargo that checks crates.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ServeError;
use crate::config::Settings;
use crate::model::ExternalPlugin;
use crate::publish::{ExternalLimits, PublishedPlugin, Verify, VerifySettings};

/// The cargo that checks crates, with a target directory below the data directory.
pub(super) fn verify(settings: &Settings) -> Result<Option<Arc<Verify>>, ServeError> {
    let Some(with) = &settings.verify else { return Ok(None) };
    let own = absolute(&settings.data_dir.join("verify"))?;
    let home = with.cargo_home.as_deref().map_or_else(|| Ok(own.join("home")), absolute)?;
    let verify = VerifySettings { cargo: with.cargo.clone(), home, target: own.join("target"), time: with.timeout };
    Ok(Some(Arc::new(Verify::find(verify)?)))
}

fn absolute(path: &Path) -> Result<PathBuf, ServeError> {
    let doing = || format!("tell where {} is", path.display());
    std::path::absolute(path).map_err(|source| ServeError::Io { doing: doing(), source })
}

/// The external plugins: those of the configuration, and those that were installed and are not configured otherwise.
pub(super) fn plugins(settings: &Settings) -> Result<Vec<ExternalPlugin>, ServeError> {
    let mut plugins: Vec<_> = settings.plugins.iter().map(|configured| configured.plugin.clone()).collect();
    for installed in PublishedPlugin::installed(&absolute(&settings.data_dir)?)? {
        if !plugins.iter().any(|known| known.plugin().reference() == installed.plugin().reference()) {
            plugins.push(installed);
        }
    }
    Ok(plugins)
}

/// The limits on external plugins.
pub(super) fn limits(settings: &Settings) -> ExternalLimits {
    ExternalLimits {
        time: settings.plugin_timeout,
        memory: settings.max_plugin_bytes,
        output: settings.max_plugin_answer_bytes,
    }
}
