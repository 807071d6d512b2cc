//! Parses the plugin of a request.

use crate::model::{PluginError, PluginRef};
use crate::serve::http::error::{Answer, Refusal};

/// The plugin `owner/name`, or `owner/name:version`; `version` wins if it is not empty.
///
/// # Errors
/// When either is malformed.
pub(in crate::serve::rpc) fn plugin_ref(plugin: &str, version: &str) -> Answer<PluginRef> {
    let invalid = |error: PluginError| Refusal::invalid(error.to_string());
    let mut reference: PluginRef = plugin.parse().map_err(invalid)?;
    if !version.is_empty() {
        reference.version = Some(version.parse().map_err(invalid)?);
    }
    Ok(reference)
}
