//! Puts the insertions of an answer into its files. Only a crate needs that, which holds the files of one plugin: `buf`
//! has the files of all plugins, and puts insertions into them itself.

use crate::model::{Generated, GeneratedFile, PluginResponse};

/// The files of `answer` with its insertions, or the problem with them.
pub(super) fn merge(answer: PluginResponse) -> Result<Generated, String> {
    let mut files = answer.files;
    for insertion in answer.insertions {
        let (name, point) = (insertion.name, insertion.point);
        let Some(target) = files.get_mut(&name) else {
            return Err(format!(
                "it inserts into file {name:?}, which it did not make; a crate holds the files of one plugin"
            ));
        };
        let expected = || format!("it inserts into file {name:?}, in which no line is {:?}", mark(&point));
        insert(target, &point, &insertion.content).ok_or_else(expected)?;
    }
    let file = |(name, content)| GeneratedFile { name, content, descriptors: None, renamed: Vec::new() };
    Ok(Generated { files: files.into_iter().map(file).collect() })
}

/// The comment that marks an insertion point.
fn mark(point: &str) -> String {
    format!("// @@protoc_insertion_point({point})")
}

/// Puts `content` above the line that marks `point`. Only a line that is nothing but the mark counts, and the
/// last of them: a comment of the sources may hold the same words.
fn insert(target: &mut String, point: &str, content: &str) -> Option<()> {
    let mark = mark(point);
    let mut end = target.len();
    loop {
        let at = target[..end].rfind(&mark)?;
        let start = target[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let behind = &target[at + mark.len()..];
        let indent = target[start..at].to_owned();
        if indent.trim().is_empty() && (behind.is_empty() || behind.starts_with('\n')) {
            target.insert_str(start, &indented(content, &indent));
            return Some(());
        }
        end = at;
    }
}

fn indented(content: &str, indent: &str) -> String {
    if indent.is_empty() {
        return content.to_owned();
    }
    content.split_inclusive('\n').flat_map(|line| [indent, line]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::response::read;
    use crate::generate::response::testing::{file, insertion};
    use prost_types::compiler::code_generator_response::File;

    fn merged(files: &[File]) -> Result<Generated, String> {
        merge(read::read(files.to_vec()).unwrap())
    }

    #[test]
    fn insertions_stand_above_their_mark_in_order() {
        let base = "/// // @@protoc_insertion_point(module)\nstruct A;\n// @@protoc_insertion_point(module)\n";
        let files = [
            insertion("b.rs", "module", "const X: u8 = 1;\n"),
            file("b.rs", base),
            file("a.rs", ""),
            insertion("b.rs", "module", "const Y: u8 = 1;\n"),
        ];
        let merged = merged(&files).unwrap();
        assert_eq!(merged.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
        assert_eq!(
            merged.files[1].content,
            "/// // @@protoc_insertion_point(module)\nstruct A;\nconst X: u8 = 1;\nconst Y: u8 = 1;\n\
             // @@protoc_insertion_point(module)\n"
        );
    }

    #[test]
    fn an_indented_mark_indents_what_is_inserted() {
        let mut target = "mod m {\n    // @@protoc_insertion_point(inner)\n}\n".to_owned();
        insert(&mut target, "inner", "a\nb\n").unwrap();
        assert_eq!(target, "mod m {\n    a\n    b\n    // @@protoc_insertion_point(inner)\n}\n");
    }

    #[test]
    fn what_has_no_place_is_refused() {
        let other = merged(&[insertion("a.rs", "module", "x"), file("b.rs", "")]).unwrap_err();
        assert_eq!(
            other,
            "it inserts into file \"a.rs\", which it did not make; a crate holds the files of one plugin"
        );
        let unmarked = merged(&[file("a.rs", "x"), insertion("a.rs", "module", "")]).unwrap_err();
        assert_eq!(
            unmarked,
            "it inserts into file \"a.rs\", in which no line is \"// @@protoc_insertion_point(module)\""
        );
    }
}
