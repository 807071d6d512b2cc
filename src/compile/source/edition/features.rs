//! Features: what an element of a file with an edition says about itself, and what it takes from those around it.

use std::collections::HashMap;

use prost::encoding::WireType;
use prost::{DecodeError, Message};

use super::supported::Edition;
use crate::model::wire_format::Fields;

/// The features that decide whether a file is valid, as numbers of their enums; the fields are those of
/// `google.protobuf.FeatureSet`. Features of single languages are not looked at.
#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::compile) struct FeatureSet {
    #[prost(int32, optional, tag = "1")]
    pub(in crate::compile) field_presence: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(in crate::compile) enum_type: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    pub(in crate::compile) repeated_field_encoding: Option<i32>,
    #[prost(int32, optional, tag = "4")]
    pub(in crate::compile) utf8_validation: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    pub(in crate::compile) message_encoding: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub(in crate::compile) json_format: Option<i32>,
    #[prost(int32, optional, tag = "7")]
    pub(in crate::compile) enforce_naming_style: Option<i32>,
    #[prost(int32, optional, tag = "8")]
    pub(in crate::compile) default_symbol_visibility: Option<i32>,
    #[prost(int32, optional, tag = "9")]
    pub(in crate::compile) enforce_proto_limits: Option<i32>,
}

/// Values of `field_presence`.
pub(in crate::compile) const IMPLICIT: i32 = 2;
pub(in crate::compile) const LEGACY_REQUIRED: i32 = 3;
/// Values of `enum_type`.
const OPEN: i32 = 1;
/// Values of `repeated_field_encoding`.
pub(in crate::compile) const PACKED: i32 = 1;
/// Values of `utf8_validation`.
pub(in crate::compile) const UNVERIFIED_UTF8: i32 = 3;
/// Values of `message_encoding`.
pub(in crate::compile) const DELIMITED: i32 = 2;
/// Values of `json_format`.
const LEGACY_BEST_EFFORT: i32 = 2;
/// Values of `enforce_naming_style`.
const STYLE2024: i32 = 1;
const STYLE_LEGACY: i32 = 2;
const STYLE2026: i32 = 3;
/// Values of `default_symbol_visibility`.
const EXPORT_ALL: i32 = 1;
const EXPORT_TOP_LEVEL: i32 = 2;
const STRICT: i32 = 4;

/// What the elements of one file say, by path.
pub(in crate::compile) type Written = HashMap<Vec<i32>, FeatureSet>;

/// The features in the encoded options message `options`, where they are field `tag`.
///
/// # Errors
/// When `options` is not an encoded message.
pub(in crate::compile) fn of_options(options: &[u8], tag: u32) -> Result<Option<FeatureSet>, DecodeError> {
    for field in Fields(options) {
        let field = field?;
        if field.number == tag && field.wire == WireType::LengthDelimited {
            return FeatureSet::decode(field.content).map(Some);
        }
    }
    Ok(None)
}

/// The features of the element at `path`: its own, or those of what is nearest around it, or the defaults of `edition`.
pub(in crate::compile) fn resolved(edition: Edition, written: &Written, path: &[i32]) -> FeatureSet {
    let mut features = FeatureSet {
        enforce_naming_style: Some(match edition {
            Edition::E2023 => STYLE_LEGACY,
            Edition::E2024 => STYLE2024,
            Edition::E2026 => STYLE2026,
        }),
        default_symbol_visibility: Some(match edition {
            Edition::E2023 => EXPORT_ALL,
            Edition::E2024 => EXPORT_TOP_LEVEL,
            Edition::E2026 => STRICT,
        }),
        ..FeatureSet::default()
    };
    for length in (0..=path.len()).step_by(2) {
        if let Some(own) = written.get(&path[..length]) {
            features = features.with(own);
        }
    }
    features
}

/// The features of a member of a oneof, which stands beside it in the descriptor and inside it in the source.
pub(in crate::compile) fn of_member(edition: Edition, written: &Written, member: &[i32], oneof: &[i32]) -> FeatureSet {
    let around = member.len().saturating_sub(2);
    let features = resolved(edition, written, &member[..around]);
    let own = [oneof, member].into_iter().filter_map(|path| written.get(path));
    own.fold(features, |features, own| features.with(own))
}

impl FeatureSet {
    /// These features, but for those that `own` sets.
    fn with(self, own: &Self) -> Self {
        let features = self;
        Self {
            field_presence: own.field_presence.or(features.field_presence),
            enum_type: own.enum_type.or(features.enum_type),
            repeated_field_encoding: own.repeated_field_encoding.or(features.repeated_field_encoding),
            utf8_validation: own.utf8_validation.or(features.utf8_validation),
            message_encoding: own.message_encoding.or(features.message_encoding),
            json_format: own.json_format.or(features.json_format),
            enforce_naming_style: own.enforce_naming_style.or(features.enforce_naming_style),
            default_symbol_visibility: own.default_symbol_visibility.or(features.default_symbol_visibility),
            enforce_proto_limits: own.enforce_proto_limits.or(features.enforce_proto_limits),
        }
    }

    /// Whether an enum takes numbers that it does not name.
    pub(in crate::compile) fn is_open(&self) -> bool {
        self.enum_type.is_none_or(|kind| kind == OPEN)
    }

    /// Whether a field cannot tell its default from nothing.
    pub(in crate::compile) fn is_implicit(&self) -> bool {
        self.field_presence == Some(IMPLICIT)
    }

    /// Whether names have to be in the style of editions from 2024 on.
    pub(in crate::compile) fn is_styled(&self) -> bool {
        matches!(self.enforce_naming_style, Some(STYLE2024 | STYLE2026))
    }

    /// Whether only types at the top of a file may be exported.
    pub(in crate::compile) fn is_strict(&self) -> bool {
        self.default_symbol_visibility == Some(STRICT)
    }

    /// Whether JSON names may meet by accident.
    pub(in crate::compile) fn is_legacy_json(&self) -> bool {
        self.json_format == Some(LEGACY_BEST_EFFORT)
    }
}

/// Whether a type that says nothing about it may be used by other files.
pub(in crate::compile) fn is_exported(features: &FeatureSet, is_top_level: bool) -> bool {
    match features.default_symbol_visibility {
        Some(EXPORT_ALL) | None => true,
        Some(EXPORT_TOP_LEVEL) => is_top_level,
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_says_more_than_what_is_around_it() {
        let set = |field_presence, enum_type| FeatureSet { field_presence, enum_type, ..FeatureSet::default() };
        let written: Written = [
            (vec![], set(Some(IMPLICIT), Some(2))),
            (vec![4, 0, 2, 1], set(Some(1), None)),
            (vec![4, 1], set(None, Some(OPEN))),
        ]
        .into();
        let at = |path: &[i32]| resolved(Edition::E2023, &written, path);
        assert!(at(&[4, 0, 2, 0]).is_implicit() && !at(&[4, 0, 2, 1]).is_implicit());
        assert!(!at(&[4, 0]).is_open() && at(&[4, 1, 4, 0]).is_open());
    }

    #[test]
    fn features_are_found_behind_other_options() {
        let set = FeatureSet { enum_type: Some(2), ..FeatureSet::default() };
        let options = [&[0x18, 1, 0x3a, 2][..], &set.encode_to_vec()].concat();
        assert_eq!(of_options(&options, 7).unwrap(), Some(set));
        assert_eq!(of_options(&options, 8).unwrap(), None);
        assert!(of_options(&[0x3a, 9], 7).is_err());
    }
}
