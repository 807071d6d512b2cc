//! Gives declarations other names in encoded descriptors, with all references to them. Nothing is decoded, because that
//! would lose options that `descriptor.proto` does not know.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost::{DecodeError, Message as _};
use prost_types::FileDescriptorProto;

use crate::model::wire_format::{Fields, MAX_DEPTH, last_text};
use crate::model::{DescriptorFile, DescriptorSet, declared_types};

/// What is written otherwise. Declarations are known by their full name, with a dot in front. Only a package may have
/// that of a declaration, too, when no file sees both.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// New names of declarations, without what is around them.
    pub names: HashMap<String, String>,
    /// New names of packages.
    pub packages: HashMap<String, String>,
    /// New JSON names of fields.
    pub json_names: HashMap<String, String>,
    /// New defaults of fields.
    pub defaults: HashMap<String, String>,
    /// Full names, with a dot in front, of what stands in a package that has the name of a renamed declaration.
    in_packages: HashSet<String>,
}

/// The messages of `descriptor.proto` that hold names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    File,
    Message,
    Field,
    Oneof,
    Enum,
    Value,
    Service,
    Method,
}

/// What a field of such a message is.
enum Part {
    Inner(Of),
    Name,
    Package,
    Reference,
    JsonName,
    Default,
    Other,
}

fn part(of: Of, number: u32) -> Part {
    match (of, number) {
        (Of::File, 2) => Part::Package,
        (Of::File, 4) | (Of::Message, 3) => Part::Inner(Of::Message),
        (Of::File, 5) | (Of::Message, 4) => Part::Inner(Of::Enum),
        (Of::File, 6) => Part::Inner(Of::Service),
        (Of::File, 7) | (Of::Message, 2 | 6) => Part::Inner(Of::Field),
        (Of::Message, 8) => Part::Inner(Of::Oneof),
        (Of::Enum, 2) => Part::Inner(Of::Value),
        (Of::Service, 2) => Part::Inner(Of::Method),
        (Of::File, _) => Part::Other,
        (_, 1) => Part::Name,
        (Of::Field, 2 | 6) | (Of::Method, 2 | 3) => Part::Reference,
        (Of::Field, 7) => Part::Default,
        (Of::Field, 10) => Part::JsonName,
        _ => Part::Other,
    }
}

impl Changes {
    /// Notes which references lead through a package that has the name of a renamed declaration.
    pub(super) fn keep_packages(&mut self, descriptors: &DescriptorSet) {
        for file in &descriptors.files {
            let package = scope_of(file.proto.package());
            let ends = package.match_indices('.').map(|(at, _)| at).chain([package.len()]);
            for (outer, inner) in ends.clone().zip(ends.skip(1)) {
                if self.names.contains_key(&package[..outer]) {
                    self.in_packages.insert(package[..inner].to_owned());
                }
            }
            if self.names.contains_key(&package) {
                let declared = declared_types(&file.proto);
                let top = declared.iter().filter(|declared| declared.parents.is_empty());
                self.in_packages.extend(top.map(|declared| format!("{package}.{}", declared.name)));
            }
        }
    }

    /// `descriptors` with the changes.
    pub(super) fn apply(&self, descriptors: &DescriptorSet) -> Result<DescriptorSet, (String, DecodeError)> {
        let writer = Writer { changes: self };
        let file = |file: &DescriptorFile| {
            let failed = |error| (file.proto.name().to_owned(), error);
            let scope = scope_of(file.proto.package());
            let encoded = writer.write(Of::File, &scope, &file.encoded, 0).map_err(failed)?;
            let decoded = FileDescriptorProto::decode(&encoded[..]).map_err(failed)?;
            let proto = Arc::new(FileDescriptorProto { source_code_info: None, ..decoded });
            Ok(DescriptorFile { origin: file.origin.clone(), encoded: encoded.into(), proto })
        };
        Ok(DescriptorSet { files: descriptors.files.iter().map(file).collect::<Result<_, _>>()? })
    }

    /// The path of a declaration, with a dot in front, as it is now.
    pub(super) fn path(&self, path: &str) -> String {
        let (mut old, mut new) = (String::with_capacity(path.len()), String::with_capacity(path.len() + 16));
        for part in path.split('.').skip(1) {
            old.push('.');
            old.push_str(part);
            new.push('.');
            let is_package = self.is_package_in(&old, path);
            new.push_str(self.names.get(&old).filter(|_| !is_package).map_or(part, String::as_str));
            if let Some(package) = self.packages.get(&old[1..]) {
                new = scope_of(package);
            }
        }
        new
    }

    /// Whether `outer`, which `path` begins with, is a package there and not the declaration of that name.
    fn is_package_in(&self, outer: &str, path: &str) -> bool {
        let rest = path.get(outer.len() + 1..).filter(|_| !self.in_packages.is_empty());
        let next = rest.map(|rest| rest.split('.').next().unwrap_or(rest));
        next.is_some_and(|next| self.in_packages.contains(&format!("{outer}.{next}")))
    }
}

