//! The parts of `google/protobuf/descriptor.proto` that breaking rules look at, features included, which the decoded
//! descriptors of other layers do not hold.

use prost::Message;

/// `google.protobuf.FileDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct File {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub package: String,
    #[prost(message, repeated, tag = "4")]
    pub messages: Vec<MessageType>,
    #[prost(message, repeated, tag = "5")]
    pub enums: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub services: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    pub extensions: Vec<Field>,
    #[prost(message, optional, tag = "8")]
    pub options: Option<FileOptions>,
    #[prost(string, tag = "12")]
    pub syntax: String,
    #[prost(int32, tag = "14")]
    pub edition: i32,
}

/// `google.protobuf.FileOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct FileOptions {
    #[prost(string, tag = "1")]
    pub java_package: String,
    #[prost(string, tag = "8")]
    pub java_outer_classname: String,
    #[prost(int32, optional, tag = "9")]
    pub optimize_for: Option<i32>,
    #[prost(bool, tag = "10")]
    pub java_multiple_files: bool,
    #[prost(string, tag = "11")]
    pub go_package: String,
    #[prost(bool, tag = "16")]
    pub cc_generic_services: bool,
    #[prost(bool, tag = "17")]
    pub java_generic_services: bool,
    #[prost(bool, tag = "18")]
    pub py_generic_services: bool,
    #[prost(bool, optional, tag = "27")]
    pub java_string_check_utf8: Option<bool>,
    #[prost(bool, optional, tag = "31")]
    pub cc_enable_arenas: Option<bool>,
    #[prost(string, tag = "36")]
    pub objc_class_prefix: String,
    #[prost(string, tag = "37")]
    pub csharp_namespace: String,
    #[prost(string, tag = "39")]
    pub swift_prefix: String,
    #[prost(string, tag = "40")]
    pub php_class_prefix: String,
    #[prost(string, tag = "41")]
    pub php_namespace: String,
    #[prost(string, tag = "44")]
    pub php_metadata_namespace: String,
    #[prost(string, tag = "45")]
    pub ruby_package: String,
    #[prost(message, optional, tag = "50")]
    pub features: Option<WrittenFeatures>,
}

/// `google.protobuf.DescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct MessageType {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub fields: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub nested: Vec<MessageType>,
    #[prost(message, repeated, tag = "4")]
    pub enums: Vec<Enum>,
    #[prost(message, repeated, tag = "5")]
    pub extension_ranges: Vec<Range>,
    #[prost(message, repeated, tag = "6")]
    pub extensions: Vec<Field>,
    #[prost(message, optional, tag = "7")]
    pub options: Option<MessageOptions>,
    #[prost(message, repeated, tag = "8")]
    pub oneofs: Vec<Oneof>,
    #[prost(message, repeated, tag = "9")]
    pub reserved_ranges: Vec<Range>,
    #[prost(string, repeated, tag = "10")]
    pub reserved_names: Vec<String>,
}

/// `google.protobuf.MessageOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct MessageOptions {
    #[prost(bool, tag = "2")]
    pub no_standard_descriptor_accessor: bool,
    #[prost(bool, tag = "7")]
    pub map_entry: bool,
    #[prost(message, optional, tag = "12")]
    pub features: Option<WrittenFeatures>,
}

/// The ranges of a message, whose end is outside, and of an enum, whose end is inside.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Range {
    #[prost(int32, tag = "1")]
    pub start: i32,
    #[prost(int32, tag = "2")]
    pub end: i32,
}

/// `google.protobuf.OneofDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Oneof {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub options: Option<OneofOptions>,
}

/// `google.protobuf.OneofOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct OneofOptions {
    #[prost(message, optional, tag = "1")]
    pub features: Option<WrittenFeatures>,
}

/// `google.protobuf.FieldDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Field {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub extendee: String,
    #[prost(int32, tag = "3")]
    pub number: i32,
    #[prost(enumeration = "prost_types::field_descriptor_proto::Label", tag = "4")]
    pub label: i32,
    #[prost(enumeration = "prost_types::field_descriptor_proto::Type", tag = "5")]
    pub r#type: i32,
    #[prost(string, tag = "6")]
    pub type_name: String,
    #[prost(string, optional, tag = "7")]
    pub default_value: Option<String>,
    #[prost(message, optional, tag = "8")]
    pub options: Option<FieldOptions>,
    #[prost(int32, optional, tag = "9")]
    pub oneof: Option<i32>,
    #[prost(string, tag = "10")]
    pub json_name: String,
    #[prost(bool, tag = "17")]
    pub proto3_optional: bool,
}

/// `google.protobuf.FieldOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct FieldOptions {
    #[prost(int32, optional, tag = "1")]
    pub ctype: Option<i32>,
    #[prost(int32, tag = "6")]
    pub jstype: i32,
    #[prost(message, optional, tag = "21")]
    pub features: Option<WrittenFeatures>,
}

/// `google.protobuf.EnumDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Enum {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub values: Vec<EnumValue>,
    #[prost(message, optional, tag = "3")]
    pub options: Option<EnumOptions>,
    #[prost(message, repeated, tag = "4")]
    pub reserved_ranges: Vec<Range>,
    #[prost(string, repeated, tag = "5")]
    pub reserved_names: Vec<String>,
}

/// `google.protobuf.EnumValueDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct EnumValue {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "2")]
    pub number: i32,
}

/// `google.protobuf.EnumOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct EnumOptions {
    #[prost(message, optional, tag = "7")]
    pub features: Option<WrittenFeatures>,
}

/// `google.protobuf.ServiceDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Service {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub methods: Vec<Method>,
}

/// `google.protobuf.MethodDescriptorProto`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct Method {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub input_type: String,
    #[prost(string, tag = "3")]
    pub output_type: String,
    #[prost(message, optional, tag = "4")]
    pub options: Option<MethodOptions>,
    #[prost(bool, tag = "5")]
    pub client_streaming: bool,
    #[prost(bool, tag = "6")]
    pub server_streaming: bool,
}

/// `google.protobuf.MethodOptions`.
#[derive(Clone, PartialEq, Message)]
pub(in crate::breaking) struct MethodOptions {
    #[prost(int32, tag = "34")]
    pub idempotency_level: i32,
}

/// `google.protobuf.FeatureSet` as one element writes it, with the features of C++ and Java that rules look at.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(in crate::breaking) struct WrittenFeatures {
    #[prost(int32, optional, tag = "1")]
    pub field_presence: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub enum_type: Option<i32>,
    #[prost(int32, optional, tag = "4")]
    pub utf8_validation: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    pub message_encoding: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub json_format: Option<i32>,
    #[prost(message, optional, tag = "1000")]
    pub cpp: Option<CppFeatures>,
    #[prost(message, optional, tag = "1001")]
    pub java: Option<JavaFeatures>,
}

/// `pb.CppFeatures`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(in crate::breaking) struct CppFeatures {
    #[prost(int32, optional, tag = "2")]
    pub string_type: Option<i32>,
}

/// `pb.JavaFeatures`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(in crate::breaking) struct JavaFeatures {
    #[prost(int32, optional, tag = "2")]
    pub utf8_validation: Option<i32>,
}
