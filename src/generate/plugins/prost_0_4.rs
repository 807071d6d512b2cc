//! `protoc-gen-prost` 0.4.0 over its own prost-build. The published library cannot be used: the tonic plugin of the
//! same time enables prost-build's feature `format` for the whole program, and the executable was built without. The
//! public part of the library, the order of files, is used all the same.

use std::fmt::Write as _;

use prost_0_13::Message as _;
use prost_build_0_13::Config;
use prost_types::compiler::code_generator_response::File;
use prost_types_0_13::compiler::CodeGeneratorRequest;
use protoc_gen_prost_0_4::{ModuleRequest, ModuleRequestSet};

use crate::generate::options::{Options, PluginOption};
use crate::generate::request::plugin_request::PluginRequest;

/// Answers a request.
pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let raw = asked.encoded();
    let request = CodeGeneratorRequest::decode(raw).map_err(|e| e.to_string())?;
    let mut settings = Settings::of(asked.options());
    let root = settings.root_file.as_deref();
    let modules =
        ModuleRequestSet::new(request.file_to_generate, request.proto_file, raw, root).map_err(|e| e.to_string())?;
    let mut files = messages(&mut settings.config, &modules)?;
    if settings.file_descriptor_set {
        files.extend(modules.requests().filter_map(|(_, module)| descriptor_set(module)));
    }
    Ok(files)
}

/// The options as prost-build wants them.
struct Settings {
    config: Config,
    file_descriptor_set: bool,
    root_file: Option<String>,
}

impl Settings {
    fn of(options: &Options) -> Self {
        let mut config = Config::new();
        config.format(false);
        let mut settings = Self { config, file_descriptor_set: false, root_file: None };
        let paths =
            |name: &str| options.iter().filter(|o| o.name() == name).filter_map(|o| o.path()).collect::<Vec<_>>();
        settings.config.bytes(paths("bytes")).btree_map(paths("btree_map")).disable_comments(paths("disable_comments"));
        options.iter().for_each(|option| settings.set(option));
        settings
    }

    fn set(&mut self, option: &PluginOption) {
        let config = &mut self.config;
        match (option.name(), option.path(), option.value()) {
            ("extern_path", Some(path), Some(value)) => _ = config.extern_path(path, value),
            ("type_attribute", Some(path), Some(value)) => _ = config.type_attribute(path, value),
            ("field_attribute", Some(path), Some(value)) => _ = config.field_attribute(path, value),
            ("enum_attribute", Some(path), Some(value)) => _ = config.enum_attribute(path, value),
            ("message_attribute", Some(path), Some(value)) => _ = config.message_attribute(path, value),
            ("default_package_filename", _, Some(value)) => {
                self.root_file = Some(value.to_owned());
                config.default_package_filename(value);
            }
            ("file_descriptor_set", ..) => self.file_descriptor_set |= option.is_on(),
            ("compile_well_known_types", ..) if option.is_on() => _ = config.compile_well_known_types(),
            ("retain_enum_prefix", ..) if option.is_on() => _ = config.retain_enum_prefix(),
            ("enable_type_names", ..) if option.is_on() => _ = config.enable_type_names(),
            // Paths are set all at once, and disabled options have no effect.
            _ => {}
        }
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
