//! Parts of answers, for the tests of this folder.

use prost_types::compiler::code_generator_response::File;

pub(super) fn file(name: &str, content: &str) -> File {
    File { name: Some(name.into()), content: Some(content.into()), ..Default::default() }
}

pub(super) fn insertion(name: &str, point: &str, content: &str) -> File {
    File { insertion_point: Some(point.into()), ..file(name, content) }
}
