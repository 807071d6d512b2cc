//! A whole program that uses the crate, with names of the module: a call of its first service, or a message that is
//! encoded and decoded.

use std::collections::HashMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto};

use crate::model::{Declared, DeclaredKind, Family, ModuleName, Plugin, declared_types, is_map_entry};
use crate::publish::rust_naming::{Around, RustPath, RustPaths};
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;

use super::example_package::ExamplePackage;

/// The most fields that are set.
const FIELDS: usize = 2;

/// The most messages that are looked at for one with such fields.
const TRIED: usize = 200;

/// Options of plugins after which there is no client, or it cannot connect by itself.
const WITHOUT_CLIENT: [&str; 3] = ["no_client", "no_transport", "gate_client_feature"];

/// Names of the prelude that the program uses: an imported type with such a name would take its place.
const USED: [&str; 6] = ["Box", "Default", "Err", "Ok", "Result", "Vec"];

/// The program for the crate of `plugin`; none if its first package declares nothing that a short program can show.
///
/// # Errors
/// When the commit cannot be compiled, or the store fails.
pub(super) fn example(visit: &PageRequest<'_>, at: &ModuleAtCommit, plugin: &Plugin) -> Answer<Option<String>> {
    let publisher = &visit.state.publisher;
    // Nobody knows what the code of another program looks like.
    let Some(asked) = publisher.plugin_for_commit(plugin, at.commit.id)?.filter(|plugin| !plugin.is_external()) else {
        return Ok(None);
    };
    let Some(package) = ExamplePackage::find(visit, at, plugin)? else { return Ok(None) };
    let paths = RustPaths::new(plugin, publisher.catalogue()).numbered(&package.descriptors, &at.module.name);
    let module = ExampleModule { name: &at.module.name, family: plugin.family, package: &package, paths };
    if plugin.dependencies.is_empty() {
        return Ok(module.message());
    }
    let has_client = !asked.options.iter().any(|option| WITHOUT_CLIENT.iter().any(|word| option.starts_with(word)));
    Ok(if has_client { module.call() } else { None })
}

struct ExampleModule<'a> {
    name: &'a ModuleName,
    family: Family,
    package: &'a ExamplePackage,
    paths: RustPaths,
}

/// A message of the module.
struct ExampleMessage<'a> {
    file: &'a FileDescriptorProto,
    proto: &'a DescriptorProto,
    path: RustPath,
}

