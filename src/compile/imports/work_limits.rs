//! Bounds on what a parsed file may make its linking cost.
//!
//! A small source can ask for much: every name is kept in full, so a long package or message name is paid for once
//! per field; and members are compared with every reserved range. The bounds are far above what real sources hold
//! (some 7,000 files of googleapis were compiled within them).

use prost_types::source_code_info::Location;
use rayon::prelude::*;

use super::loaded::{Loaded, LoadedFile};
use crate::compile::error::CompileError;
use crate::compile::findings::{self, refuse_any};
use crate::compile::visit::elements::{Element, Node, elements};
use crate::compile::visit::tag;
use crate::model::{Diagnostic, LimitExceeded, Limits};

/// Most parts of a package name; `buf` takes as many.
const MAX_PACKAGE_PARTS: usize = 101;
/// Most bytes of a package name; `buf` takes as many.
const MAX_PACKAGE_LENGTH: usize = 512;
/// Most bytes of one full name: a name is looked up once per scope around it.
pub(in crate::compile) const MAX_NAME: usize = 1_024;
/// Most bytes of all full names of a file together.
const MAX_NAMES: usize = 64 << 20;
/// Most values of an enum.
const MAX_VALUES: usize = 50_000;
/// Most ranges, reserved or for extensions, of a message or an enum.
const MAX_RANGES: usize = 5_000;
/// Most services of a file.
const MAX_SERVICES: usize = 2_000;
/// Most methods of all services of a file.
const MAX_METHODS: usize = 10_000;
/// Most comments before an element that stand apart from it.
const MAX_DETACHED: usize = 10_000;
/// Most lines of all comments of one element.
const MAX_COMMENT_LINES: usize = 50_000;

/// `FileDescriptorProto.package`.
const PACKAGE: i32 = 2;

/// Checks every file against the bounds.
///
/// # Errors
/// When a file exceeds one.
pub(in crate::compile) fn check(loaded: &Loaded<'_>, limits: &Limits) -> Result<(), CompileError> {
    let files: Vec<_> = loaded.files.values().filter(|file| file.earlier.is_none()).collect();
    files.par_iter().try_for_each(|file| option_names(file, limits))?;
    refuse_any(files.par_iter().filter_map(|file| excess(file)).collect())
}

/// A name of many parts, as in `option (a).b.c`, makes as many messages inside each other as it has parts.
fn option_names(file: &LoadedFile<'_>, limits: &Limits) -> Result<(), LimitExceeded> {
    let mut deepest: Option<(usize, Vec<i32>)> = None;
    elements(&file.proto, |element| {
        let (field, written) = element.node.options();
        for option in written {
            if deepest.as_ref().is_none_or(|(parts, _)| option.name.len() > *parts) {
                deepest = Some((option.name.len(), element.inside(&[field])));
            }
        }
    });
    let Some((parts, path)) = deepest else { return Ok(()) };
    let place = || {
        let found = findings::at_element(&file.proto, file.source, &path, "");
        found.position.map_or(found.path.clone(), |(line, column)| format!("{}:{line}:{column}", found.path))
    };
    let parts = parts as u64;
    if parts <= limits.nesting {
        Ok(())
    } else {
        limits.check_nesting(format!("{}: the name of an option", place()), parts)
    }
}

/// The first bound that `file` exceeds.
fn excess(file: &LoadedFile<'_>) -> Option<Diagnostic> {
    let package = file.proto.package();
    let parts = package.split('.').count();
    if parts > MAX_PACKAGE_PARTS {
        let message = format!("the package has {parts} parts; at most {MAX_PACKAGE_PARTS} are supported");
        return Some(findings::at_element(&file.proto, file.source, &[PACKAGE], message));
    }
    if package.len() > MAX_PACKAGE_LENGTH {
        let length = package.len();
        let message = format!("the package has {length} bytes; at most {MAX_PACKAGE_LENGTH} are supported");
        return Some(findings::at_element(&file.proto, file.source, &[PACKAGE], message));
    }
    if let Some(found) = services(file).or_else(|| comments(file)) {
        return Some(found);
    }
    let mut names = 0;
    let mut found = None;
    elements(&file.proto, |element| {
        names += element.name.len();
        if found.is_none() {
            let message = too_many(element).or_else(|| too_long(element.name.len(), names));
            found = message.map(|message| findings::at_element(&file.proto, file.source, element.path, message));
        }
    });
    found
}

/// The service with which there are too many, or too many methods.
fn services(file: &LoadedFile<'_>) -> Option<Diagnostic> {
    let at = |index: usize, message: String| {
        let path = [tag::FILE_SERVICE, i32::try_from(index).unwrap_or(i32::MAX)];
        Some(findings::at_element(&file.proto, file.source, &path, message))
    };
    let count = file.proto.service.len();
    if count > MAX_SERVICES {
        return at(MAX_SERVICES, format!("the file has {count} services; at most {MAX_SERVICES} are supported"));
    }
    let mut methods = 0;
    for (index, service) in file.proto.service.iter().enumerate() {
        methods += service.method.len();
        if methods > MAX_METHODS {
            let message = format!(
                "the services up to this one have {methods} methods; at most {MAX_METHODS} are supported in one file"
            );
            return at(index, message);
        }
    }
    None
}

