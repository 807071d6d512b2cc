//! Remote generation: a plugin of the catalogue runs on a request that came from outside. Nothing is stored.

use std::time::Duration;

use crate::generate::{self, GenerateError};
use crate::model::{Generated, Plugin};

use super::Publisher;

impl Publisher {
    /// Runs `plugin` on an encoded `CodeGeneratorRequest` and returns all that it makes.
    ///
    /// # Errors
    /// When the sources are such as the plugin would break down on, or it refuses, or has not answered after `limit`.
    pub fn run_plugin(&self, plugin: &Plugin, request: Vec<u8>, limit: Duration) -> Result<Generated, GenerateError> {
        generate::check_request(plugin, &request)?;
        generate::run(plugin, generate::without_source_options(plugin, request)?, Some(limit))
    }
}
