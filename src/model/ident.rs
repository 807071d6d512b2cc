//! How Protobuf names are written in generated Rust code. `generate` spells paths to other crates with it and
//! `package` builds the module tree with it; both must agree with what prost-build writes (its `ident.rs`).

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use prost_types::{DescriptorProto, EnumDescriptorProto};

/// Keywords of all editions that may be written as `r#keyword`.
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe",
    "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that may not, and get an underscore.
const SUFFIXED: &[&str] = &["_", "super", "self", "Self", "extern", "crate"];

fn escape(name: String) -> String {
    if RAW.contains(&name.as_str()) {
        return format!("r#{name}");
    }
    if SUFFIXED.contains(&name.as_str()) {
        return format!("{name}_");
    }
    if name.starts_with(char::is_numeric) { format!("_{name}") } else { name }
}

/// The module (or field) that a package segment, a message with nested types or a field becomes: `type` is
/// `r#type`, `V2Beta1` is `v2_beta1`. Empty for a name of underscores alone, which has no Rust name.
#[must_use]
pub fn rust_module(name: &str) -> String {
    escape(name.to_snake_case())
}

/// The type that a message, an enum or a oneof becomes, or the variant that an enum value becomes before its
/// prefix is taken away: `self` is `Self_`.
#[must_use]
pub fn rust_type(name: &str) -> String {
    escape(name.to_upper_camel_case())
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
    let name = rust_type(oneof);
    let messages = message.nested_type.iter().map(DescriptorProto::name);
    let mut inner = messages.chain(message.enum_type.iter().map(EnumDescriptorProto::name));
    if inner.any(|inner| rust_type(inner) == name) { name + "OneOf" } else { name }
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
    fn names_agree_with_the_generator_itself() {
        for name in ["Foo_Bar", "fooBAR2baz", "_x", "type", "Self", "super", "HTTPServer", "a1b2", "x__y_"] {
            let module = prost_build::Module::from_protobuf_package_name(name);
            assert_eq!(module.parts().next().unwrap(), rust_module(name));
        }
    }
}
