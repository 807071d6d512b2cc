//! What is compared.

use crate::model::{DescriptorSet, ModuleName};

/// One of the two versions: a module with all that it imports.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// The compiled files.
    pub descriptors: &'a DescriptorSet,
    /// The module among them that is compared.
    pub module: &'a ModuleName,
}