impl<'a> ExampleModule<'a> {
    fn files(&self) -> impl Iterator<Item = &'a FileDescriptorProto> {
        self.package.files(self.name)
    }

    /// The first message with a field that can be set in a line, or the first one.
    fn message(&self) -> Option<String> {
        let messages: Vec<_> = self.files().flat_map(|file| self.messages_of(file)).take(TRIED).collect();
        let shown = messages.iter().find(|message| !self.values(message).is_empty()).or(messages.first())?;
        let (import, name, value) = (&shown.path.import, last(&shown.path), self.value(shown));
        let (runtime, decode) = match self.family {
            Family::Prost => ("prost", "decode(bytes.as_slice())"),
            Family::Buffa => ("buffa", "decode_from_slice(&bytes)"),
        };
        Some(format!(
            "{import}\nuse {runtime}::Message as _;\n\nfn main() -> Result<(), {runtime}::DecodeError> {{\n    \
             let message = {value};\n    let bytes = message.encode_to_vec();\n    \
             let decoded = {name}::{decode}?;\n    assert_eq!(decoded, message);\n    Ok(())\n}}"
        ))
    }

    /// A call of the first method with one request of this module and one response.
    fn call(&self) -> Option<String> {
        let mut known = HashMap::new();
        for file in self.files() {
            for declared in declared_types(file) {
                known.insert(declared.full_name(file.package()), (file, declared));
            }
        }
        let services = self.files().flat_map(|file| file.service.iter().map(move |service| (file, service)));
        services.into_iter().find_map(|(file, service)| {
            let around = Around { module: self.name, package: file.package(), parents: &[] };
            let client = self.paths.of_client(around, service.name())?;
            service.method.iter().filter(|method| is_plain_call(method)).find_map(|method| {
                let (file, declared) = known.get(method.input_type())?;
                let request = self.of_declared(file, declared)?;
                let function = last(&self.paths.of_call(&client, method.name())).to_owned();
                // The functions that make a client have these names.
                (function != "connect" && function != "new").then(|| self.program(&client, &request, &function))
            })
        })
    }

    fn program(&self, client: &RustPath, request: &ExampleMessage<'_>, function: &str) -> String {
        let (client_name, value) = (last(client), self.value(request));
        let (first, connected, of_response) = match self.family {
            Family::Prost => (
                String::new(),
                format!("    let mut client = {client_name}::connect(\"http://localhost:50051\").await?;\n"),
                "into_inner",
            ),
            Family::Buffa => (
                "use connectrpc::client::{ClientConfig, HttpClient};\n".to_owned(),
                format!(
                    "    let config = ClientConfig::new(\"http://localhost:8080\".parse()?);\n    \
                     let client = {client_name}::new(HttpClient::plaintext(), config);\n"
                ),
                "into_owned",
            ),
        };
        let (import, import_client) = (&request.path.import, &client.import);
        format!(
            "{import}\n{import_client}\n{first}\n#[tokio::main]\n\
             async fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{connected}    \
             let request = {value};\n    let response = client.{function}(request).await?;\n    \
             println!(\"{{:?}}\", response.{of_response}());\n    Ok(())\n}}"
        )
    }

    fn messages_of(&self, file: &'a FileDescriptorProto) -> Vec<ExampleMessage<'a>> {
        let outermost = declared_types(file).into_iter().filter(|declared| declared.parents.is_empty());
        outermost.filter_map(|declared| self.of_declared(file, &declared)).collect()
    }

    fn of_declared(&self, file: &'a FileDescriptorProto, declared: &Declared<'a>) -> Option<ExampleMessage<'a>> {
        let DeclaredKind::Message(proto) = declared.kind else { return None };
        let around = Around { module: self.name, package: file.package(), parents: &declared.parents };
        let path = self.paths.of_type(around, declared.name);
        let deprecated = proto.options.as_ref().is_some_and(|options| options.deprecated());
        let usable = !deprecated && !is_map_entry(proto) && !USED.contains(&last(&path));
        usable.then_some(ExampleMessage { file, proto, path })
    }

    /// The expression that makes a message, as it stands in a function.
    fn value(&self, message: &ExampleMessage<'_>) -> String {
        let (name, values) = (last(&message.path), self.values(message));
        if values.is_empty() {
            return format!("{name}::default()");
        }
        format!("{name} {{\n        {},\n        ..Default::default()\n    }}", values.join(",\n        "))
    }

    /// The first fields with a value that can be written in a line.
    fn values(&self, message: &ExampleMessage<'_>) -> Vec<String> {
        // Fields of other files may be optional by the rules of their file.
        if message.file.syntax() != "proto3" {
            return vec![];
        }
        let value = |field: &FieldDescriptorProto| {
            let name = self.paths.of_field(&message.path, field.name());
            Some(format!("{}: {}", last(&name), plain_value(field)?))
        };
        message.proto.field.iter().filter_map(value).take(FIELDS).collect()
    }
}

fn is_plain_call(method: &MethodDescriptorProto) -> bool {
    let deprecated = method.options.as_ref().is_some_and(|options| options.deprecated());
    !method.client_streaming() && !method.server_streaming() && !deprecated
}

/// A value for a field that is neither optional nor repeated, nor deprecated.
fn plain_value(field: &FieldDescriptorProto) -> Option<String> {
    let deprecated = field.options.as_ref().is_some_and(|options| options.deprecated());
    if field.label() == Label::Repeated || field.oneof_index.is_some() || field.proto3_optional() || deprecated {
        return None;
    }
    Some(match field.r#type() {
        Type::String => format!("\"{}\".into()", field.name().replace('_', " ")),
        Type::Bool => "true".into(),
        Type::Double | Type::Float => "1.5".into(),
        Type::Bytes | Type::Message | Type::Group | Type::Enum => return None,
        _ => "1".into(),
    })
}

/// The last name of a path.
fn last(path: &RustPath) -> &str {
    path.short.rsplit("::").next().unwrap_or(&path.short)
}
