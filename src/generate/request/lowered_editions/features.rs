//! The features that decide how prost has to read a field, as they are written in an encoded file. Decoded descriptors
//! do not hold them.

use prost::{Enumeration, Message};

/// The parts of `google.protobuf.FileDescriptorProto` with features.
#[derive(Clone, PartialEq, Message)]
pub(super) struct WrittenFile {
    #[prost(message, repeated, tag = "4")]
    pub(super) messages: Vec<WrittenMessage>,
    #[prost(message, optional, tag = "8")]
    options: Option<FileOptions>,
    /// `google.protobuf.Edition`.
    #[prost(int32, optional, tag = "14")]
    pub(super) edition: Option<i32>,
}

/// The parts of `google.protobuf.DescriptorProto` with features.
#[derive(Clone, PartialEq, Message)]
pub(super) struct WrittenMessage {
    #[prost(message, repeated, tag = "2")]
    pub(super) fields: Vec<WrittenField>,
    #[prost(message, repeated, tag = "3")]
    pub(super) nested: Vec<WrittenMessage>,
    #[prost(message, optional, tag = "7")]
    options: Option<MessageOptions>,
    #[prost(message, repeated, tag = "8")]
    pub(super) oneofs: Vec<WrittenOneof>,
}

/// The parts of `google.protobuf.FieldDescriptorProto` with features.
#[derive(Clone, PartialEq, Message)]
pub(super) struct WrittenField {
    #[prost(message, optional, tag = "8")]
    options: Option<FieldOptions>,
}

/// The parts of `google.protobuf.OneofDescriptorProto` with features.
#[derive(Clone, PartialEq, Message)]
pub(super) struct WrittenOneof {
    #[prost(message, optional, tag = "2")]
    options: Option<OneofOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct FileOptions {
    #[prost(message, optional, tag = "50")]
    features: Option<Features>,
}

#[derive(Clone, PartialEq, Message)]
struct MessageOptions {
    #[prost(message, optional, tag = "12")]
    features: Option<Features>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldOptions {
    #[prost(message, optional, tag = "21")]
    features: Option<Features>,
}

#[derive(Clone, PartialEq, Message)]
struct OneofOptions {
    #[prost(message, optional, tag = "1")]
    features: Option<Features>,
}

/// `google.protobuf.FeatureSet`. What is not set has the default of the editions that are known so far, which is the
/// first value of each enum.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Features {
    #[prost(enumeration = "Presence", optional, tag = "1")]
    pub(super) field_presence: Option<i32>,
    #[prost(enumeration = "RepeatedEncoding", optional, tag = "3")]
    pub(super) repeated_field_encoding: Option<i32>,
    #[prost(enumeration = "MessageEncoding", optional, tag = "5")]
    pub(super) message_encoding: Option<i32>,
}

/// Whether a field tells its default from nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum Presence {
    Explicit = 1,
    Implicit = 2,
    LegacyRequired = 3,
}

/// How the values of a repeated field are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum RepeatedEncoding {
    Packed = 1,
    Expanded = 2,
}

/// How a message is encoded: after its length, or as a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum MessageEncoding {
    LengthPrefixed = 1,
    Delimited = 2,
}

impl Features {
    /// These features, but for those that `own` sets.
    pub(super) fn with(self, own: Option<Self>) -> Self {
        let own = own.unwrap_or_default();
        Self {
            field_presence: own.field_presence.or(self.field_presence),
            repeated_field_encoding: own.repeated_field_encoding.or(self.repeated_field_encoding),
            message_encoding: own.message_encoding.or(self.message_encoding),
        }
    }
}

impl WrittenFile {
    pub(super) fn features(&self) -> Option<Features> {
        self.options.as_ref()?.features
    }
}

impl WrittenMessage {
    pub(super) fn features(&self) -> Option<Features> {
        self.options.as_ref()?.features
    }
}

impl WrittenField {
    pub(super) fn features(&self) -> Option<Features> {
        self.options.as_ref()?.features
    }
}

impl WrittenOneof {
    pub(super) fn features(&self) -> Option<Features> {
        self.options.as_ref()?.features
    }
}
