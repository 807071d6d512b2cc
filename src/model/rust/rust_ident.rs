//! Protobuf names as identifiers in generated Rust code. `generate` writes paths to other crates with them and
//! `package` builds the module tree with them; both must agree with the output of prost-build (its `ident.rs`).

use std::collections::HashSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use prost_types::{DescriptorProto, EnumDescriptorProto};

/// Keywords of all editions that may be written as `r#keyword`, sorted.
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe",
    "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that may not, and get an underscore.
const SUFFIXED: &[&str] = &["_", "super", "self", "Self", "extern", "crate"];

fn escape(name: String) -> String {
    if RAW.binary_search(&name.as_str()).is_ok() {
        return format!("r#{name}");
    }
    if SUFFIXED.contains(&name.as_str()) {
        return format!("{name}_");
    }
    if name.starts_with(char::is_numeric) { format!("_{name}") } else { name }
}

/// Whether `name` surely is in snake case already. Most are, and converting is slow.
fn is_snake_case(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'_');
    let bytes = name.as_bytes();
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(|byte| plain(*byte)) && !name.contains("__")
}

/// The same for upper camel case: letters and digits, and every upper-case letter is followed by a lower-case one.
fn is_upper_camel_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    let follows = |at: usize| bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    bytes.first().is_some_and(u8::is_ascii_uppercase)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && (0..bytes.len()).all(|at| !bytes[at].is_ascii_uppercase() || follows(at))
}

/// The module (or field) that a package segment, a message with nested types or a field becomes: `type` is
/// `r#type`, `V2Beta1` is `v2_beta1`. Empty for a name of underscores alone, which has no Rust name.
#[must_use]
pub fn rust_module(name: &str) -> String {
    escape(if is_snake_case(name) { name.to_owned() } else { name.to_snake_case() })
}

/// The type of a message, an enum or a oneof, or the variant of an enum value before its prefix is removed: `self` is
/// `Self_`.
#[must_use]
pub fn rust_type(name: &str) -> String {
    escape(if is_upper_camel_case(name) { name.to_owned() } else { name.to_upper_camel_case() })
}

/// The variant of the enum `rust_enum` that a value becomes: without the enum's name in front, if an upper-case
/// letter follows it.
#[must_use]
pub fn rust_variant(rust_enum: &str, value: &str) -> String {
    let name = rust_type(value);
    match name.strip_prefix(rust_enum) {
        Some(rest) if rest.starts_with(char::is_uppercase) => escape(rest.to_owned()),
        _ => name,
    }
}

/// A name that is kept as it is, with keywords escaped: how buffa writes fields, types and values.
#[must_use]
pub fn rust_verbatim(name: &str) -> String {
    escape(name.to_owned())
}

/// The type that a oneof of `message` becomes. `KindOneOf` where a type in the message has the name already: both
/// would be `Kind` to prost-build 0.14.1, so `package` gives the oneof the name that later versions write.
#[must_use]
pub fn rust_oneof(message: &DescriptorProto, oneof: &str) -> String {
    beside(&inner_types(message), oneof)
}

/// The types that all oneofs of `message` become, in their order.
#[must_use]
pub fn rust_oneofs(message: &DescriptorProto) -> Vec<String> {
    if message.oneof_decl.is_empty() {
        return Vec::new();
    }
    let inner = inner_types(message);
    message.oneof_decl.iter().map(|oneof| beside(&inner, oneof.name())).collect()
}

fn inner_types(message: &DescriptorProto) -> HashSet<String> {
    let messages = message.nested_type.iter().map(DescriptorProto::name);
    messages.chain(message.enum_type.iter().map(EnumDescriptorProto::name)).map(rust_type).collect()
}

fn beside(inner: &HashSet<String>, oneof: &str) -> String {
    let name = rust_type(oneof);
    if inner.contains(&name) { name + "OneOf" } else { name }
}

/// The modules that a package becomes; none for files without a package.
#[must_use]
pub fn rust_modules(package: &str) -> Vec<String> {
    package.split('.').filter(|segment| !segment.is_empty()).map(rust_module).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_prost_writes() {
        assert_eq!(rust_modules("acme.type.V2Beta1"), ["acme", "r#type", "v2_beta1"]);
        assert_eq!(rust_modules("self.crate.gen"), ["self_", "crate_", "r#gen"]);
        assert_eq!(rust_module("_1x"), "_1x");
        assert_eq!((rust_type("self"), rust_type("HTTPRule")), ("Self_".into(), "HttpRule".into()));
        assert!(rust_modules("").is_empty());
        for (value, variant) in [("COLOUR_RED", "Red"), ("COLOURED", "Coloured"), ("COLOUR_SELF", "Self_")] {
            assert_eq!(rust_variant("Colour", value), variant);
        }
    }

    #[test]
    fn every_keyword_is_escaped() {
        for keyword in RAW {
            assert_eq!(rust_verbatim(keyword), format!("r#{keyword}"));
        }
    }

    #[test]
    fn what_is_left_as_it_is_would_not_change() {
        let mut parts = vec![String::new()];
        for _ in 0..6 {
            parts = parts.iter().flat_map(|part| ["a", "B", "1", "_"].map(|more| format!("{part}{more}"))).collect();
        }
        let snake: Vec<_> = parts.iter().filter(|name| is_snake_case(name)).collect();
        let camel: Vec<_> = parts.iter().filter(|name| is_upper_camel_case(name)).collect();
        assert!(snake.len() > 100 && camel.len() > 20, "{} {}", snake.len(), camel.len());
        assert!(snake.iter().all(|name| name.to_snake_case() == **name));
        assert!(camel.iter().all(|name| name.to_upper_camel_case() == **name));
    }

    #[test]
    fn names_agree_with_the_generator_itself() {
        for name in ["Foo_Bar", "fooBAR2baz", "_x", "type", "Self", "super", "HTTPServer", "a1b2", "x__y_"] {
            let module = prost_build::Module::from_protobuf_package_name(name);
            assert_eq!(module.parts().next().unwrap(), rust_module(name));
        }
    }
}
