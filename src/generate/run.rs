//! Runs one plugin on one encoded request.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use prost_types::compiler::code_generator_response::File;

use super::embedded::find;
use super::error::GenerateError;
use super::generator::{Generator, GeneratorError};
use super::request::plugin_request::PluginRequest;
use super::response::read;
use super::run_on_thread::{self, Failure};
use crate::model::{Plugin, PluginResponse};

/// Runs a plugin on an encoded `CodeGeneratorRequest`. A plugin that does not answer within `limit` is given up, and
/// goes on until it ends by itself: `held` is dropped then.
///
/// # Errors
/// When an option is not right, or the plugin refuses, breaks down, or has not answered after `limit`.
pub fn run(
    plugin: &Plugin,
    request: Vec<u8>,
    limit: Option<Duration>,
    held: Arc<dyn Any + Send + Sync>,
) -> Result<PluginResponse, GenerateError> {
    let generator = find(plugin)?;
    let request = PluginRequest::new(plugin, request)?;
    let name = || plugin.reference();
    let work = move || {
        let answer = generator.generate(&request);
        drop((request, held));
        answer
    };
    let answer = run_on_thread::run(limit, work).map_err(|failure| match failure {
        Failure::Panicked(message) => GenerateError::Panicked { plugin: name(), message },
        Failure::TimedOut => GenerateError::TimedOut { plugin: name(), limit: limit.unwrap_or_default() },
        Failure::NoThread(source) => GenerateError::NotStarted { plugin: name(), source },
    })?;
    read(plugin, answer.map_err(|why| failure_of(plugin, why))?)
}

/// Runs an external generator on an encoded `CodeGeneratorRequest`, as [`run()`] runs embedded ones.
///
/// # Errors
/// When an option is not valid, or the generator refuses or fails.
pub fn run_with(generator: &dyn Generator, plugin: &Plugin, request: Vec<u8>) -> Result<PluginResponse, GenerateError> {
    let files = generator.generate(&PluginRequest::new(plugin, request)?).map_err(|why| failure_of(plugin, why))?;
    read(plugin, files)
}

fn failure_of(plugin: &Plugin, error: GeneratorError) -> GenerateError {
    match error {
        GeneratorError::Refused(message) => GenerateError::Refused { plugin: plugin.reference(), message },
        GeneratorError::Failed(message) => GenerateError::Panicked { plugin: plugin.reference(), message },
        GeneratorError::NotStarted(why) => {
            GenerateError::NotStarted { plugin: plugin.reference(), source: std::io::Error::other(why) }
        }
    }
}

fn read(plugin: &Plugin, files: Vec<File>) -> Result<PluginResponse, GenerateError> {
    read::read(files).map_err(|reason| GenerateError::Response { plugin: plugin.reference(), reason })
}
