//! Every construct of the language has a row: `descriptor.proto` lists the constructs.
//!
//! Every row is compiled small. Each field of `descriptor.proto` has to be set by some row, each list has to grow with
//! the count of some row, and each name or text has to get longer with it, or to be refused when it does.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage, Value};
use registry::compile::{Compiled, Role, Source, compile};
use registry::model::{Limits, ModuleFile, ModuleName, Snapshot};

use super::row::{Row, Shape};
use super::rows;

/// How much there is of everything in a small row.
const SMALL: usize = 20;

/// What no source can set: a row that sets one fails, so that none stays here by mistake.
const UNREACHABLE: [(&str, &str); 6] = [
    ("FileDescriptorSet.", "holds files, and is in none"),
    ("GeneratedCodeInfo.", "is of generators"),
    ("FeatureSetDefaults.", "is of compilers"),
    ("UninterpretedOption.", "is gone when options are interpreted; `options` and `values` have every kind of value"),
    (".uninterpreted_option", "is gone too"),
    (".enforce_proto_limits", "is of an edition that is not supported"),
];

/// Lists that no source makes long.
const SHORT: [&str; 3] = [
    // The way to an element: as long as it is deep, see the rows of that shape.
    "SourceCodeInfo.Location.path",
    // Begin and end.
    "SourceCodeInfo.Location.span",
    // One for each kind of element.
    "FieldOptions.targets",
];

fn compiled(files: &[(String, String)]) -> Option<Compiled> {
    let module: ModuleName = "acme/bomb".parse().unwrap();
    let file = |(path, text): &(String, String)| ModuleFile {
        path: path.parse().unwrap(),
        content: Bytes::copy_from_slice(text.as_bytes()),
    };
    let snapshot = Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap();
    let source = Source { module: &module, snapshot: &snapshot, role: Role::Content };
    compile(&[source], &Limits::default()).ok()
}

/// `descriptor.proto` as it describes itself.
fn language() -> DescriptorPool {
    let path = "google/protobuf/descriptor.proto";
    let source = include_str!("../../../assets/wellknown/google/protobuf/descriptor.proto");
    let compiled = compiled(&[(path.into(), source.into())]).expect("descriptor.proto compiles");
    let mut file = (*compiled.descriptors.file(path).unwrap().proto).clone();
    file.syntax = None;
    DescriptorPool::from_file_descriptor_set(prost_types::FileDescriptorSet { file: vec![file] }).unwrap()
}

/// The most that is in a field anywhere: entries of a list, bytes of a text, or one.
type Found = BTreeMap<String, usize>;

fn look(message: &DynamicMessage, found: &mut Found) {
    let name = message.descriptor().full_name().trim_start_matches("google.protobuf.").to_owned();
    for (field, value) in message.fields() {
        let most = found.entry(format!("{name}.{}", field.name())).or_default();
        *most = (*most).max(amount(value));
        let entries = if let Value::List(list) = value { &list[..] } else { std::slice::from_ref(value) };
        entries.iter().filter_map(Value::as_message).for_each(|inner| look(inner, found));
    }
}

fn amount(value: &Value) -> usize {
    match value {
        Value::List(list) => list.len(),
        Value::String(text) => text.len(),
        _ => 1,
    }
}

/// What `rows` set, each with `count` of what it is about.
fn found(language: &DescriptorPool, rows: &[Row], count: usize) -> Found {
    let file = language.get_message_by_name("google.protobuf.FileDescriptorProto").unwrap();
    let mut found = Found::new();
    for compiled in rows.iter().filter_map(|row| compiled(&(row.files)(count))) {
        for descriptor in &compiled.descriptors.files {
            if descriptor.proto.name().starts_with("google/protobuf/") {
                continue;
            }
            look(&DynamicMessage::decode(file.clone(), descriptor.encoded.clone()).unwrap(), &mut found);
        }
    }
    found
}

#[test]
fn every_construct_of_the_language_has_a_row() {
    let language = language();
    let rows = rows::all();
    let (few, many) = (found(&language, &rows, 2), found(&language, &rows, SMALL));
    let mut missing = BTreeSet::new();
    for message in language.all_messages() {
        let name = message.full_name().trim_start_matches("google.protobuf.");
        for field in message.fields() {
            let path = format!("{name}.{}", field.name());
            if UNREACHABLE.iter().any(|(part, _)| path.starts_with(part) || path.ends_with(part)) {
                continue;
            }
            let (few, many) = (few.get(&path).copied().unwrap_or(0), many.get(&path).copied().unwrap_or(0));
            let grows = field.is_list() && !SHORT.contains(&path.as_str());
            if many == 0 {
                missing.insert(format!("{path} is set by no row"));
            } else if grows && many < few.max(SMALL / 2) {
                missing.insert(format!("{path} is a list, and no row makes it long"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    for (part, why) in UNREACHABLE {
        let is_set = many.keys().any(|path| path.starts_with(part) || path.ends_with(part));
        assert!(!is_set, "{part} is said to be unreachable: it {why}");
    }
}

#[test]
fn every_name_and_text_has_a_row_that_makes_it_long() {
    let language = language();
    let rows: Vec<_> = rows::all().into_iter().filter(|row| row.shape == Shape::Long).collect();
    let many = found(&language, &rows, 900);
    let long = |field: &prost_reflect::FieldDescriptor| {
        let name = field.parent_message().full_name().trim_start_matches("google.protobuf.").to_owned();
        (format!("{name}.{}", field.name()), field.kind() == Kind::String && !field.is_list())
    };
    let names = [
        "FileDescriptorProto",
        "DescriptorProto",
        "FieldDescriptorProto",
        "EnumDescriptorProto",
        "EnumValueDescriptorProto",
        "ServiceDescriptorProto",
        "MethodDescriptorProto",
        "OneofDescriptorProto",
    ];
    let mut short = BTreeSet::new();
    for message in names.iter().filter_map(|name| language.get_message_by_name(&format!("google.protobuf.{name}"))) {
        for (path, is_text) in message.fields().map(|field| long(&field)) {
            // One of a few words.
            if is_text && path != "FileDescriptorProto.syntax" && many.get(&path).copied().unwrap_or(0) < 500 {
                short.insert(path);
            }
        }
    }
    assert!(short.is_empty(), "no row makes these long: {short:#?}");
}

#[test]
fn every_shape_has_rows_and_every_row_a_name_of_its_own() {
    let rows = rows::all();
    for shape in Shape::ALL {
        assert!(rows.iter().any(|row| row.shape == shape), "no row is {shape:?}");
    }
    let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len());
}
