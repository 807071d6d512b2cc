//! Remote generation: a plugin of the catalogue runs on a request that came from outside. Nothing is stored but, of
//! plugins that are executables, the digest of the answer.

use std::time::Duration;

use crate::generate::{self, GenerateError};
use crate::model::{Generated, Plugin};

use super::Publisher;

impl Publisher {
    /// Runs `plugin` on an encoded `CodeGeneratorRequest` and returns all that it makes.
    ///
    /// # Errors
    /// When the plugin does not know an option, the sources are such as it would break down on, or it refuses, breaks
    /// down, or has not answered after `limit`.
    pub fn run_plugin(&self, plugin: &Plugin, request: Vec<u8>, limit: Duration) -> Result<Generated, GenerateError> {
        let request = generate::without_source_options(plugin, request)?;
        match self.settings.externals.get(plugin) {
            Some(external) => generate::run_with(&self.watched(&external.within(limit)), plugin, request),
            None => {
                generate::check_request(plugin, &request)?;
                generate::run(plugin, request, Some(limit))
            }
        }
    }
}
