//! The imports between files: whether they are sound, in which order files come, and what they say about modules.
//!
//! The graph is walked with a list of its own instead of recursion: a chain of imports may be as long as a push has
//! files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::loaded::Loaded;
use crate::compile::error::CompileError;
use crate::compile::findings::{self, MAX_FINDINGS, refuse_any};
use crate::compile::input::Role;
use crate::model::{Diagnostic, FileOrigin, ModuleName};

/// `FileDescriptorProto.dependency` and `option_dependency`.
const DEPENDENCY: i32 = 3;
const OPTION_DEPENDENCY: i32 = 15;

/// Most files of an import cycle that its finding spells out.
const CYCLE_SHOWN: usize = 10;

/// The paths of all files, each after those that it imports: a depth-first walk from content in the order of
/// its paths, along imports in the order of the sources. It is the order in which `protoc` passes files on.
///
/// # Errors
/// When an import leads nowhere, stands twice in one file, or closes a cycle.
pub(in crate::compile) fn order(loaded: &Loaded<'_>) -> Result<Vec<String>, CompileError> {
    refuse_any(loaded.files.keys().flat_map(|path| unsound(loaded, path)).take(MAX_FINDINGS).collect())?;
    let mut walk = ImportWalk { loaded, states: HashMap::new(), order: Vec::new(), findings: Vec::new() };
    let content = loaded.files.iter().filter(|(_, file)| file.role == Role::Content);
    content.for_each(|(path, _)| walk.from(path));
    refuse_any(walk.findings)?;
    Ok(walk.order)
}

/// Per module with a file among `loaded`: the other modules whose files it imports.
pub(in crate::compile) fn modules(loaded: &Loaded<'_>) -> BTreeMap<ModuleName, BTreeSet<ModuleName>> {
    let mut modules: BTreeMap<ModuleName, BTreeSet<ModuleName>> = BTreeMap::new();
    for file in loaded.files.values() {
        let FileOrigin::Module(module) = &file.origin else { continue };
        let imported = modules.entry(module.clone()).or_default();
        for path in &file.proto.dependency {
            match loaded.files.get(path).map(|file| &file.origin) {
                Some(FileOrigin::Module(other)) if other != module => drop(imported.insert(other.clone())),
                _ => {}
            }
        }
    }
    modules
}

/// What to do about an import that leads nowhere.
pub const DEPS_ADVICE: &str =
    "add the module that holds it to `deps` in buf.yaml (and run `buf dep update` if there is a buf.lock)";

/// The imports of one file that lead nowhere or repeat another.
fn unsound(loaded: &Loaded<'_>, path: &str) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let imports = loaded.files[path].proto.dependency.iter().enumerate();
    imports
        .filter_map(|(index, import)| {
            let message = if !seen.insert(import) {
                format!("import \"{import}\" is there twice; remove one")
            } else if loaded.files.contains_key(import) {
                return None;
            } else {
                format!("import \"{import}\" was not found in this module or its dependencies; {DEPS_ADVICE}")
            };
            Some(at_import(loaded, path, index, message))
        })
        .take(MAX_FINDINGS)
        .collect()
}

fn at_import(loaded: &Loaded<'_>, path: &str, index: usize, message: String) -> Diagnostic {
    let file = &loaded.files[path];
    let for_options = file.edition.as_ref().map_or(0, |edition| edition.option_imports);
    // The places of imports for options are kept apart, and these stand after the others.
    let (list, index) = match (index + for_options).checked_sub(file.proto.dependency.len()) {
        Some(index) => (OPTION_DEPENDENCY, index),
        None => (DEPENDENCY, index),
    };
    findings::at_element(&file.proto, file.source, &[list, i32::try_from(index).unwrap_or(0)], message)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its imports are being walked.
    Open,
    /// It has its place in the order.
    Done,
}

struct ImportWalk<'l, 'a> {
    loaded: &'l Loaded<'a>,
    states: HashMap<&'l str, State>,
    order: Vec<String>,
    findings: Vec<Diagnostic>,
}

impl<'l> ImportWalk<'l, '_> {
    fn from(&mut self, root: &'l str) {
        // A file on the way, and which of its imports comes next.
        let mut way: Vec<(&str, usize)> = Vec::new();
        self.open(root, &mut way);
        while let Some((path, next)) = way.last_mut() {
            let (path, index) = (*path, *next);
            *next += 1;
            let Some(import) = self.loaded.files[path].proto.dependency.get(index) else {
                way.pop();
                self.states.insert(path, State::Done);
                self.order.push(path.to_owned());
                continue;
            };
            if self.states.get(import.as_str()) == Some(&State::Open) {
                if self.findings.len() >= MAX_FINDINGS {
                    continue;
                }
                let message = cycle(&way, import);
                self.findings.push(at_import(self.loaded, path, index, message));
            } else {
                self.open(import, &mut way);
            }
        }
    }

    fn open(&mut self, path: &'l str, way: &mut Vec<(&'l str, usize)>) {
        if !self.states.contains_key(path) {
            self.states.insert(path, State::Open);
            way.push((path, 0));
        }
    }
}

