//! Names of the standard library in a form that nothing beside them can hide.

/// The primitive types.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// Methods that a value of nearly any type has, in a box or behind a pointer, by the traits of the prelude.
const METHODS: [&str; 8] = ["as_mut", "as_ref", "clone", "clone_from", "drop", "into", "to_owned", "try_into"];

/// Whether `x.name()` may mean a method of the standard library, whatever else is called so.
pub(super) fn is_everyones(name: &str) -> bool {
    METHODS.contains(&name)
}

/// The types and traits of the standard prelude that are in scope everywhere, and the modules that they come from.
const PRELUDE: [(&str, &[&str]); 14] = [
    ("::core::option", &["Option"]),
    ("::core::result", &["Result"]),
    ("::std::boxed", &["Box"]),
    ("::std::string", &["String", "ToString"]),
    ("::std::vec", &["Vec"]),
    ("::std::borrow", &["ToOwned"]),
    ("::core::clone", &["Clone"]),
    ("::core::marker", &["Copy", "Send", "Sized", "Sync", "Unpin"]),
    ("::core::ops", &["Drop", "Fn", "FnMut", "FnOnce"]),
    ("::core::convert", &["AsMut", "AsRef", "From", "Into", "TryFrom", "TryInto"]),
    ("::core::default", &["Default"]),
    (
        "::core::iter",
        &["DoubleEndedIterator", "ExactSizeIterator", "Extend", "FromIterator", "IntoIterator", "Iterator"],
    ),
    ("::core::cmp", &["Eq", "Ord", "PartialEq", "PartialOrd"]),
    ("::core::future", &["Future", "IntoFuture"]),
];

/// Whether `name` is a primitive type.
pub(super) fn is_primitive(name: &str) -> bool {
    PRIMITIVES.contains(&name)
}

/// The path of the standard type or trait that is called `name` everywhere.
pub(super) fn standard(name: &str) -> Option<String> {
    if is_primitive(name) {
        return Some(format!("::core::primitive::{name}"));
    }
    let (module, _) = PRELUDE.iter().find(|(_, names)| names.contains(&name))?;
    Some(format!("{module}::{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_names_have_their_paths() {
        assert_eq!(standard("Option").unwrap(), "::core::option::Option");
        assert_eq!(standard("str").unwrap(), "::core::primitive::str");
        assert_eq!(standard("Body"), None);
    }
}
