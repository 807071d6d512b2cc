//! Which well-known types a crate has itself. These generators take them all from the crates of their runtime or make
//! them all; but buffa's runtime has some without JSON, and a message with JSON cannot hold one that has none. So a
//! crate whose code refers to such types has copies of them, which are made like its own messages.

use std::collections::BTreeSet;

use prost_types::{DescriptorProto, FieldDescriptorProto};

use crate::generate::embedded::{embedded, style_of};
use crate::generate::generator::{ExternPathStyle, Generator};
use crate::model::{
    DeclaredKind, DescriptorFile, DescriptorSet, FileOrigin, ModuleName, Plugin, WELL_KNOWN_PACKAGE, declared_types,
};

/// Files whose messages buffa-types 0.8 and 0.9 have without JSON.
const WITHOUT_JSON: [&str; 3] =
    ["google/protobuf/api.proto", "google/protobuf/source_context.proto", "google/protobuf/type.proto"];

/// All files that a runtime has the types of.
const IN_RUNTIME: [&str; 12] = [
    "google/protobuf/any.proto",
    "google/protobuf/api.proto",
    "google/protobuf/compiler/plugin.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/source_context.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/type.proto",
    "google/protobuf/wrappers.proto",
];

/// The files of `descriptors` as they are for `plugin`: copies that its crate of `module` needs are the module's, and
/// files that are better taken from the runtime are nobody's.
#[must_use]
pub fn own_well_known(plugin: &Plugin, descriptors: &DescriptorSet, module: &ModuleName) -> DescriptorSet {
    let mut descriptors = descriptors.clone();
    let style = style_of(plugin);
    if !style.is_buffa() && style != ExternPathStyle::Types {
        return descriptors;
    }
    let tells_types = embedded(&plugin.generator).is_some_and(Generator::takes_single_types);
    let copied: BTreeSet<String> = match tells_types && has_json(style, &plugin.options) {
        true => copied(&descriptors, module).into_iter().map(str::to_owned).collect(),
        false => BTreeSet::new(),
    };
    for file in &mut descriptors.files {
        if copied.contains(file.proto.name()) {
            file.origin = FileOrigin::Module(module.clone());
        } else if is_in_runtime(file) {
            file.origin = FileOrigin::WellKnown;
        }
    }
    descriptors
}

/// Whether messages have JSON, which stubs ask of them too.
pub(in crate::generate) fn has_json(style: ExternPathStyle, options: &[String]) -> bool {
    let value = |name: &str| {
        let mut options = options.iter().rev().map(|option| option.split_once('=').unwrap_or((option, "true")));
        options.find(|(found, _)| *found == name).is_some_and(|(_, value)| value == "true")
    };
    match style {
        ExternPathStyle::BuffaMessages => value("json"),
        ExternPathStyle::BuffaStubs => !value("no_json"),
        _ => false,
    }
}

/// Whether buffa's runtime has the messages of the file without JSON.
pub(in crate::generate) fn is_without_json(file: &DescriptorFile) -> bool {
    WITHOUT_JSON.contains(&file.proto.name())
}

/// Whether a runtime has the types of the file.
pub(in crate::generate) fn is_in_runtime(file: &DescriptorFile) -> bool {
    IN_RUNTIME.contains(&file.proto.name())
}

/// The files without JSON that code of `module` refers to, and those that they import of one another.
fn copied<'a>(descriptors: &'a DescriptorSet, module: &ModuleName) -> BTreeSet<&'a str> {
    let own = descriptors.of_module(module).filter(|file| !is_in_runtime(file));
    let held: BTreeSet<&str> = own.flat_map(held_by).filter(|held| held.starts_with(".google.protobuf.")).collect();
    let mut found = BTreeSet::new();
    // Every file follows its imports.
    for file in descriptors.files.iter().rev().filter(|file| is_without_json(file)) {
        let mut types = declared_types(&file.proto).into_iter();
        let is_held = types.any(|declared| {
            matches!(declared.kind, DeclaredKind::Message(_)) && held.contains(&*declared.full_name(WELL_KNOWN_PACKAGE))
        });
        if is_held || found.contains(file.proto.name()) {
            found.insert(file.proto.name());
            let imports = file.proto.dependency.iter().map(String::as_str);
            found.extend(imports.filter(|import| WITHOUT_JSON.contains(import)));
        }
    }
    found
}

