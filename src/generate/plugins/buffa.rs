//! buffa's plugin, five versions of it, and the Connect plugin that builds on its messages. `protoc-gen-buffa` is an
//! executable without a library, so this file implements its options; the generator behind it is a library.

use prost_types::compiler::code_generator_response::File;

use crate::generate::options::{Options, PluginOption};
use crate::generate::request::plugin_request::PluginRequest;

fn flag(option: &PluginOption) -> Result<bool, String> {
    match option.value() {
        Some(value) => Ok(value == "true"),
        None => Err(format!("option {0} has no value; write {0}=true", option.name())),
    }
}

fn file(name: String, content: String) -> File {
    File { name: Some(name), content: Some(content), ..File::default() }
}

/// The value of an option, which must not be empty.
fn word(option: &PluginOption) -> Result<String, String> {
    option.value().map(str::to_owned).ok_or_else(|| format!("option {} has no value", option.name()))
}

/// Which path of Protobuf, with a dot in front, is which path of Rust.
fn extern_path(option: &PluginOption) -> (String, String) {
    let (proto, rust) = (option.path().unwrap_or_default(), option.value().unwrap_or_default());
    let dot = if proto.starts_with('.') { "" } else { "." };
    (format!("{dot}{proto}"), rust.to_owned())
}

/// The options that all versions of buffa know; `$more` is what becomes of another one.
macro_rules! common_options {
    ($config:ident, $option:ident, $more:expr) => {
        match $option.name() {
            "views" => $config.generate_views = flag($option)?,
            "unknown_fields" => $config.preserve_unknown_fields = flag($option)?,
            "json" => $config.generate_json = flag($option)?,
            "text" => $config.generate_text = flag($option)?,
            "arbitrary" => $config.generate_arbitrary = flag($option)?,
            "allow_message_set" => $config.allow_message_set = flag($option)?,
            "strict_utf8" | "strict_utf8_mapping" => $config.strict_utf8_mapping = flag($option)?,
            "register_types" => $config.emit_register_fn = flag($option)?,
            "file_per_package" => $config.file_per_package = flag($option)?,
            "extern_path" => $config.extern_paths.push(extern_path($option)),
            _ => $more,
        }
    };
}

/// The options that came with 0.6.
macro_rules! options_of_0_6 {
    ($config:ident, $option:ident, $more:expr) => {
        match $option.name() {
            "gate_impls" => $config.gate_impls_on_crate_features = flag($option)?,
            "with_setters" => $config.generate_with_setters = flag($option)?,
            _ => $more,
        }
    };
}

/// The options that came with 0.7.
macro_rules! options_of_0_7 {
    ($codegen:ident, $config:ident, $option:ident, $more:expr) => {
        match $option.name() {
            "reflection" if flag($option)? => $codegen::ReflectMode::VTable.apply($config),
            "reflection" => $codegen::ReflectMode::Off.apply($config),
            "reflect_mode" => match word($option)?.as_str() {
                "off" => $codegen::ReflectMode::Off.apply($config),
                "bridge" => $codegen::ReflectMode::Bridge.apply($config),
                "vtable" => $codegen::ReflectMode::VTable.apply($config),
                other => return Err(format!("option reflect_mode is {other:?}; try off, bridge or vtable")),
            },
            _ => $more,
        }
    };
}

/// The options that came with 0.8.
macro_rules! options_of_0_8 {
    ($config:ident, $option:ident, $more:expr) => {
        match $option.name() {
            "lazy_views" => $config.lazy_views = flag($option)?,
            "json_feature" => $config.feature_gate_names.json = word($option)?,
            "views_feature" => $config.feature_gate_names.views = word($option)?,
            "text_feature" => $config.feature_gate_names.text = word($option)?,
            "reflect_feature" => $config.feature_gate_names.reflect = word($option)?,
            "idiomatic_imports" => $config.idiomatic_imports = flag($option)?,
            "type_name_prefix" => $config.type_name_prefix = word($option)?,
            _ => $more,
        }
    };
}

/// Declares `execute`, which answers a request by the generator of one version; `$set` tells it an option.
macro_rules! execute {
    ($codegen:ident, $decode:expr, |$config:ident, $option:ident, $unknown:ident| $set:expr) => {
        /// Answers a request.
        pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
            let request: $codegen::generated::compiler::CodeGeneratorRequest = $decode(asked.encoded())?;
            generate(&request, &config(asked.options())?)
        }

        /// Makes the messages.
        pub(in crate::generate::plugins) fn generate(
            request: &$codegen::generated::compiler::CodeGeneratorRequest,
            config: &$codegen::CodeGenConfig,
        ) -> Result<Vec<File>, String> {
            let made = $codegen::generate(&request.proto_file, &request.file_to_generate, config);
            Ok(made.map_err(|e| e.to_string())?.into_iter().map(|made| file(made.name, made.content)).collect())
        }

        /// What the options say.
        pub(in crate::generate::plugins) fn config(options: &Options) -> Result<$codegen::CodeGenConfig, String> {
            let mut config = $codegen::CodeGenConfig::default();
            options.iter().try_for_each(|option| set(&mut config, option))?;
            Ok(config)
        }

        fn set($config: &mut $codegen::CodeGenConfig, $option: &PluginOption) -> Result<(), String> {
            let $unknown = || Err(format!("option {} is not known to this version of buffa", $option.name()));
            $set;
            Ok(())
        }
    };
}

