//! Why no code was generated.

use std::time::Duration;

use crate::model::{ModuleName, Plugin, PluginRef};

/// Why no code was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The catalogue names a generator that is not in this program.
    #[error("plugin {plugin} needs the generator {generator:?}, which this program does not contain")]
    NoGenerator {
        /// The plugin.
        plugin: PluginRef,
        /// The name of the missing generator.
        generator: String,
    },
    /// An option that the plugin does not know.
    #[error("option {option} is not known to plugin {plugin}{hint}")]
    UnknownOption {
        /// The plugin.
        plugin: PluginRef,
        /// The option's name.
        option: Box<str>,
        /// `; did you mean …?`, or which there are.
        hint: Box<str>,
    },
    /// An option is malformed, or not allowed here.
    #[error("plugin {plugin} cannot be given option {option}: {why}")]
    Option {
        /// The plugin.
        plugin: PluginRef,
        /// The option, in quotes.
        option: Box<str>,
        /// The problem, and a valid form.
        why: Box<str>,
    },
    /// A module option is not known to the plugin.
    #[error("registry.yaml sets {option}, which plugin {plugin} does not know; remove it there, or use another plugin")]
    UnknownModuleOption {
        /// The plugin.
        plugin: PluginRef,
        /// The key of the file.
        option: &'static str,
    },
    /// The plugin refused the request.
    #[error("plugin {plugin} refused: {message}")]
    Refused {
        /// The plugin.
        plugin: PluginRef,
        /// Its own message.
        message: String,
    },
    /// The plugin refused what is in one file.
    #[error("file {file}: plugin {plugin} refused: {message}")]
    RefusedFile {
        /// The plugin.
        plugin: Box<PluginRef>,
        /// The file.
        file: String,
        /// Its own message.
        message: String,
    },
    /// The plugin broke down.
    #[error("plugin {plugin} failed: {message}")]
    Panicked {
        /// The plugin.
        plugin: PluginRef,
        /// Its message.
        message: String,
    },
    /// The plugin broke down at one file, for a reason that only its authors understand.
    #[error(
        "plugin {plugin} cannot make code of file {file}: a declaration in it has a form that the plugin does not expect; \
         write it in another way, or use another plugin"
    )]
    Unexpected {
        /// The plugin.
        plugin: PluginRef,
        /// The file.
        file: String,
    },
    /// The plugin took too long.
    #[error("plugin {plugin} did not answer within {} seconds; a smaller module may help", limit.as_secs())]
    TimedOut {
        /// The plugin.
        plugin: PluginRef,
        /// How long it had.
        limit: Duration,
    },
    /// It was not to go on.
    #[error("plugin {plugin} was stopped")]
    Stopped {
        /// The plugin.
        plugin: PluginRef,
    },
    /// There is no thread to run it on.
    #[error("could not start plugin {plugin}: {source}")]
    NotStarted {
        /// The plugin.
        plugin: PluginRef,
        /// The system's error.
        source: std::io::Error,
    },
    /// The plugin's answer makes no sense.
    #[error("plugin {plugin} gave an answer that cannot be used: {reason}")]
    Response {
        /// The plugin.
        plugin: PluginRef,
        /// The problem.
        reason: String,
    },
    /// A package was lost on the way.
    #[error(
        "plugin {plugin} made no file {expected:?} for package {package:?}, so its types would be missing: it made {made}; \
         leave out options that lead to other crates, or use another plugin"
    )]
    Lost {
        /// The plugin.
        plugin: Box<PluginRef>,
        /// The package without code.
        package: Box<str>,
        /// The file that would hold it.
        expected: Box<str>,
        /// The files that the plugin made.
        made: Box<str>,
    },
    /// The source is written in a language that the plugin does not speak.
    #[error(
        "file {file} uses an edition that this plugin does not know; use anthropics/buffa, which knows editions, or \
         the crates that this registry makes with its own plugins for prost"
    )]
    Edition {
        /// The file.
        file: String,
    },
    /// The files that the plugin would print are not those of the sources.
    #[error(
        "option {option} would print files of an edition in the words of proto3, which is how plugin {plugin} is shown \
         them; leave it out, or use the crates of this registry, which hold the descriptors of the sources"
    )]
    LoweredSet {
        /// The plugin.
        plugin: PluginRef,
        /// The option.
        option: &'static str,
    },
    /// A circle of messages that prost does not see.
    #[error(
        "file {file}: field {field} of message {message} is delimited and leads back to its own message, for which \
         this version of prost has no box; take features.message_encoding = DELIMITED away, or use a newer version, or \
         anthropics/buffa, which knows editions"
    )]
    Delimited {
        /// The file.
        file: String,
        /// Full name of the message.
        message: String,
        /// The field.
        field: String,
    },
    /// A name that nothing is left of: underscores alone.
    #[error(
        "file {file}: {kind} {name} has no name in Rust, because nothing but underscores is in it; rename it, or use \
         another plugin"
    )]
    NoName {
        /// The file.
        file: String,
        /// `message`, `package` or `field` …
        kind: &'static str,
        /// Its full name.
        name: String,
    },
    /// A package inside a package inside a package …
    #[error("file {file}: package {name} has more than {most} segments, too many for Rust; use a shorter name")]
    DeepPackage {
        /// The file.
        file: String,
        /// The package.
        name: String,
        /// Most segments.
        most: usize,
    },
    /// A declaration whose name in Rust the generated code needs for something else.
    #[error(
        "file {file}: {kind} {name} would be {rust} in Rust, a name that the generated code uses itself; rename it, or \
         use another plugin"
    )]
    ReservedName {
        /// The file.
        file: String,
        /// `message`, `service` or `call` …
        kind: &'static str,
        /// Its full name.
        name: String,
        /// The name in Rust.
        rust: String,
    },
    /// One name twice in generated code.
    #[error("{generated} would declare {rust} twice; rename a declaration of that name, or use another plugin")]
    Twice {
        /// The generated file, or the plugin.
        generated: String,
        /// The name in Rust.
        rust: String,
    },
    /// Messages in messages, so deep or so often that the generator would not come to an end.
    #[error(
        "file {file}: message {name} holds other messages too deeply or too often for the generator; \
         make some of the fields repeated or split the message"
    )]
    Entangled {
        /// The file.
        file: String,
        /// Full name of the message.
        name: String,
    },
    /// A type that the plugin's runtime has no JSON for.
    #[error(
        "file {file}: message {message} holds {held}, for which buffa has no JSON; use another plugin for this module"
    )]
    NoJson {
        /// The file.
        file: String,
        /// Full name of the message.
        message: String,
        /// Full name of the nested type.
        held: String,
    },
    /// A type that the plugin's runtime does not have.
    #[error(
        "file {file}: {holder} refers to {held}, which {library} does not have; leave it out, or use another plugin"
    )]
    NoRuntimeType {
        /// The file.
        file: String,
        /// The message or the call.
        holder: String,
        /// Full name of the type.
        held: String,
        /// The crate that would hold it.
        library: &'static str,
    },
    /// A text is not UTF-8, and what plugins read is.
    #[error(
        "file {file}: {text} is not UTF-8, which no plugin can read; write other bytes, or make it bytes where that is \
         possible"
    )]
    NotUtf8 {
        /// The file.
        file: String,
        /// The text, as `the default of field p.M.f`.
        text: String,
    },
    /// Types of a module are used, but no crate holds them.
    #[error("the types of module {0} are used, but no crate was named that holds them")]
    NoCrate(ModuleName),
    /// A package has types in several crates, and the plugin takes one crate a package.
    #[error(
        "types of package {package} are in more than one crate, or below the package of another, and {plugin} can only \
         be told of whole packages; use a later version of it"
    )]
    SharedPackage {
        /// The plugin.
        plugin: PluginRef,
        /// The package.
        package: String,
    },
    /// The compiled sources cannot be read.
    #[error("could not read the compiled form of file {file}: {reason}")]
    Descriptor {
        /// The file.
        file: String,
        /// The decoder's message.
        reason: String,
    },
}

/// The refusal of a request that cannot be read.
pub(super) fn unreadable(plugin: &Plugin, reason: String) -> GenerateError {
    GenerateError::Descriptor { file: format!("in the request for {}", plugin.reference()), reason }
}
