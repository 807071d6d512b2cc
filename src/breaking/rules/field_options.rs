//! Options and features of fields that change generated code.

use super::Check;
use super::fields::Pair;
use crate::breaking::rule::Rule;
use crate::breaking::schema::Type;
use crate::breaking::schema::element::FieldElement;
use crate::breaking::schema::features::{CORD, JAVA_VERIFY, STRING, VERIFY};

/// How C++ holds a text: the values of `pb.CppFeatures.string_type`, and the one that only `ctype` has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CppString {
    Type(i32),
    Piece,
}

/// Values of `google.protobuf.FieldOptions.CType`.
const CTYPE_STRING: i32 = 0;
const CTYPE_CORD: i32 = 1;
const CTYPE_STRING_PIECE: i32 = 2;
/// `google.protobuf.Edition.EDITION_2024`, which has no `ctype` any more.
const EDITION_2024: i32 = 1001;

impl CppString {
    fn of(field: &FieldElement<'_>) -> Self {
        let has_ctype = field.at.file.file.edition < EDITION_2024;
        let ctype = field.at.declared.options.as_ref().and_then(|options| options.ctype).filter(|_| has_ctype);
        match ctype {
            Some(CTYPE_STRING) => Self::Type(STRING),
            Some(CTYPE_CORD) => Self::Type(CORD),
            Some(CTYPE_STRING_PIECE) => Self::Piece,
            _ => Self::Type(field.at.features.cpp_string_type),
        }
    }
}

/// How Java checks a text, as a value of `utf8_validation`.
fn java_utf8(field: &FieldElement<'_>) -> i32 {
    let file = &field.at.file.file;
    let option = file.options.as_ref().and_then(|options| options.java_string_check_utf8);
    let checks = match option {
        Some(checks) => checks,
        None => file.syntax == "editions" && field.at.features.java_utf8_validation == JAVA_VERIFY,
    };
    if checks { VERIFY } else { field.at.features.utf8_validation }
}

impl Check<'_> {
    pub(super) fn field_options(&mut self, pair: &Pair<'_, '_>) {
        let (old, new) = (pair.old.at.declared, pair.new.at.declared);
        let both = |types: &[Type]| types.contains(&old.r#type()) && types.contains(&new.r#type());
        if both(&[Type::Int64, Type::Uint64, Type::Sint64, Type::Fixed64, Type::Sfixed64]) {
            let jstype =
                |field: &FieldElement<'_>| field.at.declared.options.as_ref().map_or(0, |options| options.jstype);
            if jstype(pair.old) != jstype(pair.new) {
                self.add(Rule::FieldSameJstype, pair.place, || format!("option jstype of {} changed", pair.name));
            }
        }
        if both(&[Type::String, Type::Bytes]) && !(pair.old.is_in_map_entry() && pair.new.is_in_map_entry()) {
            let (before, after) = (CppString::of(pair.old), CppString::of(pair.new));
            // A piece is no type of its own any more: it becomes a string without harm.
            let harmless = before == CppString::Piece && after == CppString::Type(STRING);
            if before != after && !harmless {
                let message = || format!("C++ string type of {} changed", pair.name);
                self.add(Rule::FieldSameCppStringType, pair.place, message);
            }
        }
        if both(&[Type::String]) {
            if java_utf8(pair.old) != java_utf8(pair.new) {
                let message = || format!("UTF-8 validation of {} in Java changed", pair.name);
                self.add(Rule::FieldSameJavaUtf8Validation, pair.place, message);
            }
            if pair.old.at.features.utf8_validation != pair.new.at.features.utf8_validation {
                let message = || format!("UTF-8 validation of {} changed", pair.name);
                self.add(Rule::FieldSameUtf8Validation, pair.place, message);
            }
        }
    }
}
