//! Reads a plugin's answer: names are checked, and files come in the order of their names. The order of an answer means
//! nothing, except among insertions; the prost plugin's even changes from run to run.

use prost_types::compiler::code_generator_response::File;

use crate::model::{Insertion, PluginResponse};

/// The answer that consists of `files`, or the problem with them.
pub(in crate::generate) fn read(files: Vec<File>) -> Result<PluginResponse, String> {
    let mut answer = PluginResponse::default();
    for file in files {
        let name = file.name.unwrap_or_default();
        check_name(&name)?;
        let content = file.content.unwrap_or_default();
        if let Some(point) = file.insertion_point.filter(|point| !point.is_empty()) {
            answer.insertions.push(Insertion { name, point, content });
        } else if answer.files.insert(name.clone(), content).is_some() {
            return Err(format!("it made file {name:?} twice; each file is to be answered once, as a whole"));
        }
    }
    Ok(answer)
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
    use crate::generate::response::testing::{file, insertion};

    #[test]
    fn files_are_sorted_and_insertions_stay_as_they_were_made() {
        let files = [insertion("b.rs", "two", "x"), file("b.rs", "B"), insertion("z.rs", "one", "y"), file("a.rs", "")];
        let answer = read(files.to_vec()).unwrap();
        let made = [("a.rs", ""), ("b.rs", "B")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(answer.files, made.into());
        let left = |name: &str, point: &str, content: &str| Insertion {
            name: name.into(),
            point: point.into(),
            content: content.into(),
        };
        assert_eq!(answer.insertions, [left("b.rs", "two", "x"), left("z.rs", "one", "y")]);
    }

    #[test]
    fn answers_that_make_no_sense_are_refused() {
        for bad in ["", "/etc/passwd", "../x.rs", "a/../x.rs", "a//b.rs", "c:x.rs", "a\\b.rs", "a\n.rs"] {
            assert!(read(vec![file(bad, "")]).is_err(), "{bad:?} was accepted");
            assert!(read(vec![insertion(bad, "module", "")]).is_err(), "{bad:?} was accepted");
        }
        assert!(read(vec![file("a.rs", ""), file("a.rs", "")]).unwrap_err().contains("twice"));
    }
}
