//! The index of files and symbols for server reflection.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use prost::{DecodeError, Message as _};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use crate::model::wire_format::Fields;

/// Field number of `file` in `google.protobuf.FileDescriptorSet`.
const FILE: u32 = 1;

/// The files of a descriptor set, by name and by the symbols that they declare.
///
/// Files are served as they are encoded in the set, because decoding them would lose custom options.
#[derive(Default)]
pub(super) struct Schemas {
    files: Vec<File>,
    by_name: HashMap<String, usize>,
    /// Full names without the leading dot.
    by_symbol: HashMap<String, usize>,
    messages: HashSet<String>,
    extensions: BTreeMap<(String, i32), usize>,
    services: Vec<String>,
}

struct File {
    encoded: Bytes,
    imports: Vec<String>,
}

impl Schemas {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`.
    ///
    /// # Errors
    ///
    /// If `set` is not a valid one.
    pub(super) fn read(set: &'static [u8]) -> Result<Self, DecodeError> {
        let mut schemas = Self::default();
        for field in Fields(set) {
            let field = field?;
            if field.number == FILE {
                let file = FileDescriptorProto::decode(field.content)?;
                schemas.add(&file, Bytes::from_static(field.content));
            }
        }
        schemas.services.sort();
        Ok(schemas)
    }

    fn add(&mut self, file: &FileDescriptorProto, encoded: Bytes) {
        let at = self.files.len();
        let package = file.package();
        self.by_name.insert(file.name().to_owned(), at);
        for message in &file.message_type {
            self.add_message(at, package, message);
        }
        for declared in &file.enum_type {
            self.add_enum(at, package, declared);
        }
        for extension in &file.extension {
            self.add_extension(at, package, extension);
        }
        for service in &file.service {
            let name = full_name(package, service.name());
            for method in &service.method {
                self.by_symbol.insert(full_name(&name, method.name()), at);
            }
            self.by_symbol.insert(name.clone(), at);
            self.services.push(name);
        }
        self.files.push(File { encoded, imports: file.dependency.clone() });
    }

    fn add_message(&mut self, at: usize, scope: &str, message: &DescriptorProto) {
        let name = full_name(scope, message.name());
        let members = message.field.iter().map(FieldDescriptorProto::name);
        for member in members.chain(message.oneof_decl.iter().map(|oneof| oneof.name())) {
            self.by_symbol.insert(full_name(&name, member), at);
        }
        for nested in &message.nested_type {
            self.add_message(at, &name, nested);
        }
        for nested in &message.enum_type {
            self.add_enum(at, &name, nested);
        }
        for extension in &message.extension {
            self.add_extension(at, &name, extension);
        }
        self.messages.insert(name.clone());
        self.by_symbol.insert(name, at);
    }

    /// The values of an enum are declared in the scope around it.
    fn add_enum(&mut self, at: usize, scope: &str, declared: &EnumDescriptorProto) {
        self.by_symbol.insert(full_name(scope, declared.name()), at);
        for value in &declared.value {
            self.by_symbol.insert(full_name(scope, value.name()), at);
        }
    }

    fn add_extension(&mut self, at: usize, scope: &str, extension: &FieldDescriptorProto) {
        self.by_symbol.insert(full_name(scope, extension.name()), at);
        let message = extension.extendee().trim_start_matches('.').to_owned();
        self.extensions.insert((message, extension.number()), at);
    }

    /// The full names of all services, sorted.
    pub(super) fn services(&self) -> &[String] {
        &self.services
    }

    /// The file of this name, followed by all its imports, encoded.
    pub(super) fn file(&self, name: &str) -> Option<Vec<Bytes>> {
        self.by_name.get(name).map(|at| self.with_imports(*at))
    }

    /// As [`Schemas::file`], of the file that declares `symbol`.
    pub(super) fn file_of_symbol(&self, symbol: &str) -> Option<Vec<Bytes>> {
        self.by_symbol.get(symbol).map(|at| self.with_imports(*at))
    }

    /// As [`Schemas::file`], of the file that declares extension `number` of `message`.
    pub(super) fn file_of_extension(&self, message: &str, number: i32) -> Option<Vec<Bytes>> {
        self.extensions.get(&(message.to_owned(), number)).map(|at| self.with_imports(*at))
    }

    /// The numbers of all extensions of `message`, or None if there is no such message.
    pub(super) fn extension_numbers(&self, message: &str) -> Option<Vec<i32>> {
        self.messages.contains(message).then(|| {
            let all = (message.to_owned(), i32::MIN)..=(message.to_owned(), i32::MAX);
            self.extensions.range(all).map(|((_, number), _)| *number).collect()
        })
    }

    fn with_imports(&self, first: usize) -> Vec<Bytes> {
        let mut order = vec![first];
        let mut next = 0;
        while let Some(file) = order.get(next).and_then(|at| self.files.get(*at)) {
            for import in file.imports.iter().filter_map(|name| self.by_name.get(name)) {
                if !order.contains(import) {
                    order.push(*import);
                }
            }
            next += 1;
        }
        order.iter().filter_map(|at| self.files.get(*at)).map(|file| file.encoded.clone()).collect()
    }
}

fn full_name(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FILE_DESCRIPTOR_SET;

    fn names(files: Option<Vec<Bytes>>) -> Vec<String> {
        let files = files.unwrap_or_default();
        files.iter().map(|file| FileDescriptorProto::decode(file.as_ref()).unwrap().name().to_owned()).collect()
    }

    #[test]
    fn a_file_is_found_by_what_it_declares_and_comes_with_its_imports() {
        let schemas = Schemas::read(FILE_DESCRIPTOR_SET).unwrap();
        let mirror = "registry/v1/mirror.proto";
        let by_name = names(schemas.file(mirror));
        assert_eq!(by_name[0], mirror);
        assert!(by_name.contains(&"google/protobuf/timestamp.proto".to_owned()), "{by_name:?}");
        for symbol in [
            "registry.v1.MirrorService",
            "registry.v1.MirrorService.GetModuleOptions",
            "registry.v1.GetModuleOptionsRequest",
        ] {
            assert_eq!(names(schemas.file_of_symbol(symbol)), by_name, "{symbol}");
        }
        for symbol in [
            "grpc.health.v1.HealthCheckResponse.ServingStatus",
            "grpc.health.v1.HealthCheckResponse.SERVING",
            "grpc.health.v1.HealthCheckResponse.status",
        ] {
            assert_eq!(names(schemas.file_of_symbol(symbol)), ["grpc/health/v1/health.proto"], "{symbol}");
        }
        assert!(schemas.file_of_symbol("registry.v1.Nothing").is_none());
        assert!(schemas.file("nothing.proto").is_none());
    }

    #[test]
    fn extensions_are_found_by_message_and_number() {
        let extension = |name: &str, number| FieldDescriptorProto {
            name: Some(name.into()),
            number: Some(number),
            extendee: Some(".a.M".into()),
            ..FieldDescriptorProto::default()
        };
        let file = FileDescriptorProto {
            name: Some("a.proto".into()),
            package: Some("a".into()),
            message_type: vec![DescriptorProto { name: Some("M".into()), ..DescriptorProto::default() }],
            extension: vec![extension("x", 3), extension("y", 1)],
            ..FileDescriptorProto::default()
        };
        let mut schemas = Schemas::default();
        schemas.add(&file, Bytes::from(file.encode_to_vec()));
        assert_eq!(schemas.extension_numbers("a.M"), Some(vec![1, 3]));
        assert_eq!(names(schemas.file_of_extension("a.M", 3)), ["a.proto"]);
        assert!(schemas.file_of_extension("a.M", 4).is_none());
        assert_eq!(schemas.extension_numbers("a.N"), None);
    }

    #[test]
    fn services_are_listed_in_order() {
        let schemas = Schemas::read(FILE_DESCRIPTOR_SET).unwrap();
        assert!(schemas.services().is_sorted());
        assert!(schemas.services().contains(&"buf.registry.module.v1.UploadService".to_owned()));
        assert!(schemas.services().contains(&"grpc.health.v1.Health".to_owned()));
    }
}
