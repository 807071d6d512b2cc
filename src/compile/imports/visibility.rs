//! Which files' names a file may use: its own, those that it imports, and what those import publicly, and so on.

use std::collections::{HashMap, HashSet};

use super::loaded::LoadedFile;
use crate::compile::error::CompileError;
use crate::compile::findings::refuse_any;
use crate::model::Diagnostic;

/// Most pairs of a file and a file that it sees, in one compilation. All of googleapis has about 100,000.
const MAX_PAIRS: usize = 1_000_000;

/// Most public imports that are followed to find them. All of googleapis has about 1,000.
const MAX_STEPS: usize = 10_000_000;

/// Per file of `files`: the indices of the files that it sees, itself included, in ascending order.
///
/// # Errors
/// When public imports multiply beyond what a compilation may hold.
pub(in crate::compile) fn visible(files: &[LoadedFile<'_>]) -> Result<Vec<Vec<usize>>, CompileError> {
    let indices: HashMap<&str, usize> = files.iter().enumerate().map(|(at, file)| (file.proto.name(), at)).collect();
    let imports = |file: &LoadedFile<'_>| -> Vec<Option<usize>> {
        file.proto.dependency.iter().map(|path| indices.get(path.as_str()).copied()).collect()
    };
    let imports: Vec<_> = files.iter().map(imports).collect();
    let public: Vec<_> = files.iter().zip(&imports).map(|(file, imports)| public(file, imports)).collect();
    let (mut pairs, mut steps) = (0, 0);
    let mut visible = Vec::with_capacity(files.len());
    for (index, imports) in imports.iter().enumerate() {
        let seen = seen_from(index, imports, &public, MAX_PAIRS - pairs);
        pairs += seen.len() - 1;
        steps += seen.iter().map(|file| public[*file].len()).sum::<usize>();
        if pairs >= MAX_PAIRS || steps >= MAX_STEPS {
            let message = format!(
                "public imports let files see more than the limit of {MAX_PAIRS} others in all; \
                 import the files that are used instead"
            );
            refuse_any(vec![Diagnostic::in_file(files[index].proto.name(), message)])?;
        }
        visible.push(seen);
    }
    Ok(visible)
}

fn public(file: &LoadedFile<'_>, imports: &[Option<usize>]) -> Vec<usize> {
    let public = file.proto.public_dependency.iter().filter_map(|index| usize::try_from(*index).ok());
    public.filter_map(|index| imports.get(index).copied().flatten()).collect()
}

fn seen_from(index: usize, imports: &[Option<usize>], public: &[Vec<usize>], most: usize) -> Vec<usize> {
    let mut seen = vec![index];
    seen.extend(imports.iter().flatten());
    let mut known: HashSet<usize> = seen.iter().copied().collect();
    // What a file imports publicly itself is among its imports.
    let mut next = 1;
    while let Some(file) = seen.get(next).copied().filter(|_| seen.len() <= most) {
        next += 1;
        seen.extend(public[file].iter().copied().filter(|import| known.insert(*import)));
    }
    seen.sort_unstable();
    seen
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

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
