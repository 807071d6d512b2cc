//! buffa's plugin, two versions of it, and the Connect plugin that builds on its messages. `protoc-gen-buffa` is an
//! executable without a library, so its options are read here; the generator behind it is a library.

use prost_types::compiler::code_generator_response::File;

fn flag(name: &str, value: &str) -> Result<bool, String> {
    match value.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("option {name} is {other:?}, and must be true or false")),
    }
}

fn file(name: String, content: String) -> File {
    File { name: Some(name), content: Some(content), ..File::default() }
}

/// A feature name; an empty one would turn code off for good.
fn feature(name: &str, value: &str) -> Result<String, String> {
    match value.trim() {
        "" => Err(format!("option {name} needs the name of a feature")),
        value => Ok(value.to_owned()),
    }
}

/// `proto=rust`, the first with a dot in front.
fn extern_path(value: &str) -> Result<(String, String), String> {
    let (proto, rust) = value.split_once('=').unwrap_or_default();
    let (proto, rust) = (proto.trim(), rust.trim());
    if proto.is_empty() || rust.is_empty() {
        return Err(format!("option extern_path is {value:?}, and must be like .acme.type=::acme_types::acme::type"));
    }
    let dot = if proto.starts_with('.') { "" } else { "." };
    Ok((format!("{dot}{proto}"), rust.to_owned()))
}

/// The options that all versions know; `$more` names flags that only this one has.
macro_rules! options {
    ($codegen:ident, $($more:literal => $field:ident),*) => {
        /// The options of the plugin, as `name=value`.
        fn read(parameter: &str) -> Result<$codegen::CodeGenConfig, String> {
            let mut config = $codegen::CodeGenConfig::default();
            for option in parameter.split(',').map(str::trim).filter(|option| !option.is_empty()) {
                let (name, value) = option
                    .split_once('=')
                    .ok_or_else(|| format!("option {option:?} has no value; write {option}=true"))?;
                set(&mut config, name.trim(), value)?;
            }
            Ok(config)
        }

        fn set(config: &mut $codegen::CodeGenConfig, name: &str, value: &str) -> Result<(), String> {
            match name {
                "views" => config.generate_views = flag(name, value)?,
                "lazy_views" => config.lazy_views = flag(name, value)?,
                "unknown_fields" => config.preserve_unknown_fields = flag(name, value)?,
                "json" => config.generate_json = flag(name, value)?,
                "text" => config.generate_text = flag(name, value)?,
                "arbitrary" => config.generate_arbitrary = flag(name, value)?,
                "gate_impls" => config.gate_impls_on_crate_features = flag(name, value)?,
                "json_feature" => config.feature_gate_names.json = feature(name, value)?,
                "views_feature" => config.feature_gate_names.views = feature(name, value)?,
                "text_feature" => config.feature_gate_names.text = feature(name, value)?,
                "reflect_feature" => config.feature_gate_names.reflect = feature(name, value)?,
                "allow_message_set" => config.allow_message_set = flag(name, value)?,
                "strict_utf8" | "strict_utf8_mapping" => config.strict_utf8_mapping = flag(name, value)?,
                "register_types" => config.emit_register_fn = flag(name, value)?,
                "with_setters" => config.generate_with_setters = flag(name, value)?,
                "file_per_package" => config.file_per_package = flag(name, value)?,
                "idiomatic_imports" => config.idiomatic_imports = flag(name, value)?,
                "type_name_prefix" => value.clone_into(&mut config.type_name_prefix),
                "extern_path" => config.extern_paths.push(extern_path(value)?),
                "reflection" if flag(name, value)? => $codegen::ReflectMode::VTable.apply(config),
                "reflection" => $codegen::ReflectMode::Off.apply(config),
                "reflect_mode" => match value.trim() {
                    "off" => $codegen::ReflectMode::Off.apply(config),
                    "bridge" => $codegen::ReflectMode::Bridge.apply(config),
                    "vtable" => $codegen::ReflectMode::VTable.apply(config),
                    other => return Err(format!("option reflect_mode is {other:?}; try off, bridge or vtable")),
                },
                $($more => config.$field = flag(name, value)?,)*
                _ => return Err(format!("option {name:?} is not known to this registry's buffa")),
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
    use super::{File, extern_path, feature, file, flag};

    options!(buffa_codegen, "idiomatic_field_names" => idiomatic_field_names);

    /// Answers an encoded request.
    pub(in crate::generate) fn execute(raw: &[u8]) -> Result<Vec<File>, String> {
        let request = super::decode(raw)?;
        let config = read(request.parameter.as_deref().unwrap_or_default())?;
        let made = buffa_codegen::generate(&request.proto_file, &request.file_to_generate, &config);
        Ok(made.map_err(|e| e.to_string())?.into_iter().map(|made| file(made.name, made.content)).collect())
    }
}

/// `protoc-gen-buffa` 0.8.
pub(in crate::generate) mod v0_8 {
    use buffa_0_8::Message as _;

    use super::{File, extern_path, feature, file, flag};

    options!(buffa_codegen_0_8,);

    /// Answers an encoded request.
    pub(in crate::generate) fn execute(raw: &[u8]) -> Result<Vec<File>, String> {
        let request = buffa_codegen_0_8::generated::compiler::CodeGeneratorRequest::decode_from_slice(raw)
            .map_err(|e| e.to_string())?;
        let config = read(request.parameter.as_deref().unwrap_or_default())?;
        let made = buffa_codegen_0_8::generate(&request.proto_file, &request.file_to_generate, &config);
        Ok(made.map_err(|e| e.to_string())?.into_iter().map(|made| file(made.name, made.content)).collect())
    }
}

/// `protoc-gen-connect-rust` 0.9.
pub(in crate::generate) fn connect_0_9(raw: &[u8]) -> Result<Vec<File>, String> {
    let request = decode(raw)?;
    let response = connectrpc_codegen::codegen::generate(&request).map_err(|e| format!("{e:#}"))?;
    let own = |made: connectrpc_codegen::plugin::CodeGeneratorResponseFile| File {
        name: made.name,
        insertion_point: made.insertion_point,
        content: made.content,
        generated_code_info: None,
    };
    Ok(response.file.into_iter().map(own).collect())
}