/// The first element that has too many comments.
fn comments(file: &LoadedFile<'_>) -> Option<Diagnostic> {
    let locations = file.proto.source_code_info.iter().flat_map(|info| &info.location);
    locations.into_iter().find_map(|location| {
        let detached = location.leading_detached_comments.len();
        let lines: usize = comment_texts(location).map(|text| text.matches('\n').count()).sum();
        let message = if detached > MAX_DETACHED {
            format!("{detached} comments stand before this; at most {MAX_DETACHED} are supported")
        } else if lines > MAX_COMMENT_LINES {
            format!("the comments of this have {lines} lines; at most {MAX_COMMENT_LINES} are supported")
        } else {
            return None;
        };
        Some(findings::at_element(&file.proto, file.source, &location.path, message))
    })
}

fn comment_texts(location: &Location) -> impl Iterator<Item = &str> {
    let own = location.leading_comments.iter().chain(&location.trailing_comments);
    own.chain(&location.leading_detached_comments).map(String::as_str)
}

fn too_long(name: usize, names: usize) -> Option<String> {
    if name > MAX_NAME {
        return Some(format!("the full name has {name} bytes; at most {MAX_NAME} are supported"));
    }
    (names > MAX_NAMES)
        .then(|| format!("the full names in this file have more than {MAX_NAMES} bytes; use shorter names"))
}

fn too_many(element: Element<'_, '_>) -> Option<String> {
    let (kind, name, ranges, values) = match element.node {
        Node::Message(item) => ("message", item.name(), item.reserved_range.len() + item.extension_range.len(), 0),
        Node::Enum(item) => ("enum", item.name(), item.reserved_range.len(), item.value.len()),
        _ => return None,
    };
    if ranges > MAX_RANGES {
        return Some(format!("{kind} {name} has {ranges} ranges; at most {MAX_RANGES} are supported"));
    }
    (values > MAX_VALUES).then(|| format!("{kind} {name} has {values} values; at most {MAX_VALUES} are supported"))
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::refusal;

    #[test]
    fn a_package_of_very_many_parts_is_refused() {
        let package = |parts: usize| format!("package {};", vec!["a"; parts].join("."));
        assert_eq!(refusal(&[("a.proto", &package(100))]), "");
        assert!(refusal(&[("a.proto", &package(20_000))]).starts_with("a.proto:1:1: the package has 20000 parts;"));
        let long = |length: usize| format!("package a.{};", "b".repeat(length - 2));
        assert_eq!(refusal(&[("a.proto", &long(512))]), "");
        assert!(refusal(&[("a.proto", &long(513))]).starts_with("a.proto:1:1: the package has 513 bytes;"));
    }

    #[test]
    fn names_that_multiply_are_refused() {
        let long = refusal(&[("a.proto", &format!("message {} {{}}", "M".repeat(1_025)))]);
        assert!(long.starts_with("a.proto:1:1: the full name has 1025 bytes"), "{long}");
        let fields: String = (1..18_000).chain(20_000..72_000).map(|n| format!("optional int32 f{n} = {n};")).collect();
        let text = refusal(&[("a.proto", &format!("message {} {{ {fields} }}", "M".repeat(1_000)))]);
        assert!(text.contains("the full names in this file"), "{text}");
    }

    #[test]
    fn the_name_of_an_option_nests_as_deep_as_its_parts() {
        let named = |parts: usize| {
            format!(
                "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; message O {{ optional O o = 1; }}
                 extend google.protobuf.FileOptions {{ optional O o = 50000; }}\noption (o){} = {{}};",
                ".o".repeat(parts - 1)
            )
        };
        assert_eq!(refusal(&[("a.proto", &named(30))]), "");
        let text = refusal(&[("a.proto", &named(100_000))]);
        assert!(text.contains("the name of an option is 100000 levels") && text.contains("--max-nesting"), "{text}");
    }

    #[test]
    fn ranges_and_values_are_counted() {
        let ranges: Vec<String> = (1..=5_001).map(|n| n.to_string()).collect();
        let text = refusal(&[("a.proto", &format!("message M {{ reserved {}; }}", ranges.join(",")))]);
        assert!(text.contains("message M has 5001 ranges"), "{text}");
        let values: String = (0..=50_000).map(|n| format!("V{n} = {n};")).collect();
        assert!(refusal(&[("a.proto", &format!("enum E {{ {values} }}"))]).contains("enum E has 50001 values"));
    }

    #[test]
    fn services_and_methods_are_counted() {
        let services = |count: usize| (0..count).map(|n| format!("service S{n} {{}}")).collect::<String>();
        assert_eq!(refusal(&[("a.proto", &services(2_000))]), "");
        let text = refusal(&[("a.proto", &services(4_000))]);
        assert!(text.contains("the file has 4000 services; at most 2000 are supported"), "{text}");
        let methods = |count: usize| (0..count).map(|n| format!("rpc R{n}(M) returns (M);")).collect::<String>();
        let service = |count: usize| format!("message M {{}}\nservice S {{ {} }}", methods(count));
        assert_eq!(refusal(&[("a.proto", &service(10_000))]), "");
        let text = refusal(&[("a.proto", &service(20_000))]);
        assert!(text.starts_with("a.proto:2:1: the services up to this one have 20000 methods"), "{text}");
    }

    #[test]
    fn comments_are_counted() {
        for (comment, most, expected) in [
            ("// x\n", 50_000, "lines; at most 50000 are supported"),
            ("// x\n\n", 10_000, "comments stand before this; at most 10000 are supported"),
        ] {
            let source = |count: usize| format!("syntax = \"proto3\";\n\n{}\nmessage M {{}}", comment.repeat(count));
            assert_eq!(refusal(&[("a.proto", &source(most))]), "");
            let text = refusal(&[("a.proto", &source(most + 2))]);
            assert!(text.contains(expected), "{comment:?}: {text}");
        }
    }
}