/// Most memory that the parts of a decoded request may take, in bytes. The plugins take it from the environment.
const MEMORY: usize = 4 << 30;

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("the request cannot be read: {error}")
}

/// Decodes a request within [`MEMORY`].
pub(super) fn decode_0_9<M: buffa::Message>(raw: &[u8]) -> Result<M, String> {
    buffa::DecodeOptions::new().with_element_memory_limit(MEMORY).decode_from_slice(raw).map_err(unreadable)
}

/// Declares a function that decodes a request with a version of buffa that has no such limit.
macro_rules! decode {
    ($name:ident, $buffa:ident) => {
        fn $name<M: $buffa::Message>(raw: &[u8]) -> Result<M, String> {
            M::decode_from_slice(raw).map_err(unreadable)
        }
    };
}

decode!(decode_0_8, buffa_0_8);
decode!(decode_0_7, buffa_0_7);
decode!(decode_0_6, buffa_0_6);
decode!(decode_0_5, buffa_0_5);

/// `protoc-gen-buffa` 0.9.
pub(in crate::generate) mod v0_9 {
    use super::{File, Options, PluginOption, PluginRequest, decode_0_9, extern_path, file, flag, word};

    execute!(buffa_codegen, decode_0_9, |config, option, unknown| match option.name() {
        "idiomatic_field_names" => config.idiomatic_field_names = flag(option)?,
        _ => common_options!(
            config,
            option,
            options_of_0_6!(
                config,
                option,
                options_of_0_7!(buffa_codegen, config, option, options_of_0_8!(config, option, return unknown()))
            )
        ),
    });
}

/// `protoc-gen-buffa` 0.8.
pub(in crate::generate) mod v0_8 {
    use super::{File, Options, PluginOption, PluginRequest, decode_0_8, extern_path, file, flag, word};

    execute!(buffa_codegen_0_8, decode_0_8, |config, option, unknown| common_options!(
        config,
        option,
        options_of_0_6!(
            config,
            option,
            options_of_0_7!(buffa_codegen_0_8, config, option, options_of_0_8!(config, option, return unknown()))
        )
    ));
}

/// `protoc-gen-buffa` 0.7.
pub(in crate::generate) mod v0_7 {
    use super::{File, Options, PluginOption, PluginRequest, decode_0_7, extern_path, file, flag, word};

    execute!(buffa_codegen_0_7, decode_0_7, |config, option, unknown| common_options!(
        config,
        option,
        options_of_0_6!(config, option, options_of_0_7!(buffa_codegen_0_7, config, option, return unknown()))
    ));
}

/// `protoc-gen-buffa` 0.6.
pub(in crate::generate) mod v0_6 {
    use super::{File, Options, PluginOption, PluginRequest, decode_0_6, extern_path, file, flag};

    execute!(buffa_codegen_0_6, decode_0_6, |config, option, unknown| common_options!(
        config,
        option,
        options_of_0_6!(config, option, return unknown())
    ));
}

/// `protoc-gen-buffa` 0.5.
pub(in crate::generate) mod v0_5 {
    use super::{File, Options, PluginOption, PluginRequest, decode_0_5, extern_path, file, flag};

    execute!(buffa_codegen_0_5, decode_0_5, |config, option, unknown| common_options!(
        config,
        option,
        return unknown()
    ));
}

/// Declares a function that answers a request by the Connect generator of one version.
macro_rules! connect {
    ($(#[$doc:meta])* $name:ident = $codegen:ident, $decode:ident) => {
        $(#[$doc])*
        pub(in crate::generate) fn $name(asked: &PluginRequest) -> Result<Vec<File>, String> {
            let response = $codegen::codegen::generate(&$decode(asked.encoded())?).map_err(|e| format!("{e:#}"))?;
            let own = |made: $codegen::plugin::CodeGeneratorResponseFile| File {
                name: made.name,
                insertion_point: made.insertion_point,
                content: made.content,
                generated_code_info: None,
            };
            Ok(response.file.into_iter().map(own).collect())
        }
    };
}

connect!(
    /// `protoc-gen-connect-rust` 0.9.
    connect_0_9 = connectrpc_codegen,
    decode_0_9
);
connect!(
    /// `protoc-gen-connect-rust` 0.8.
    connect_0_8 = connectrpc_codegen_0_8,
    decode_0_8
);
