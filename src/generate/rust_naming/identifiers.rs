//! Protobuf names as the plugins of a family write them in Rust. The output of the generators is the rule; a test
//! imports every name of a page from the generated crate.

use prost_types::{DescriptorProto, EnumDescriptorProto};

use crate::model::{Family, rust_module, rust_oneof, rust_type, rust_variant, rust_verbatim};

/// The module in which the things declared in a message stand.
pub(in crate::generate) fn message_module(family: Family, message: &str) -> String {
    match family {
        Family::Prost => rust_module(message),
        Family::Buffa => rust_verbatim(&snake(message)),
    }
}

/// A message or an enum.
pub(super) fn type_name(family: Family, name: &str) -> String {
    match family {
        Family::Prost => rust_type(name),
        Family::Buffa => rust_verbatim(name),
    }
}

/// A field of a message, or a oneof as a field.
pub(super) fn field(family: Family, name: &str) -> String {
    match family {
        Family::Prost => rust_module(name),
        Family::Buffa => rust_verbatim(name),
    }
}

/// The path of a oneof's own type, below the modules of the package.
pub(super) fn oneof(family: Family, parents: &[&str], message: &DescriptorProto, name: &str) -> Vec<String> {
    let around = parents.iter().copied().chain([message.name()]).map(|parent| message_module(family, parent));
    match family {
        Family::Prost => around.chain([rust_oneof(message, name)]).collect(),
        // A nested type with the same name is in the message's module, and the oneof only in buffa's own module.
        Family::Buffa if is_taken(message, &oneof_type(name)) => ["__buffa", "oneof"]
            .map(str::to_owned)
            .into_iter()
            .chain(around)
            .chain([oneof_variant(family, name)])
            .collect(),
        Family::Buffa => around.chain([oneof_variant(family, name)]).collect(),
    }
}

/// A field as a variant of the oneof that it stands in.
pub(super) fn oneof_variant(family: Family, field: &str) -> String {
    match family {
        Family::Prost => rust_type(field),
        Family::Buffa => rust_verbatim(&oneof_type(field)),
    }
}

/// The value of an enum at this place. prost makes nothing of a second value with the same number, and takes the enum's
/// name off the others unless it is to keep it there.
pub(super) fn enum_value(family: Family, keeps: bool, declared: &EnumDescriptorProto, at: usize) -> Option<String> {
    let value = declared.value.get(at)?;
    match family {
        Family::Prost if declared.value[..at].iter().any(|other| other.number() == value.number()) => None,
        Family::Prost if keeps => Some(rust_type(value.name())),
        Family::Prost => Some(rust_variant(&rust_type(declared.name()), value.name())),
        Family::Buffa => Some(rust_verbatim(value.name())),
    }
}

/// The function of a client for a call.
pub(super) fn call(name: &str) -> String {
    rust_module(name)
}

fn is_taken(message: &DescriptorProto, name: &str) -> bool {
    let messages = message.nested_type.iter().map(DescriptorProto::name);
    messages.chain(message.enum_type.iter().map(EnumDescriptorProto::name)).any(|inner| inner == name)
}

/// The name that buffa gives a oneof's type: `foo_bar` as `FooBar`; letters after the first of a part stay as they are (buffa-codegen's `oneof.rs`).
pub(in crate::generate) fn oneof_type(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    };
    name.split('_').map(capital).collect()
}

/// `HTTPRule` as `http_rule`; digits begin no word, unlike prost's (buffa-codegen's `oneof.rs`).
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let lower_next = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = before.is_some_and(|before| before.is_lowercase() || (before.is_uppercase() && lower_next));
        if letter.is_uppercase() && begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffa_keeps_what_prost_rewrites() {
        let names = |family| [type_name(family, "HTTPRule"), field(family, "userName"), field(family, "type")];
        assert_eq!(names(Family::Prost), ["HttpRule", "user_name", "r#type"]);
        assert_eq!(names(Family::Buffa), ["HTTPRule", "userName", "r#type"]);
        assert_eq!(message_module(Family::Buffa, "Msg2Part"), "msg2part");
        assert_eq!(message_module(Family::Buffa, "XMLHttp"), "xml_http");
        assert_eq!(oneof_variant(Family::Buffa, "self"), "Self_");
    }
}
