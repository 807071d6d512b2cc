//! The features of an element: its own, those of what is around it, or the defaults of the file's edition.

use super::descriptor::{File, WrittenFeatures};

/// `google.protobuf.Edition.EDITION_2024`.
const EDITION_2024: i32 = 1001;

/// Values of `field_presence`.
pub(in crate::breaking) const EXPLICIT: i32 = 1;
const IMPLICIT: i32 = 2;
pub(in crate::breaking) const LEGACY_REQUIRED: i32 = 3;
/// Values of `enum_type`.
const OPEN: i32 = 1;
pub(in crate::breaking) const CLOSED: i32 = 2;
/// Values of `utf8_validation`.
pub(in crate::breaking) const VERIFY: i32 = 2;
const NONE: i32 = 3;
/// Values of `message_encoding`.
const LENGTH_PREFIXED: i32 = 1;
pub(in crate::breaking) const DELIMITED: i32 = 2;
/// Values of `json_format`.
pub(in crate::breaking) const ALLOW: i32 = 1;
const LEGACY_BEST_EFFORT: i32 = 2;
/// Values of `pb.CppFeatures.string_type`.
const VIEW: i32 = 1;
pub(in crate::breaking) const CORD: i32 = 2;
pub(in crate::breaking) const STRING: i32 = 3;
/// Values of `pb.JavaFeatures.utf8_validation`.
const JAVA_DEFAULT: i32 = 1;
pub(in crate::breaking) const JAVA_VERIFY: i32 = 2;

/// The features of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::breaking) struct Features {
    pub field_presence: i32,
    pub enum_type: i32,
    pub utf8_validation: i32,
    pub message_encoding: i32,
    pub json_format: i32,
    pub cpp_string_type: i32,
    pub java_utf8_validation: i32,
}

impl Features {
    /// The features of a file.
    pub(super) fn of(file: &File) -> Self {
        let base = Self {
            field_presence: EXPLICIT,
            enum_type: OPEN,
            utf8_validation: VERIFY,
            message_encoding: LENGTH_PREFIXED,
            json_format: ALLOW,
            cpp_string_type: if file.edition >= EDITION_2024 { VIEW } else { STRING },
            java_utf8_validation: JAVA_DEFAULT,
        };
        let defaults = match file.syntax.as_str() {
            "editions" => base,
            "proto3" => Self { field_presence: IMPLICIT, ..base },
            _ => Self { enum_type: CLOSED, utf8_validation: NONE, json_format: LEGACY_BEST_EFFORT, ..base },
        };
        defaults.with(file.options.as_ref().and_then(|options| options.features))
    }

    /// These features, but for those that `own` sets.
    pub(super) fn with(self, own: Option<WrittenFeatures>) -> Self {
        let Some(own) = own else { return self };
        let (cpp, java) = (own.cpp.unwrap_or_default(), own.java.unwrap_or_default());
        Self {
            field_presence: own.field_presence.unwrap_or(self.field_presence),
            enum_type: own.enum_type.unwrap_or(self.enum_type),
            utf8_validation: own.utf8_validation.unwrap_or(self.utf8_validation),
            message_encoding: own.message_encoding.unwrap_or(self.message_encoding),
            json_format: own.json_format.unwrap_or(self.json_format),
            cpp_string_type: cpp.string_type.unwrap_or(self.cpp_string_type),
            java_utf8_validation: java.utf8_validation.unwrap_or(self.java_utf8_validation),
        }
    }
}
