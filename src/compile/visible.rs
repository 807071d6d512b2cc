//! Which files' names a file may use: those that it imports, and what those import publicly, and so on.
//!
//! The linker's own reading of public imports stops after one step, and its time can double with every step of a
//! ladder of them. It is therefore handed the answer: every visible file as a plain import ([`super::link`]).

use std::collections::{HashMap, HashSet};

use super::load::Loaded;
use super::{CompileError, refuse_any};
use crate::model::Diagnostic;

/// Most pairs of a file and a file that it sees, in one compilation. All of googleapis has about 100,000.
const MAX_PAIRS: usize = 1_000_000;

/// Per file: the files that it sees, its own imports first. Only files that see more than they import are listed.
///
/// # Errors
/// When public imports multiply beyond what a compilation may hold.
pub(super) fn visible(loaded: &Loaded<'_>) -> Result<HashMap<String, Vec<String>>, CompileError> {
    let mut pairs = 0;
    let mut visible = HashMap::new();
    for (path, file) in &loaded.files {
        let seen = seen_from(loaded, &file.proto.dependency, MAX_PAIRS - pairs);
        pairs += seen.len();
        if pairs >= MAX_PAIRS {
            let message = "public imports make too many files visible; import the files that are used instead";
            refuse_any(vec![Diagnostic::in_file(path, message)])?;
        }
        if seen.len() > file.proto.dependency.len() {
            visible.insert(path.clone(), seen.into_iter().map(str::to_owned).collect());
        }
    }
    Ok(visible)
}

fn seen_from<'l>(loaded: &'l Loaded<'_>, imports: &'l [String], most: usize) -> Vec<&'l str> {
    let mut seen: Vec<&str> = imports.iter().map(String::as_str).collect();
    let mut known: HashSet<&str> = seen.iter().copied().collect();
    let mut next = 0;
    while let Some(path) = seen.get(next).copied().filter(|_| seen.len() < most) {
        next += 1;
        let proto = &loaded.files[path].proto;
        let public = proto.public_dependency.iter().filter_map(|index| usize::try_from(*index).ok());
        for import in public.filter_map(|index| proto.dependency.get(index)) {
            if known.insert(import) {
                seen.push(import);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compile_files, refusal};

    #[test]
    fn public_imports_reach_through_any_number_of_files() {
        let compiled = compile_files(&[
            ("a.proto", "syntax = \"proto3\"; import \"b.proto\"; message A { D d = 1; }"),
            ("b.proto", "import public \"c.proto\";"),
            ("c.proto", "import public \"d.proto\";"),
            ("d.proto", "message D {}"),
        ])
        .unwrap();
        let (a, b) = (compiled.descriptors.file("a.proto").unwrap(), compiled.descriptors.file("b.proto").unwrap());
        assert_eq!(a.proto.message_type[0].field[0].type_name(), ".D");
        assert_eq!((a.proto.dependency.len(), b.proto.public_dependency.as_slice()), (1, &[0][..]));
    }

    #[test]
    fn an_ordinary_import_is_not_passed_on() {
        let text = refusal(&[
            ("a.proto", "syntax = \"proto3\"; import \"b.proto\"; message A { C c = 1; }"),
            ("b.proto", "import \"c.proto\";"),
            ("c.proto", "message C {}"),
        ]);
        assert!(text.contains("'C' is defined in 'c.proto', which is not imported by 'a.proto'"), "{text}");
    }

    #[test]
    fn a_ladder_of_public_imports_takes_no_time() {
        let rung = |n: usize| format!("import public \"a{0}.proto\"; import public \"b{0}.proto\";", n + 1);
        let mut files = vec![("root.proto".to_owned(), (0..40).map(rung).collect::<String>())];
        for n in 0..=40 {
            let text = if n == 40 { String::new() } else { rung(n) };
            files.extend([(format!("a{n}.proto"), text.clone()), (format!("b{n}.proto"), text)]);
        }
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(compile_files(&files).unwrap().descriptors.files.len(), 83);
    }
}
