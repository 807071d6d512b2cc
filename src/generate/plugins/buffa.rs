//! buffa's plugin, two versions of it, and the Connect plugin that builds on its messages. `protoc-gen-buffa` is an
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

/// The options that all versions know; `$more` names flags that only this one has.
macro_rules! options {
    ($codegen:ident, $($more:literal => $field:ident),*) => {
        fn config(options: &Options) -> Result<$codegen::CodeGenConfig, String> {
            let mut config = $codegen::CodeGenConfig::default();
            options.iter().try_for_each(|option| set(&mut config, option))?;
            Ok(config)
        }

        fn set(config: &mut $codegen::CodeGenConfig, option: &PluginOption) -> Result<(), String> {
            match option.name() {
                "views" => config.generate_views = flag(option)?,
                "lazy_views" => config.lazy_views = flag(option)?,
                "unknown_fields" => config.preserve_unknown_fields = flag(option)?,
                "json" => config.generate_json = flag(option)?,
                "text" => config.generate_text = flag(option)?,
                "arbitrary" => config.generate_arbitrary = flag(option)?,
                "gate_impls" => config.gate_impls_on_crate_features = flag(option)?,
                "json_feature" => config.feature_gate_names.json = word(option)?,
                "views_feature" => config.feature_gate_names.views = word(option)?,
                "text_feature" => config.feature_gate_names.text = word(option)?,
                "reflect_feature" => config.feature_gate_names.reflect = word(option)?,
                "allow_message_set" => config.allow_message_set = flag(option)?,
                "strict_utf8" | "strict_utf8_mapping" => config.strict_utf8_mapping = flag(option)?,
                "register_types" => config.emit_register_fn = flag(option)?,
                "with_setters" => config.generate_with_setters = flag(option)?,
                "file_per_package" => config.file_per_package = flag(option)?,
                "idiomatic_imports" => config.idiomatic_imports = flag(option)?,
                "type_name_prefix" => config.type_name_prefix = word(option)?,
                "extern_path" => config.extern_paths.push(extern_path(option)),
                "reflection" if flag(option)? => $codegen::ReflectMode::VTable.apply(config),
                "reflection" => $codegen::ReflectMode::Off.apply(config),
                "reflect_mode" => match word(option)?.as_str() {
                    "off" => $codegen::ReflectMode::Off.apply(config),
                    "bridge" => $codegen::ReflectMode::Bridge.apply(config),
                    "vtable" => $codegen::ReflectMode::VTable.apply(config),
                    other => return Err(format!("option reflect_mode is {other:?}; try off, bridge or vtable")),
                },
                $($more => config.$field = flag(option)?,)*
                name => return Err(format!("option {name} is not known to this registry's buffa")),
            }
            Ok(())
        }
    };
}

/// Most memory that the parts of a decoded request may take, in bytes. The plugins take it from the environment.
const MEMORY: usize = 4 << 30;

fn decode(raw: &[u8]) -> Result<buffa_codegen::generated::compiler::CodeGeneratorRequest, String> {
    let options = buffa::DecodeOptions::new().with_element_memory_limit(MEMORY);
    options.decode_from_slice(raw).map_err(|e| format!("the request cannot be read: {e}"))
}

/// `protoc-gen-buffa` 0.9.
pub(in crate::generate) mod v0_9 {
    use super::{File, Options, PluginOption, PluginRequest, extern_path, file, flag, word};

    options!(buffa_codegen, "idiomatic_field_names" => idiomatic_field_names);

    /// Answers a request.
    pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
        let request = super::decode(asked.encoded())?;
        let config = config(asked.options())?;
        let made = buffa_codegen::generate(&request.proto_file, &request.file_to_generate, &config);
        Ok(made.map_err(|e| e.to_string())?.into_iter().map(|made| file(made.name, made.content)).collect())
    }
}

/// `protoc-gen-buffa` 0.8.
pub(in crate::generate) mod v0_8 {
    use buffa_0_8::Message as _;

    use super::{File, Options, PluginOption, PluginRequest, extern_path, file, flag, word};

    options!(buffa_codegen_0_8,);

    /// Answers a request.
    pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
        let request = buffa_codegen_0_8::generated::compiler::CodeGeneratorRequest::decode_from_slice(asked.encoded())
            .map_err(|e| e.to_string())?;
        let config = config(asked.options())?;
        let made = buffa_codegen_0_8::generate(&request.proto_file, &request.file_to_generate, &config);
        Ok(made.map_err(|e| e.to_string())?.into_iter().map(|made| file(made.name, made.content)).collect())
    }
}

/// `protoc-gen-connect-rust` 0.9.
pub(in crate::generate) fn connect_0_9(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let request = decode(asked.encoded())?;
    let response = connectrpc_codegen::codegen::generate(&request).map_err(|e| format!("{e:#}"))?;
    let own = |made: connectrpc_codegen::plugin::CodeGeneratorResponseFile| File {
        name: made.name,
        insertion_point: made.insertion_point,
        content: made.content,
        generated_code_info: None,
    };
    Ok(response.file.into_iter().map(own).collect())
}
