//! Why no crate was made.

use crate::model::{LimitExceeded, ModuleName, PluginRef};

/// Why no crate was made.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A generated file is not Rust.
    #[error(
        "generated file {file} is not valid Rust: {reason}; a name or a text of that package has a form that the plugin \
         cannot write, so use another plugin for this module"
    )]
    NotRust {
        /// The file, as the plugin named it.
        file: String,
        /// The parser's message.
        reason: String,
    },
    /// A file of somebody's own plugin is not Rust.
    #[error(
        "plugin {plugin} made file {file}, which is not valid Rust: {reason}; a file is to hold the items of one module"
    )]
    ExternalNotRust {
        /// The plugin.
        plugin: Box<PluginRef>,
        /// The file, as the plugin named it.
        file: String,
        /// The parser's message.
        reason: String,
    },
    /// Attributes of the module around a file cannot stand in it.
    #[error(
        "plugin {plugin} made file {file} with an attribute like `#![…]`, or a comment like `//! …`, for all of it; \
         the file is included in a module of lib.rs, so it is to hold items alone"
    )]
    InnerAttribute {
        /// The plugin.
        plugin: Box<PluginRef>,
        /// The file, as the plugin named it.
        file: String,
    },
    /// Two declarations have one name in generated code.
    #[error(
        "generated file {file} declares {name} twice: two declarations of that package have this name in Rust; rename \
         one of them, or use another plugin"
    )]
    Twice {
        /// The file, as the plugin named it.
        file: String,
        /// The name in Rust.
        name: String,
    },
    /// A generated file belongs to no package of the module.
    #[error("generated file {file} belongs to no package of module {module}")]
    Foreign {
        /// The file, as the plugin named it.
        file: String,
        /// The module.
        module: ModuleName,
    },
    /// Code refers to a module without an SDK to depend on.
    #[error("package {package:?} uses types of module {module}, but no SDK of that module was given to depend on")]
    NoDependency {
        /// The package whose code refers to the module.
        package: String,
        /// The module that is referred to.
        module: ModuleName,
    },
    /// The crate is larger than this server makes.
    #[error(transparent)]
    TooLarge(#[from] LimitExceeded),
    /// The archive could not be written.
    #[error("could not write the crate's archive: {0}")]
    Archive(String),
    /// The index line could not be written.
    #[error("could not write the crate's index line: {0}")]
    IndexLine(String),
}
