//! `protoc-gen-prost` 0.4.0 over its own prost-build. The published library cannot be used: the tonic plugin of the
//! same time turns prost-build's feature `format` on for the whole program, and the executable was built without.
//! What the library makes public (options, the order of files) is used all the same.

use std::fmt::Write as _;

use prost_0_13::Message as _;
use prost_build_0_13::Config;
use prost_types::compiler::code_generator_response::File;
use prost_types_0_13::compiler::CodeGeneratorRequest;
use protoc_gen_prost_0_4::{InvalidParameter, ModuleRequest, ModuleRequestSet, Param, Params};

/// Answers an encoded request.
pub(in crate::generate) fn execute(raw: &[u8]) -> Result<Vec<File>, String> {
    let request = CodeGeneratorRequest::decode(raw).map_err(|e| e.to_string())?;
    let mut options = Options::read(request.parameter()).map_err(|e| e.to_string())?;
    let root = options.root_file.as_deref();
    let modules =
        ModuleRequestSet::new(request.file_to_generate, request.proto_file, raw, root).map_err(|e| e.to_string())?;
    let mut files = messages(&mut options.config, &modules)?;
    if options.file_descriptor_set {
        files.extend(modules.requests().filter_map(|(_, module)| descriptor_set(module)));
    }
    Ok(files)
}

/// The option `parameter` as prost-build wants it.
struct Options {
    config: Config,
    file_descriptor_set: bool,
    root_file: Option<String>,
}

impl Options {
    fn read(parameter: &str) -> Result<Self, InvalidParameter> {
        let mut config = Config::new();
        config.format(false);
        let mut options = Self { config, file_descriptor_set: false, root_file: None };
        let (mut bytes, mut btree_maps, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for option in Params::from_protoc_plugin_opts(parameter)? {
            match option {
                Param::Value { param: "bytes", value } => bytes.push(value),
                Param::Value { param: "btree_map", value } => btree_maps.push(value),
                Param::Value { param: "disable_comments", value } => bare.push(value),
                Param::KeyValue { param, key, value } => options.set_by_path(param, key, value)?,
                Param::Parameter { param } => options.set_flag(param, "true")?,
                Param::Value { param, value } => options.set_flag(param, value)?,
            }
        }
        options.config.bytes(bytes).btree_map(btree_maps).disable_comments(bare);
        Ok(options)
    }

    /// `name=path=value`.
    fn set_by_path(&mut self, name: &str, path: &str, value: String) -> Result<(), InvalidParameter> {
        match name {
            "extern_path" => self.config.extern_path(path, value),
            "type_attribute" => self.config.type_attribute(path, value),
            "field_attribute" => self.config.field_attribute(path, value),
            "enum_attribute" => self.config.enum_attribute(path, value),
            "message_attribute" => self.config.message_attribute(path, value),
            _ => return Err(InvalidParameter::new(format!("{name}={path}={value}"))),
        };
        Ok(())
    }

    /// `name`, `name=true` or `name=false`.
    fn set_flag(&mut self, name: &str, value: &str) -> Result<(), InvalidParameter> {
        match (name, value) {
            ("default_package_filename", _) => {
                self.root_file = Some(value.to_owned());
                self.config.default_package_filename(value);
            }
            ("file_descriptor_set", "true") => self.file_descriptor_set = true,
            ("compile_well_known_types", "true") => _ = self.config.compile_well_known_types(),
            ("retain_enum_prefix", "true") => _ = self.config.retain_enum_prefix(),
            ("enable_type_names", "true") => _ = self.config.enable_type_names(),
            (
                "file_descriptor_set" | "compile_well_known_types" | "retain_enum_prefix" | "enable_type_names",
                "false",
            ) => {}
            _ => return Err(InvalidParameter::new(format!("{name}={value}"))),
        }
        Ok(())
    }
}

fn messages(config: &mut Config, modules: &ModuleRequestSet) -> Result<Vec<File>, String> {
    let requests: Vec<_> = modules
        .requests()
        .flat_map(|(module, request)| request.files().map(|file| (module.clone(), file.clone())))
        .collect();
    let mut made = config.generate(requests).map_err(|e| e.to_string())?;
    let file = |(module, request): (_, &ModuleRequest)| {
        let code = made.remove(module).unwrap_or_default();
        let content = format!("// @generated\n{code}// @@protoc_insertion_point(module)\n");
        Some(File { name: Some(request.output_filename()?.to_owned()), content: Some(content), ..File::default() })
    };
    Ok(modules.requests().filter_map(file).collect())
}

/// The constant with the files of a package, for the end of the package's own file.
fn descriptor_set(module: &ModuleRequest) -> Option<File> {
    let name = module.output_filename()?.to_owned();
    let mut encoded = Vec::new();
    for file in module.raw_files() {
        prost_0_13::encoding::bytes::encode(1, &file.to_vec(), &mut encoded);
    }
    let package = module.proto_package_name();
    let mut content = format!("/// Encoded file descriptor set for the `{package}` package\n");
    content.push_str("pub const FILE_DESCRIPTOR_SET: &[u8] = &[\n");
    for line in encoded.chunks(16) {
        content.push_str("   ");
        for byte in line {
            let _ = write!(content, " {byte:#04x},");
        }
        content.push('\n');
    }
    content.push_str("];\n");
    let insertion_point = Some("module".to_owned());
    Some(File { name: Some(name), insertion_point, content: Some(content), ..File::default() })
}
