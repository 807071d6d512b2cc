//! Requests to plugins: our own, in chunks, and requests that were put together elsewhere.

pub(super) mod chunk_request;
pub(super) mod encode;
pub(super) mod extern_paths;
pub(super) mod foreign_request;
pub(super) mod lowered_editions;
pub(super) mod outlines;
pub(super) mod own_well_known;
pub(super) mod partition;
pub(super) mod plugin_request;
pub(super) mod source_retention;

use super::error::GenerateError;
use super::generator::Generator;
use crate::model::{DescriptorSet, ModuleName, Plugin};
use extern_paths::{Entry, ExternCrate};

/// One module for one plugin to make code of.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The module's files and all that they import, dependencies first.
    pub descriptors: &'a DescriptorSet,
    /// The module to make code of.
    pub module: &'a ModuleName,
    /// The crates of other modules' types; for stubs also the crate of the module's own types.
    pub externs: &'a [ExternCrate],
    /// Options as after `--name_opt=`, one each; usually those of the catalogue.
    pub options: &'a [String],
}

impl Request<'_> {
    /// The options that lead from this module's code to other crates.
    ///
    /// # Errors
    /// When types are used that no crate holds, or that `plugin` cannot be told of.
    pub(super) fn extern_entries(
        &self,
        plugin: &Plugin,
        generator: &dyn Generator,
    ) -> Result<Vec<Entry>, GenerateError> {
        let style = generator.extern_path_style();
        let entries = extern_paths::entries(style, self.descriptors, self.module, self.externs)?;
        match entries.iter().find(|entry| !entry.whole && !generator.takes_single_types()) {
            Some(Entry { package, .. }) => {
                Err(GenerateError::SharedPackage { plugin: plugin.reference(), package: package.clone() })
            }
            None => Ok(entries),
        }
    }
}
