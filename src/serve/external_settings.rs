//! The settings of programs that the server runs: external plugins, and the cargo that checks crates.

use std::path::Path;
use std::sync::Arc;

use super::error::ServeError;
use crate::config::Settings;
use crate::publish::{ExternalLimits, Verify, VerifySettings};

/// The cargo that checks crates, with a target directory below the data directory.
pub(super) fn verify(settings: &Settings) -> Result<Option<Arc<Verify>>, ServeError> {
    let Some(with) = &settings.verify else { return Ok(None) };
    let absolute = |path: &Path| {
        let doing = || format!("tell where {} is", path.display());
        std::path::absolute(path).map_err(|source| ServeError::Io { doing: doing(), source })
    };
    let own = absolute(&settings.data_dir.join("verify"))?;
    let home = with.cargo_home.as_deref().map_or_else(|| Ok(own.join("home")), absolute)?;
    let verify = VerifySettings { cargo: with.cargo.clone(), home, target: own.join("target"), time: with.timeout };
    Ok(Some(Arc::new(Verify::find(verify)?)))
}

/// The limits on external plugins.
pub(super) fn limits(settings: &Settings) -> ExternalLimits {
    ExternalLimits {
        time: settings.plugin_timeout,
        memory: settings.max_plugin_bytes,
        output: settings.max_plugin_answer_bytes,
    }
}
