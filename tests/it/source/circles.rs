//! No circle between the files of a layer: whoever reads a file can read the files that it uses first.
//!
//! A file uses another one of its layer when its code names a path into it, or a type that it re-exports from there. A
//! name that a file only imports or re-exports counts as a name of the file that declares it, and a re-export alone is
//! no use: so a `mod.rs` that only lists its children is in no circle with them, but one that declares a type for its
//! children and calls them is.
//! Tests and fuzzing may use everything and are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use syn::visit::{self, Visit};

type Module = Vec<String>;

/// The code of one file: the paths that it uses, and the names that it binds to paths.
#[derive(Default)]
struct File {
    module: Module,
    uses: Vec<Module>,
    bound: BTreeMap<String, Module>,
    /// Types that are named without a path.
    types: BTreeSet<String>,
}

impl File {
    fn read(module: Module, text: &str) -> Self {
        let mut file = Self { module, ..Self::default() };
        file.visit_file(&syn::parse_file(text).unwrap());
        let named = file.bound.iter().filter(|(name, _)| file.types.contains(*name));
        file.uses.extend(named.map(|(_, path)| path.clone()).collect::<Vec<_>>());
        file
    }

    /// `path` from the root of the crate, if it leads there.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([&self.module, &path[1..]].concat()),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                Some([&self.module[..self.module.len().checked_sub(up)?], &path[up..]].concat())
            }
            _ => Some([&self.module, path].concat()),
        }
    }

    fn bind(&mut self, tree: &syn::UseTree, prefix: &[String], is_reexport: bool) {
        let below = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        let (path, name) = match tree {
            syn::UseTree::Path(tree) => return self.bind(&tree.tree, &below(&tree.ident), is_reexport),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bind(tree, prefix, is_reexport));
            }
            syn::UseTree::Glob(_) => (prefix.to_vec(), "*".into()),
            syn::UseTree::Name(name) if name.ident == "self" => (prefix.to_vec(), prefix.last().unwrap().clone()),
            syn::UseTree::Name(name) => (below(&name.ident), name.ident.to_string()),
            syn::UseTree::Rename(rename) => (below(&rename.ident), rename.rename.to_string()),
        };
        let Some(path) = self.absolute(&path) else { return };
        if !is_reexport {
            self.uses.push(path.clone());
        }
        self.bound.insert(name, path);
    }
}

impl Visit<'_> for File {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.bind(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_visibility(&mut self, _: &syn::Visibility) {
        // The path in `pub(in crate::x)` says who may use an item, and uses nothing.
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match &parts[..] {
            // A word in small letters may be a variable.
            [name] if name.starts_with(char::is_uppercase) => {
                self.types.insert(name.clone());
            }
            [_] => {}
            path => self.uses.extend(self.absolute(path)),
        }
        visit::visit_path(self, path);
    }
}

/// The file that declares what `path` names: the deepest one on it, or the one that a name on it is bound to.
fn declaring(files: &BTreeMap<Module, File>, path: &[String], steps: usize) -> Option<Module> {
    let length = (1..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(length);
    let bound = rest.first().and_then(|name| files[module].bound.get(name));
    match bound.filter(|_| steps > 0) {
        Some(bound) => declaring(files, &[&bound[..], &rest[1..]].concat(), steps - 1).or_else(|| Some(module.into())),
        None => Some(module.to_vec()),
    }
}

/// The files of its layer that each file uses.
fn edges(files: &BTreeMap<Module, File>) -> BTreeMap<&Module, BTreeSet<Module>> {
    let used = |file: &File| {
        let declaring = file.uses.iter().filter_map(|path| declaring(files, path, 8));
        declaring.filter(|other| *other != file.module && other.first() == file.module.first()).collect()
    };
    files.iter().map(|(module, file)| (module, used(file))).collect()
}

/// All files that `from` leads to.
fn reachable<'e>(edges: &'e BTreeMap<&Module, BTreeSet<Module>>, from: &'e Module) -> BTreeSet<&'e Module> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        open.extend(edges[module].iter().filter(|next| found.insert(*next)));
    }
    found
}

/// The circles, each as the files that are in it.
fn circles(files: &BTreeMap<Module, File>) -> BTreeSet<BTreeSet<String>> {
    let edges = edges(files);
    let reached: BTreeMap<_, _> = files.keys().map(|module| (module, reachable(&edges, module))).collect();
    let circle_of = |module: &Module| -> BTreeSet<String> {
        let both = reached[module].iter().filter(|other| reached[*other].contains(module));
        both.map(|other| other.join("/")).collect()
    };
    files.keys().map(circle_of).filter(|circle| circle.len() > 1).collect()
}

/// The module that a file below `src/` is, unless it is only there for tests or fuzzing.
fn module_of(place: &Path) -> Option<Module> {
    let mut module: Module = place.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let left_out = |part: &String| ["tests", "testing", "fuzzing", "proto", "main", "lib"].contains(&part.as_str());
    (!module.iter().any(left_out)).then_some(module)
}

fn read_below(directory: &Path, root: &Path, files: &mut BTreeMap<Module, File>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(module) = module_of(path.strip_prefix(root).unwrap())
        {
            let text = std::fs::read_to_string(&path).unwrap();
            files.insert(module.clone(), File::read(module, &text));
        }
    }
}

#[test]
fn no_layering_circle_between_the_files_of_a_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    read_below(&root, &root, &mut files);
    let mut report = String::new();
    for circle in circles(&files) {
        let _ = writeln!(report, "a circle: {}", circle.into_iter().collect::<Vec<_>>().join(", "));
    }
    assert!(report.is_empty(), "\n{report}");
}

/// The circles of files that are given as module and text.
fn circles_in(files: &[(&str, &str)]) -> Vec<String> {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let files = files.iter().map(|(path, text)| (module(path), File::read(module(path), text))).collect();
    circles(&files).iter().map(|circle| circle.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_layering_circle_is_found_in_every_spelling() {
    let with = |a: &str| circles_in(&[("x", "mod a; mod b;"), ("x/a", a), ("x/b", "use super::a::{A, f};")]);
    assert_eq!(with(""), [""; 0]);
    assert_eq!(with("use super::b::B;"), ["x/a x/b"]);
    assert_eq!(with("use crate::x::{self, b};"), ["x/a x/b"]);
    assert_eq!(with("fn f() { super::b::g(); }"), ["x/a x/b"]);
    assert_eq!(with("mod tests { use super::super::b::B; }"), [""; 0]);
}

#[test]
fn a_reexport_is_neither_a_use_nor_a_declaration() {
    let reexport = [("x", "mod a; mod b; pub use a::A; use b::B;"), ("x/a", ""), ("x/b", "use super::A;")];
    assert_eq!(circles_in(&reexport), [""; 0]);
    let declaration = [("x", "mod b; struct A; fn f() { b::g(); }"), ("x/b", "use super::A;")];
    assert_eq!(circles_in(&declaration), ["x x/b"]);
    let named = [("x", "mod b; pub use b::B; fn f() -> B { B }"), ("x/b", "use super::f;")];
    assert_eq!(circles_in(&named), ["x x/b"]);
}
