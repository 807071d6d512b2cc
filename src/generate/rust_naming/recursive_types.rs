//! Which messages hold themselves: a field is put into a box where a message would have no size otherwise.

use std::collections::{HashMap, HashSet};

use prost_types::FieldDescriptorProto;
use prost_types::field_descriptor_proto::{Label, Type};

use crate::model::{DeclaredKind, DescriptorFile, Family, declared_types, written_oneof};

/// The messages of some files, each with the messages that it contains without a box or a list in between.
#[derive(Default)]
pub(crate) struct RecursiveTypes<'a>(HashMap<String, Vec<&'a str>>);

impl<'a> RecursiveTypes<'a> {
    /// Messages by their full names, each with the types that it contains.
    pub(crate) fn new(held: HashMap<String, Vec<&'a str>>) -> Self {
        Self(held)
    }

    /// Reads the messages of `files`. A cycle never leaves its file, because imports go one way.
    pub(crate) fn of_files(family: Family, files: impl Iterator<Item = &'a DescriptorFile>) -> Self {
        let mut held: HashMap<String, Vec<&str>> = HashMap::new();
        for file in files {
            for declared in declared_types(&file.proto) {
                let DeclaredKind::Message(message) = declared.kind else { continue };
                let inside = message.field.iter().filter(|field| is_inside(family, field));
                let types = inside.map(FieldDescriptorProto::type_name);
                held.insert(declared.full_name(file.proto.package()), types.collect());
            }
        }
        Self(held)
    }

    /// Whether `outer` is `inner`, or holds it through whatever it holds.
    pub(crate) fn holds(&self, outer: &str, inner: &str) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![outer];
        while let Some(name) = waiting.pop() {
            if name == inner {
                return true;
            }
            if seen.insert(name) {
                waiting.extend(self.0.get(name).into_iter().flatten());
            }
        }
        false
    }
}

/// Whether the generator counts the field when it looks for cycles. prost leaves out groups (prost-build 0.14.1,
/// `message_graph.rs`), buffa fields of oneofs, which are boxed anyway (buffa-codegen 0.9.2, `oneof.rs`).
fn is_inside(family: Family, field: &FieldDescriptorProto) -> bool {
    let counts = match family {
        Family::Prost => field.r#type() == Type::Message,
        Family::Buffa => matches!(field.r#type(), Type::Message | Type::Group) && written_oneof(field).is_none(),
    };
    counts && field.label() != Label::Repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn lists_and_maps_close_no_cycle() {
        let source = "package p; message A { optional B b = 1; } message B { optional C c = 1; repeated A many = 2; }
            message C { oneof o { A back = 1; } map<string, C> more = 2; } message D { repeated D d = 1; }";
        let set = set(&[("acme/app", "p.proto", source)]);
        let app = module("acme/app");
        let recursive = RecursiveTypes::of_files(Family::Prost, set.of_module(&app));
        assert!(recursive.holds(".p.B", ".p.A") && recursive.holds(".p.A", ".p.C") && recursive.holds(".p.D", ".p.D"));
        assert!(!recursive.holds(".p.A", ".p.D") && !recursive.holds(".p.none", ".p.A"));
        let recursive = RecursiveTypes::of_files(Family::Buffa, set.of_module(&app));
        assert!(recursive.holds(".p.A", ".p.C") && !recursive.holds(".p.B", ".p.A"), "a oneof has boxes");
    }
}
