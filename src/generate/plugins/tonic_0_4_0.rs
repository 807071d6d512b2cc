//! `protoc-gen-tonic` 0.4.0 over its own tonic-build. The published library cannot stand beside 0.4.1, which cargo takes
//! for the same library; the public part of its companion, the order of files, is used all the same.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use prost_0_12::Message as _;
use prost_build_0_12::Module;
use prost_types::compiler::code_generator_response::File;
use prost_types_0_12::compiler::CodeGeneratorRequest;
use prost_types_0_12::{FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};
use protoc_gen_prost_0_3::{ModuleRequest, ModuleRequestSet};
use tonic_build_0_11::{Attributes, CodeGenBuilder, Method, Service};

use crate::generate::options::{Options, PluginOption};
use crate::generate::request::plugin_request::PluginRequest;
use crate::model::rust_type;

/// Answers a request.
pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let raw = asked.encoded();
    let request = CodeGeneratorRequest::decode(raw).map_err(|e| e.to_string())?;
    let settings = Settings::of(asked.options());
    let root = settings.root_file.as_deref();
    let modules =
        ModuleRequestSet::new(request.file_to_generate, request.proto_file, raw, root).map_err(|e| e.to_string())?;
    let mut files = Vec::new();
    for (module, of_package) in modules.requests() {
        files.extend(settings.stubs(module, of_package)?);
    }
    Ok(files)
}

/// What the options say.
struct Settings {
    root_file: Option<String>,
    extern_paths: BTreeMap<String, String>,
    client: Side,
    server: Side,
    without_package: bool,
    without_transport: bool,
    without_include: bool,
    compile_well_known_types: bool,
}

/// What is said of clients, or of servers.
#[derive(Default)]
struct Side {
    attributes: Attributes,
    left_out: bool,
}

impl Settings {
    fn of(options: &Options) -> Self {
        let mut settings = Self {
            root_file: None,
            extern_paths: BTreeMap::new(),
            client: Side::default(),
            server: Side::default(),
            without_package: false,
            without_transport: false,
            without_include: false,
            compile_well_known_types: false,
        };
        options.iter().for_each(|option| settings.set(option));
        if !settings.compile_well_known_types {
            let known = WELL_KNOWN.iter().map(|(proto, rust)| ((*proto).to_owned(), (*rust).to_owned()));
            settings.extern_paths = known.chain(settings.extern_paths).collect();
        }
        settings
    }

    fn set(&mut self, option: &PluginOption) {
        match (option.name(), option.path(), option.value()) {
            ("extern_path", Some(path), Some(value)) => _ = self.extern_paths.insert(path.into(), value.into()),
            ("client_attribute", Some(path), Some(value)) => self.client.attributes.push_struct(path, value),
            ("client_mod_attribute", Some(path), Some(value)) => self.client.attributes.push_mod(path, value),
            ("server_attribute", Some(path), Some(value)) => self.server.attributes.push_struct(path, value),
            ("server_mod_attribute", Some(path), Some(value)) => self.server.attributes.push_mod(path, value),
            ("default_package_filename", _, Some(value)) => self.root_file = Some(value.to_owned()),
            ("compile_well_known_types", ..) => self.compile_well_known_types |= option.is_on(),
            ("disable_package_emission", ..) => self.without_package |= option.is_on(),
            ("no_client", ..) => self.client.left_out |= option.is_on(),
            ("no_server", ..) => self.server.left_out |= option.is_on(),
            ("no_transport", ..) => self.without_transport |= option.is_on(),
            ("no_include", ..) => self.without_include |= option.is_on(),
            // No other option of the plugin has an effect.
            _ => {}
        }
    }

    /// The files of a package: none if it has no services.
    fn stubs(&self, module: &Module, of_package: &ModuleRequest) -> Result<Vec<File>, String> {
        let mut code = TokenStream::new();
        for file in of_package.files() {
            for (index, service) in file.service.iter().enumerate() {
                let stub = Stub::of(self, module, file, (index, service))?;
                if !self.client.left_out {
                    code.extend(self.builder(&self.client).generate_client(&stub, PARENT));
                }
                if !self.server.left_out {
                    code.extend(self.builder(&self.server).generate_server(&stub, PARENT));
                }
            }
        }
        if code.is_empty() {
            return Ok(Vec::new());
        }
        let parsed = syn::parse2(code).map_err(|e| format!("the stubs of {module} are not Rust: {e}"))?;
        let name = format!("{}.tonic.rs", of_package.proto_package_name());
        let include = format!("include!(\"{name}\");\n");
        let stubs = File {
            name: Some(name),
            content: Some(format!("// @generated\n{}", prettyplease::unparse(&parsed))),
            ..File::default()
        };
        let included = of_package.output_filename().filter(|_| !self.without_include).map(|package_file| File {
            name: Some(package_file.to_owned()),
            insertion_point: Some("module".to_owned()),
            content: Some(include),
            ..File::default()
        });
        Ok(included.into_iter().chain([stubs]).collect())
    }

    fn builder(&self, side: &Side) -> CodeGenBuilder {
        let mut builder = CodeGenBuilder::new();
        builder
            .emit_package(!self.without_package)
            .build_transport(!self.without_transport)
            .compile_well_known_types(self.compile_well_known_types)
            .attributes(side.attributes.clone());
        builder
    }