/// The types of all fields, extensions and calls.
fn held_by(file: &DescriptorFile) -> Vec<&str> {
    let mut held: Vec<&str> = file.proto.extension.iter().map(FieldDescriptorProto::type_name).collect();
    file.proto.message_type.iter().for_each(|message| add_held(message, &mut held));
    let calls = file.proto.service.iter().flat_map(|service| &service.method);
    held.extend(calls.flat_map(|call| [call.input_type(), call.output_type()]));
    held
}

fn add_held<'a>(message: &'a DescriptorProto, held: &mut Vec<&'a str>) {
    held.extend(message.field.iter().chain(&message.extension).map(FieldDescriptorProto::type_name));
    message.nested_type.iter().for_each(|nested| add_held(nested, held));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::model::testing::{module, set};

    const TIME: &str = "package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }";

    /// The files that are those of `acme/app`, for a plugin with further options.
    fn own(plugin: &str, more: &[&str], files: &[(&str, &str, &str)]) -> Vec<String> {
        let mut plugin = Catalogue::embedded().unwrap().find(&plugin.parse().unwrap()).unwrap().clone();
        plugin.options.extend(more.iter().map(|&option| option.to_owned()));
        let app = module("acme/app");
        let settled = own_well_known(&plugin, &set(files), &app);
        let mut names: Vec<_> = settled.of_module(&app).map(|file| file.proto.name().to_owned()).collect();
        names.sort();
        names
    }

    fn own_of(plugin: &str, more: &[&str], declarations: &str) -> Vec<String> {
        let imports = ["api", "source_context", "timestamp", "type"]
            .map(|name| format!("import \"google/protobuf/{name}.proto\"; "))
            .concat();
        let source = format!("package p; {imports} {declarations}");
        let mut own = own(plugin, more, &[("acme/app", "a.proto", &source)]);
        own.retain(|name| name != "a.proto");
        own
    }

    #[test]
    fn messages_that_the_runtime_has_without_json_are_copied_with_what_they_hold() {
        let buffa = "anthropics/buffa";
        let api = "message M { map<string, google.protobuf.Api> a = 1; }";
        assert_eq!(own_of(buffa, &[], api), WITHOUT_JSON);
        let kinds = "message M { message In { repeated google.protobuf.Type t = 1; } }";
        assert_eq!(own_of(buffa, &[], kinds), WITHOUT_JSON[1..]);
        let context = "message M { oneof o { google.protobuf.SourceContext c = 1; } }";
        assert_eq!(own_of(buffa, &[], context), WITHOUT_JSON[1..2]);
        let others = "message M { google.protobuf.Syntax s = 1; google.protobuf.Timestamp t = 2; }";
        assert!(own_of(buffa, &[], others).is_empty());
    }

    #[test]
    fn nothing_is_copied_where_nobody_asks_for_json() {
        let api = "message M { google.protobuf.Api a = 1; }";
        assert!(own_of("anthropics/buffa", &["json=false"], api).is_empty());
        assert!(own_of("community/neoeinstein-prost", &[], api).is_empty());
        assert!(own_of("connectrpc/rust", &["no_json"], api).is_empty());
    }

    #[test]
    fn stubs_look_for_the_copies_where_the_messages_are() {
        let call = "message M {} service S { rpc R(M) returns (google.protobuf.Type); }";
        for plugin in ["anthropics/buffa", "connectrpc/rust"] {
            assert_eq!(own_of(plugin, &[], call), WITHOUT_JSON[1..], "{plugin}");
        }
    }

    #[test]
    fn copies_of_well_known_files_are_left_to_the_runtime_that_has_all_of_them() {
        let app =
            "package a; import \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Timestamp t = 1; }";
        let files = [
            ("acme/app", "google/protobuf/timestamp.proto", TIME),
            ("acme/app", "a.proto", app),
            ("acme/app", "google/protobuf/ours.proto", "package google.protobuf; message Ours {}"),
        ];
        assert_eq!(own("anthropics/buffa", &[], &files), ["a.proto", "google/protobuf/ours.proto"]);
        assert_eq!(own("local/prost-serde", &[], &files), ["a.proto", "google/protobuf/ours.proto"]);
        assert_eq!(own("community/neoeinstein-prost", &[], &files).len(), 3);
    }
}
