//! How many values a field has, and whether it tells its default from nothing.

use super::element::FieldElement;
use super::features::{EXPLICIT, LEGACY_REQUIRED};
use super::field_kind;
use super::index::Index;
use super::{Label, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::breaking) enum Cardinality {
    Explicit,
    Implicit,
    Required,
    Repeated,
    Map,
}

impl Cardinality {
    pub(in crate::breaking) fn of(index: &Index<'_>, field: &FieldElement<'_>) -> Self {
        let declared = field.at.declared;
        let is_message = || matches!(field_kind::kind(index, field), Type::Message | Type::Group);
        match declared.label() {
            Label::Repeated if index.is_map(field) => Self::Map,
            Label::Repeated => Self::Repeated,
            Label::Required => Self::Required,
            Label::Optional if field.is_extension() || declared.oneof.is_some() => Self::Explicit,
            Label::Optional if field.at.features.field_presence == LEGACY_REQUIRED => Self::Required,
            Label::Optional if is_message() || field.at.features.field_presence == EXPLICIT => Self::Explicit,
            Label::Optional => Self::Implicit,
        }
    }

    pub(in crate::breaking) fn words(self) -> &'static str {
        match self {
            Self::Explicit => "optional with explicit presence",
            Self::Implicit => "optional with implicit presence",
            Self::Required => "required",
            Self::Repeated => "repeated",
            Self::Map => "map",
        }
    }

    /// Those that read each other's bytes are in one group.
    pub(in crate::breaking) fn wire_group(self) -> u8 {
        match self {
            Self::Explicit | Self::Implicit => 1,
            Self::Required => 2,
            Self::Repeated | Self::Map => 3,
        }
    }

    /// Those that read each other's bytes and JSON are in one group.
    pub(in crate::breaking) fn wire_json_group(self) -> u8 {
        if self == Self::Map { 4 } else { self.wire_group() }
    }
}