    /// The Rust type of the message called `full_name`, as the stubs of the package `from` write it.
    fn rust_type(&self, from: &Module, full_name: &str) -> Result<TokenStream, String> {
        let path = self.extern_type(full_name).unwrap_or_else(|| relative_type(from, full_name));
        let is_absolute = matches!(path.split("::").next(), Some("" | "crate" | "()"));
        let is_known = full_name.starts_with(".google.protobuf") && !self.compile_well_known_types;
        let path = if is_absolute || is_known { path } else { format!("{PARENT}::{path}") };
        path.parse().map_err(|_| format!("{path}, for {full_name}, is not a path of Rust"))
    }

    /// The type by the nearest package or message around it that has a path of its own.
    fn extern_type(&self, full_name: &str) -> Option<String> {
        let mut outer = full_name;
        loop {
            if let Some(path) = self.extern_paths.get(outer) {
                let rest = full_name[outer.len()..].trim_start_matches('.');
                return Some(if rest.is_empty() { path.clone() } else { format!("{path}::{}", rust_path(rest)) });
            }
            outer = &outer[..outer.rfind('.')?];
        }
    }
}

/// Stubs stand in modules of their own, beside the messages.
const PARENT: &str = "super";

/// What the runtime has of `google.protobuf`.
const WELL_KNOWN: [(&str, &str); 11] = [
    (".google.protobuf", "::prost_types"),
    (".google.protobuf.BoolValue", "bool"),
    (".google.protobuf.BytesValue", "::prost::alloc::vec::Vec<u8>"),
    (".google.protobuf.DoubleValue", "f64"),
    (".google.protobuf.Empty", "()"),
    (".google.protobuf.FloatValue", "f32"),
    (".google.protobuf.Int32Value", "i32"),
    (".google.protobuf.Int64Value", "i64"),
    (".google.protobuf.StringValue", "::prost::alloc::string::String"),
    (".google.protobuf.UInt32Value", "u32"),
    (".google.protobuf.UInt64Value", "u64"),
];

/// `a.Outer.Inner` as `a::outer::Inner`.
fn rust_path(name: &str) -> String {
    let (scopes, name) = name.rsplit_once('.').unwrap_or(("", name));
    let module = Module::from_protobuf_package_name(scopes);
    module.parts().map(str::to_owned).chain([rust_type(name)]).collect::<Vec<_>>().join("::")
}

/// The type from within the package `from`: up to what both have in common, and down.
fn relative_type(from: &Module, full_name: &str) -> String {
    let path = rust_path(full_name.trim_start_matches('.'));
    let to: Vec<&str> = path.split("::").collect();
    let scopes = &to[..to.len().saturating_sub(1)];
    let common = from.parts().zip(scopes).take_while(|(from, to)| from == *to).count();
    let up = std::iter::repeat_n(PARENT, from.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("::")
}

/// The comments before a declaration, as the generator takes them: all in one piece.
fn comments(file: &FileDescriptorProto, path: &[i32]) -> Vec<String> {
    let places = file.source_code_info.as_ref().map_or(&[][..], |info| &info.location);
    let found = places.binary_search_by(|place| place.path.as_slice().cmp(path));
    found.ok().map(|at| places[at].leading_comments().to_owned()).into_iter().collect()
}

/// The place of a declaration as a path into its file, see `SourceCodeInfo` of `descriptor.proto`.
fn path(service: usize, method: Option<usize>) -> Vec<i32> {
    let number = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
    let inside = method.map(|method| [2, number(method)]);
    [6, number(service)].into_iter().chain(inside.into_iter().flatten()).collect()
}

/// A service, as tonic-build asks for it.
struct Stub {
    name: String,
    package: String,
    identifier: String,
    calls: Vec<Call>,
    comments: Vec<String>,
}

/// A call of a service.
struct Call {
    name: String,
    identifier: String,
    request: TokenStream,
    response: TokenStream,
    streams: (bool, bool),
    comments: Vec<String>,
}

impl Stub {
    fn of(
        settings: &Settings,
        module: &Module,
        file: &FileDescriptorProto,
        (index, service): (usize, &ServiceDescriptorProto),
    ) -> Result<Self, String> {
        let call = |(method, declared): (usize, &MethodDescriptorProto)| {
            Ok(Call {
                name: Module::from_protobuf_package_name(declared.name()).parts().collect(),
                identifier: declared.name().to_owned(),
                request: settings.rust_type(module, declared.input_type())?,
                response: settings.rust_type(module, declared.output_type())?,
                streams: (declared.client_streaming(), declared.server_streaming()),
                comments: comments(file, &path(index, Some(method))),
            })
        };
        Ok(Self {
            name: rust_type(service.name()),
            package: file.package().to_owned(),
            identifier: service.name().to_owned(),
            calls: service.method.iter().enumerate().map(call).collect::<Result<_, String>>()?,
            comments: comments(file, &path(index, None)),
        })
    }
}

impl Service for Stub {
    type Comment = String;
    type Method = Call;

    fn name(&self) -> &str {
        &self.name
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn methods(&self) -> &[Call] {
        &self.calls
    }

    fn comment(&self) -> &[String] {
        &self.comments
    }
}

impl Method for Call {
    type Comment = String;

    fn name(&self) -> &str {
        &self.name
    }

    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn codec_path(&self) -> &'static str {
        "tonic::codec::ProstCodec"
    }

    fn client_streaming(&self) -> bool {
        self.streams.0
    }

    fn server_streaming(&self) -> bool {
        self.streams.1
    }

    fn comment(&self) -> &[String] {
        &self.comments
    }

    fn request_response_name(&self, _proto_path: &str, _well_known: bool) -> (TokenStream, TokenStream) {
        (self.request.clone(), self.response.clone())
    }
}
