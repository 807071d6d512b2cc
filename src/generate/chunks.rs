//! Divides the work on a large module: among the processors, and between what is to be made and what is there already.
//!
//! A [`Unit`] is a Rust module with all that its code can depend on: its files, and what they import. A plugin
//! pays for every file that it is shown, and most for the comments. So a chunk of units is shown the files that its
//! units need, with the comments (and for a generator of stubs, the services) of its own files only. The answers
//! together are those of one call, which a test compares.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::Request;
use crate::model::{DescriptorSet, rust_modules};

/// Encoded bytes of a chunk's own files that are enough: below it, showing the shared files once more costs more than
/// it saves; much above it, all chunks at work together take too much memory.
const ENOUGH: usize = 1 << 20;

/// Files of the module that are generated in one call, by path.
pub(super) type Chunk<'a> = HashSet<&'a str>;

/// A Rust module of the module that is generated. Files are known by their index in the descriptor set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// The names of the Rust module and those around it.
    pub modules: Vec<String>,
    /// The files of its packages, those of other modules too, in the order of the set.
    pub files: Vec<usize>,
    /// Those and all that they import, in the order of the set.
    pub shown: Vec<usize>,
}

/// All files of the module.
pub(super) fn whole<'a>(request: &Request<'a>) -> Chunk<'a> {
    request.descriptors.of_module(request.module).map(|file| file.proto.name()).collect()
}

/// The units of the module, by their names.
pub(super) fn units(request: &Request<'_>) -> Vec<Unit> {
    let files = &request.descriptors.files;
    let mut by_package: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        by_package.entry(file.proto.package()).or_default().push(index);
    }
    let mut by_modules: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (package, files) in by_package {
        by_modules.entry(rust_modules(package)).or_default().extend(files);
    }
    by_modules.values_mut().for_each(|files| files.sort_unstable());
    by_modules.retain(|_, indices| indices.iter().any(|index| files[*index].is_of(request.module)));
    let imports = imports(request.descriptors);
    let unit = |(modules, files): (Vec<String>, Vec<usize>)| {
        let shown = reached(&files, &imports);
        Unit { modules, files, shown }
    };
    by_modules.into_par_iter().map(unit).collect()
}

fn imports(descriptors: &DescriptorSet) -> Vec<Vec<usize>> {
    let files = &descriptors.files;
    let indices: HashMap<&str, usize> =
        files.iter().enumerate().map(|(index, file)| (file.proto.name(), index)).collect();
    let of = |path: &String| indices.get(path.as_str()).copied();
    files.iter().map(|file| file.proto.dependency.iter().filter_map(of).collect()).collect()
}

fn reached(files: &[usize], imports: &[Vec<usize>]) -> Vec<usize> {
    let mut open = files.to_vec();
    let mut seen = vec![false; imports.len()];
    let mut reached = Vec::new();
    while let Some(file) = open.pop() {
        if !std::mem::replace(&mut seen[file], true) {
            reached.push(file);
            open.extend(&imports[file]);
        }
    }
    reached.sort_unstable();
    reached
}

/// Groups of units that are worth a call each. They depend on the units alone, not on the machine.
pub(super) fn groups<'u>(descriptors: &DescriptorSet, units: &'u [Unit]) -> Vec<&'u [Unit]> {
    let mut groups = Vec::new();
    let (mut start, mut filled) = (0, 0);
    for (index, unit) in units.iter().enumerate() {
        filled += unit.files.iter().map(|file| descriptors.files[*file].encoded.len()).sum::<usize>();
        if filled >= ENOUGH {
            groups.push(&units[start..=index]);
            (start, filled) = (index + 1, 0);
        }
    }
    if start < units.len() {
        groups.push(&units[start..]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn a_unit_is_shown_what_its_files_import_and_no_more() {
        let descriptors = set(&[
            ("acme/lib", "lib.proto", "package p0; message L {}"),
            ("acme/app", "a.proto", "package p0; message A {}"),
            ("acme/app", "b.proto", "package p1; import \"a.proto\"; message B { p0.A a = 1; }"),
            ("acme/app", "c.proto", "package P1; message C {}"),
        ]);
        let module = module("acme/app");
        let units = units(&Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] });
        let names = |files: &mut dyn Iterator<Item = &usize>| -> Vec<&str> {
            files.map(|file| descriptors.files[*file].proto.name()).collect()
        };
        assert_eq!(names(&mut units[0].shown.iter()), ["lib.proto", "a.proto"]);
        assert_eq!(names(&mut units[1].files.iter()), ["b.proto", "c.proto"]);
        assert_eq!(names(&mut units[1].shown.iter()), ["a.proto", "b.proto", "c.proto"]);
    }

    #[test]
    fn every_unit_is_in_one_group() {
        let comment = format!("// {}\n", "x".repeat(ENOUGH / 2 + 1));
        let files: Vec<_> =
            (0..5).map(|i| (format!("{i}.proto"), format!("package p{i};\n{comment}message M{i} {{}}"))).collect();
        let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", path.as_str(), source.as_str())).collect();
        let (descriptors, module) = (set(&files), module("acme/app"));
        let units = units(&Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] });
        let sizes: Vec<_> = groups(&descriptors, &units).iter().map(|group| group.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert!(groups(&descriptors, &[]).is_empty());
    }
}