/// How full names in a package begin.
pub(super) fn scope_of(package: &str) -> String {
    if package.is_empty() { String::new() } else { format!(".{package}") }
}

struct Writer<'a> {
    changes: &'a Changes,
}

impl Writer<'_> {
    /// Writes `encoded`, which is declared in `scope`.
    fn write(&self, of: Of, scope: &str, encoded: &[u8], depth: usize) -> Result<Vec<u8>, DecodeError> {
        if depth > MAX_DEPTH {
            return Ok(encoded.to_vec());
        }
        let own = |number| last_text(encoded, number).map(String::from_utf8_lossy);
        let full = if of == Of::File { scope.to_owned() } else { format!("{scope}.{}", own(1)?) };
        // Values of an enum stand beside it.
        let inner = if of == Of::Enum { scope } else { &full };
        let mut out = Vec::with_capacity(encoded.len() + 64);
        for field in Fields(encoded) {
            let field = field?;
            let text = || String::from_utf8_lossy(field.content);
            let new = match part(of, field.number) {
                _ if field.wire != WireType::LengthDelimited => None,
                Part::Inner(of) => Some(self.write(of, inner, field.content, depth + 1)?),
                Part::Name => self.changes.names.get(&full).cloned().map(String::into_bytes),
                Part::Package => self.changes.packages.get(&*text()).cloned().map(String::into_bytes),
                Part::Reference => Some(self.changes.path(&text()).into_bytes()),
                Part::JsonName => self.changes.json_names.get(&full).cloned().map(String::into_bytes),
                Part::Default => self.default(&full, &own(6)?, &text()).map(String::into_bytes),
                Part::Other => None,
            };
            match new {
                Some(content) => {
                    encode_key(field.number, WireType::LengthDelimited, &mut out);
                    encode_varint(content.len() as u64, &mut out);
                    out.extend_from_slice(&content);
                }
                None => out.extend_from_slice(field.whole),
            }
        }
        Ok(out)
    }

    /// The new default of the field `full`: for one of an enum, the value's new name.
    fn default(&self, full: &str, of_type: &str, default: &str) -> Option<String> {
        let around = of_type.rsplit_once('.').map_or("", |(around, _)| around);
        let changed = self.changes.defaults.get(full);
        let default = changed.map_or(default, String::as_str);
        let value = (!of_type.is_empty()).then(|| format!("{around}.{default}"));
        let value = value.and_then(|value| self.changes.names.get(&value));
        value.or(changed).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::set;

    fn names(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect()
    }

    #[test]
    fn a_declaration_and_all_that_refers_to_it_change_together() {
        let source = |package: &str, message: &str, value: &str, call: &str, json: &str| {
            format!(
                "syntax = \"proto2\"; package {package}; message {message} {{ message In {{}} optional In in = 1 [json_name = \"{json}\"];
                 optional E e = 2 [default = {value}]; }} enum E {{ {value} = 0; }}
                 service S {{ rpc {call}({message}) returns ({message}.In); }}"
            )
        };
        let before = set(&[("acme/app", "a.proto", &source("a.std", "Option", "A", "New", "x"))]);
        let after = set(&[("acme/app", "a.proto", &source("a.std_", "Option_", "A_", "New_", "y"))]);
        let changes = Changes {
            names: names(&[(".a.std.Option", "Option_"), (".a.std.A", "A_"), (".a.std.S.New", "New_")]),
            packages: names(&[("a.std", "a.std_")]),
            json_names: names(&[(".a.std.Option.in", "y")]),
            ..Changes::default()
        };
        assert_eq!(changes.apply(&before).unwrap().files[0].proto, after.files[0].proto);
        assert_eq!(Changes::default().apply(&before).unwrap().files[0].encoded, before.files[0].encoded);
    }

    #[test]
    fn a_package_that_is_named_as_a_renamed_message_keeps_its_name() {
        let package = "syntax = \"proto3\"; package a.b; message M {}";
        let message = |name: &str| {
            format!(
                "syntax = \"proto3\"; package a; message {name} {{ message N {{}} }} message X {{ {name}.N n = 1; }}"
            )
        };
        let user = "syntax = \"proto3\"; package u; import \"a.proto\"; message U { a.b.M m = 1; }";
        // The compiler of the tests takes no two files in which one name is a package and a message.
        let of = |message: &str| {
            let mut all = set(&[("acme/app", "a.proto", package), ("acme/app", "c.proto", user)]);
            all.files.extend(set(&[("acme/app", "b.proto", message)]).files);
            all
        };
        let (before, after) = (of(&message("b")), of(&message("b_")));
        let mut changes = Changes { names: names(&[(".a.b", "b_")]), ..Changes::default() };
        changes.keep_packages(&before);
        let files = changes.apply(&before).unwrap().files;
        let protos = |files: &[DescriptorFile]| files.iter().map(|file| (*file.proto).clone()).collect::<Vec<_>>();
        assert_eq!(protos(&files), protos(&after.files));
    }
}
