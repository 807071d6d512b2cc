//! The schema from which the words of generators are learned: each kind of declaration once, and every kind of field.

use std::sync::Arc;

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    MessageOptions, MethodDescriptorProto, OneofDescriptorProto, ServiceDescriptorProto,
};

use super::vocabulary::SERVICE;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin, ModuleName};

const PACKAGE: &str = "qxprobepackage";
const MESSAGE: &str = "Qxprobemessage";

fn full(name: &str) -> String {
    format!(".{PACKAGE}.{name}")
}

/// The schema, as a module of this name.
pub(super) fn probe(module: &ModuleName) -> DescriptorSet {
    let proto = FileDescriptorProto {
        name: Some("qxprobefile.proto".into()),
        package: Some(PACKAGE.into()),
        syntax: Some("proto3".into()),
        message_type: vec![message()],
        enum_type: vec![EnumDescriptorProto {
            name: Some("Qxprobeenum".into()),
            value: vec![EnumValueDescriptorProto {
                name: Some("QXPROBEVALUE".into()),
                number: Some(0),
                ..Default::default()
            }],
            ..Default::default()
        }],
        service: vec![service()],
        ..Default::default()
    };
    let encoded = proto.encode_to_vec().into();
    DescriptorSet {
        files: vec![DescriptorFile { origin: FileOrigin::Module(module.clone()), encoded, proto: Arc::new(proto) }],
    }
}

fn message() -> DescriptorProto {
    let plain = [
        Type::Double,
        Type::Float,
        Type::Int64,
        Type::Uint64,
        Type::Int32,
        Type::Fixed64,
        Type::Fixed32,
        Type::Bool,
        Type::String,
        Type::Bytes,
        Type::Uint32,
        Type::Sfixed32,
        Type::Sfixed64,
        Type::Sint32,
        Type::Sint64,
    ];
    let types = plain.into_iter().map(|kind| (kind, None));
    let types: Vec<_> = types
        .chain([
            (Type::Enum, Some(full("Qxprobeenum"))),
            (Type::Message, Some(full(&format!("{MESSAGE}.Qxprobeinner")))),
        ])
        .collect();
    let mut message = DescriptorProto {
        name: Some(MESSAGE.into()),
        nested_type: vec![DescriptorProto { name: Some("Qxprobeinner".into()), ..Default::default() }, entry()],
        oneof_decl: vec![OneofDescriptorProto { name: Some("qxprobeoneof".into()), ..Default::default() }],
        ..Default::default()
    };
    for (kind, of_type) in types {
        for (label, oneof, optional) in [
            (Label::Optional, None, false),
            (Label::Repeated, None, false),
            (Label::Optional, Some(0), false),
            (Label::Optional, Some(1), true),
        ] {
            let number = message.field.len() + 1;
            let oneof = oneof.map(|_: i32| if optional { message.oneof_decl.len() } else { 0 });
            if optional {
                let name = Some(format!("_qxprobefield{number}"));
                message.oneof_decl.push(OneofDescriptorProto { name, ..Default::default() });
            }
            message.field.push(FieldDescriptorProto {
                proto3_optional: optional.then_some(true),
                oneof_index: oneof.and_then(|at| i32::try_from(at).ok()),
                ..field(&format!("qxprobefield{number}"), number, kind, label, of_type.clone())
            });
        }
    }
    let number = message.field.len() + 1;
    let of_type = Some(full(&format!("{MESSAGE}.QxprobemapEntry")));
    message.field.push(field("qxprobemap", number, Type::Message, Label::Repeated, of_type));
    message
}

fn field(name: &str, number: usize, kind: Type, label: Label, type_name: Option<String>) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.into()),
        json_name: Some(name.into()),
        number: i32::try_from(number).ok(),
        r#type: Some(kind.into()),
        label: Some(label.into()),
        type_name,
        ..Default::default()
    }
}

fn entry() -> DescriptorProto {
    DescriptorProto {
        name: Some("QxprobemapEntry".into()),
        field: vec![
            field("key", 1, Type::String, Label::Optional, None),
            field("value", 2, Type::Enum, Label::Optional, Some(full("Qxprobeenum"))),
        ],
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..Default::default()
    }
}

fn service() -> ServiceDescriptorProto {
    let streams = [(false, false), (false, true), (true, false), (true, true)];
    let call = |(at, (client, server)): (usize, (bool, bool))| MethodDescriptorProto {
        name: Some(format!("Qxprobecall{at}")),
        input_type: Some(full(MESSAGE)),
        output_type: Some(full(MESSAGE)),
        client_streaming: Some(client),
        server_streaming: Some(server),
        ..Default::default()
    };
    ServiceDescriptorProto {
        name: Some(SERVICE.into()),
        method: streams.into_iter().enumerate().map(call).collect(),
        ..Default::default()
    }
}