fn cycle(way: &[(&str, usize)], import: &str) -> String {
    let start = way.iter().position(|(path, _)| *path == import).unwrap_or(0);
    let mut chain: Vec<&str> = way[start..].iter().map(|(path, _)| *path).collect();
    if chain.len() > CYCLE_SHOWN {
        chain.truncate(CYCLE_SHOWN);
        chain.push("…");
    }
    format!(
        "files import each other in a circle: {} -> {import}; move what both need to a file of its own",
        chain.join(" -> ")
    )
}

#[cfg(test)]
mod tests {
    use crate::compile::Compiled;
    use crate::compile::input::Role;
    use crate::compile::testing::{compile_files, compile_modules, refusal};

    fn paths(compiled: &Compiled) -> Vec<&str> {
        compiled.descriptors.files.iter().map(|file| file.proto.name()).collect()
    }

    #[test]
    fn an_import_that_leads_nowhere_says_what_to_do() {
        let text = refusal(&[("a.proto", "syntax = \"proto3\";\nimport \"x/y.proto\";\n")]);
        assert!(text.starts_with("a.proto:2:1: import \"x/y.proto\" was not found in this module"), "{text}");
        assert!(text.contains("`deps` in buf.yaml"), "{text}");
    }

    #[test]
    fn an_import_twice_is_refused() {
        let import = "import \"b.proto\";\n";
        let text = refusal(&[("a.proto", &import.repeat(2)), ("b.proto", "")]);
        assert!(text.starts_with("a.proto:2:1: import \"b.proto\" is there twice"), "{text}");
    }

    #[test]
    fn an_import_for_options_is_pointed_at() {
        let source =
            "edition = \"2024\"; import \"b.proto\";\nimport option \"c.proto\";\n  import option \"b.proto\";";
        let text = refusal(&[("a.proto", source), ("b.proto", ""), ("c.proto", "")]);
        assert!(text.starts_with("a.proto:3:3: import \"b.proto\" is there twice"), "{text}");
    }

    #[test]
    fn cycles_are_named() {
        let text = refusal(&[("a.proto", "import \"b.proto\";"), ("b.proto", "import \"a.proto\";")]);
        assert!(text.starts_with("b.proto:1:1: files import each other in a circle: a.proto -> b.proto -> a.proto;"));
        let text = refusal(&[("a.proto", "import \"a.proto\";")]);
        assert!(text.contains("circle: a.proto -> a.proto;"), "{text}");
    }

    #[test]
    fn files_come_after_their_imports_whatever_the_order_of_modules() {
        let first: &[_] = &[("a.proto", "import \"z.proto\"; import \"m.proto\";"), ("m.proto", "")];
        let second: &[_] = &[("z.proto", "")];
        let there =
            compile_modules(&[("acme/first", Role::Content, first), ("acme/second", Role::Content, second)]).unwrap();
        let back =
            compile_modules(&[("acme/second", Role::Content, second), ("acme/first", Role::Content, first)]).unwrap();
        assert_eq!(paths(&there), ["z.proto", "m.proto", "a.proto"]);
        assert_eq!(paths(&back), paths(&there));
    }

    #[test]
    fn a_chain_of_imports_may_be_as_long_as_a_push() {
        let names: Vec<(String, String)> = (0..3_000)
            .map(|n| {
                (format!("f{n}.proto"), if n == 0 { String::new() } else { format!("import \"f{}.proto\";", n - 1) })
            })
            .collect();
        let files: Vec<(&str, &str)> = names.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(compile_files(&files).unwrap().descriptors.files.len(), 3_000);
    }

    #[test]
    fn well_known_types_are_a_dependency_only_when_a_module_has_them() {
        let content: &[_] = &[("a.proto", "import \"google/protobuf/empty.proto\"; import \"b.proto\";")];
        let common: &[_] = &[("b.proto", "")];
        let types: &[_] = &[("google/protobuf/empty.proto", "package google.protobuf; message Empty {}")];
        let modules = [("acme/pets", Role::Content, content), ("acme/common", Role::Dependency, common)];
        let compiled = compile_modules(&modules).unwrap();
        let imports = |compiled: &Compiled| format!("{:?}", compiled.imports[&"acme/pets".parse().unwrap()]);
        assert!(imports(&compiled).contains("common") && !imports(&compiled).contains("types"));

        let compiled = compile_modules(&[modules[0], modules[1], ("acme/types", Role::Dependency, types)]).unwrap();
        assert!(imports(&compiled).contains("types"));
    }
}
