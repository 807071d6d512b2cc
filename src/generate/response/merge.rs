//! Makes one set of files of a plugin's answer: insertion points applied, names checked, sorted. The order of
//! an answer means nothing; the prost plugin's even changes from run to run.

use std::collections::BTreeMap;

use prost_types::compiler::code_generator_response::File;

use crate::model::{Generated, GeneratedFile, Insertion};

/// Merges `files`, or returns the problem with them.
pub(in crate::generate) fn merge(files: Vec<File>) -> Result<Generated, String> {
    let mut merged: BTreeMap<String, String> = BTreeMap::new();
    let mut insertions = Vec::new();
    for file in files {
        let name = file.name.clone().unwrap_or_default();
        check_name(&name)?;
        if file.insertion_point().is_empty() {
            let content = file.content.unwrap_or_default();
            if merged.insert(name.clone(), content).is_some() {
                return Err(format!("it made file {name:?} twice"));
            }
        } else {
            insertions.push((name, file));
        }
    }
    let mut left = Vec::new();
    for (name, file) in insertions {
        let Some(target) = merged.get_mut(&name) else {
            let point = file.insertion_point.unwrap_or_default();
            left.push(Insertion { name, point, content: file.content.unwrap_or_default() });
            continue;
        };
        insert(target, file.insertion_point(), file.content())
            .ok_or_else(|| format!("file {name:?} has no insertion point {:?}", file.insertion_point()))?;
    }
    let files = merged
        .into_iter()
        .map(|(name, content)| GeneratedFile { name, content, descriptors: None, renamed: Vec::new() })
        .collect();
    Ok(Generated { files, insertions: left })
}

/// Puts `content` above the line that marks `point`. Only a line that is nothing but the mark counts, and the
/// last of them: a comment of the sources may hold the same words.
fn insert(target: &mut String, point: &str, content: &str) -> Option<()> {
    let mark = format!("// @@protoc_insertion_point({point})");
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

/// Names become paths in archives and directories.
fn check_name(name: &str) -> Result<(), String> {
    let odd = |c: char| c == '\\' || c.is_control();
    let outside = name.starts_with('/') || name.split('/').any(|part| matches!(part, "" | "." | ".."));
    let drive = name.as_bytes().get(1) == Some(&b':');
    if outside || drive || name.contains(odd) {
        return Err(format!("it made a file called {name:?}; names must be relative and stay inside the output"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, point: Option<&str>, content: &str) -> File {
        File {
            name: Some(name.into()),
            insertion_point: point.map(Into::into),
            content: Some(content.into()),
            ..Default::default()
        }
    }

    #[test]
    fn insertions_stand_above_their_mark_in_order() {
        let base = "/// // @@protoc_insertion_point(module)\nstruct A;\n// @@protoc_insertion_point(module)\n";
        let files = vec![
            file("b.rs", Some("module"), "const X: u8 = 1;\n"),
            file("b.rs", None, base),
            file("a.rs", None, ""),
            file("b.rs", Some("module"), "const Y: u8 = 1;\n"),
        ];
        let merged = merge(files).unwrap();
        assert_eq!(merged.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
        assert_eq!(
            merged.files[1].content,
            "/// // @@protoc_insertion_point(module)\nstruct A;\nconst X: u8 = 1;\nconst Y: u8 = 1;\n\
             // @@protoc_insertion_point(module)\n"
        );
    }

    #[test]
    fn what_belongs_into_another_plugins_file_is_left() {
        let merged = merge(vec![file("a.rs", Some("module"), "x"), file("b.rs", None, "")]).unwrap();
        let left = Insertion { name: "a.rs".into(), point: "module".into(), content: "x".into() };
        assert_eq!((merged.files.len(), merged.insertions), (1, vec![left]));
    }

    #[test]
    fn an_indented_mark_indents_what_is_inserted() {
        let mut target = "mod m {\n    // @@protoc_insertion_point(inner)\n}\n".to_owned();
        insert(&mut target, "inner", "a\nb\n").unwrap();
        assert_eq!(target, "mod m {\n    a\n    b\n    // @@protoc_insertion_point(inner)\n}\n");
    }

    #[test]
    fn answers_that_make_no_sense_are_refused() {
        for bad in ["", "/etc/passwd", "../x.rs", "a/../x.rs", "a//b.rs", "c:x.rs", "a\\b.rs", "a\n.rs"] {
            assert!(merge(vec![file(bad, None, "")]).is_err(), "{bad:?} was accepted");
        }
        assert!(merge(vec![file("a.rs", None, ""), file("a.rs", None, "")]).unwrap_err().contains("twice"));
        let unmarked = vec![file("a.rs", None, "x"), file("a.rs", Some("module"), "")];
        assert!(merge(unmarked).unwrap_err().contains("no insertion point"));
    }
}
