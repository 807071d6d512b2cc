//! Divides the work on a large module: among the processors, and between units to generate and units to reuse.
//!
//! A [`Unit`] is a Rust module of the module. Its code can depend on its files and on their imports. Every file in a
//! request costs time and memory, comments most of all. So the request of a chunk has the files of its units and their
//! imports, with the comments (and for a generator of stubs, the services) of its own files only. The outputs together
//! equal the output of one call; a test compares them.
//!
//! A file may import all others, through a chain. So the files are determined per chunk and not per unit, and if chunks
//! overlap too much, there are fewer of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Request;
use crate::model::{DescriptorSet, rust_modules};

/// How often each byte is shown at most, on the average.
const SHOWN: usize = 4;

/// Files of the module that are generated in one call, by path.
pub(in crate::generate) type Chunk<'a> = HashSet<&'a str>;

/// A Rust module of the module that is generated. Files are known by their index in the descriptor set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::generate) struct Unit {
    /// The path of the Rust module.
    pub modules: Vec<String>,
    /// The files of its packages, even of other modules, in the order of the set.
    pub files: Vec<usize>,
}

/// The imports of each file.
#[derive(Debug)]
pub(in crate::generate) struct Imports(Vec<Vec<usize>>);

/// All files of the module, for generators that make everything at once.
pub(in crate::generate) fn whole<'a>(request: &Request<'a>) -> Chunk<'a> {
    request.descriptors.of_module(request.module).map(|file| file.proto.name()).collect()
}

/// The units of the module, by their names.
pub(in crate::generate) fn units(request: &Request<'_>) -> Vec<Unit> {
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
    by_modules.into_iter().map(|(modules, files)| Unit { modules, files }).collect()
}

impl Imports {
    pub(in crate::generate) fn of(descriptors: &DescriptorSet) -> Self {
        let files = &descriptors.files;
        let indices: HashMap<&str, usize> =
            files.iter().enumerate().map(|(index, file)| (file.proto.name(), index)).collect();
        let of = |path: &String| indices.get(path.as_str()).copied();
        Self(files.iter().map(|file| file.proto.dependency.iter().filter_map(of).collect()).collect())
    }

    /// The imports of one file.
    pub(in crate::generate) fn of_file(&self, file: usize) -> &[usize] {
        self.0.get(file).map_or(&[], Vec::as_slice)
    }

    /// The files of `units` and all that they import, in the order of the set.
    pub(in crate::generate) fn shown_to(&self, units: &[Unit]) -> Vec<usize> {
        let mut open: Vec<usize> = units.iter().flat_map(|unit| &unit.files).copied().collect();
        let mut seen = vec![false; self.0.len()];
        let mut reached = Vec::new();
        while let Some(file) = open.pop() {
            if !std::mem::replace(&mut seen[file], true) {
                reached.push(file);
                open.extend(&self.0[file]);
            }
        }
        reached.sort_unstable();
        reached
    }
}

/// Groups of units that are worth a call each, because they have `enough` encoded bytes of their own. They depend on
/// the sources alone, not on the machine.
pub(in crate::generate) fn groups<'u>(
    descriptors: &DescriptorSet,
    imports: &Imports,
    units: &'u [Unit],
    mut enough: usize,
) -> Vec<&'u [Unit]> {
    let bytes: Vec<usize> = descriptors.files.iter().map(|file| file.encoded.len()).collect();
    let most = bytes.iter().sum::<usize>().saturating_mul(SHOWN);
    loop {
        let groups = groups_of(enough, &bytes, units);
        if groups.len() <= SHOWN || shown_bytes(&groups, &bytes, imports, most) <= most {
            return groups;
        }
        enough = enough.saturating_mul(2);
    }
}

/// How many bytes are shown to `groups` together; counted no further than beyond `most`.
fn shown_bytes(groups: &[&[Unit]], bytes: &[usize], imports: &Imports, most: usize) -> usize {
    let mut shown = 0;
    for group in groups {
        if shown > most {
            break;
        }
        shown += imports.shown_to(group).into_iter().map(|file| bytes[file]).sum::<usize>();
    }
    shown
}

/// Groups that have `enough` bytes of their own, but for the last one.
fn groups_of<'u>(enough: usize, bytes: &[usize], units: &'u [Unit]) -> Vec<&'u [Unit]> {
    let mut groups = Vec::new();
    let (mut start, mut filled) = (0, 0);
    for (index, unit) in units.iter().enumerate() {
        filled += unit.files.iter().map(|file| bytes[*file]).sum::<usize>();
        if filled >= enough {
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

    const ENOUGH: usize = 1 << 20;

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
        let imports = Imports::of(&descriptors);
        assert_eq!(names(&mut imports.shown_to(&units[..1]).iter()), ["lib.proto", "a.proto"]);
        assert_eq!(names(&mut units[1].files.iter()), ["b.proto", "c.proto"]);
        assert_eq!(names(&mut imports.shown_to(&units[1..]).iter()), ["a.proto", "b.proto", "c.proto"]);
    }

    #[test]
    fn every_unit_is_in_one_group() {
        let comment = format!("// {}\n", "x".repeat(ENOUGH / 2 + 1));
        let files: Vec<_> =
            (0..5).map(|i| (format!("{i}.proto"), format!("package p{i};\n{comment}message M{i} {{}}"))).collect();
        let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", path.as_str(), source.as_str())).collect();
        let (descriptors, module) = (set(&files), module("acme/app"));
        let units = units(&Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] });
        let imports = Imports::of(&descriptors);
        let sizes: Vec<_> = groups(&descriptors, &imports, &units, ENOUGH).iter().map(|group| group.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert!(groups(&descriptors, &imports, &[], ENOUGH).is_empty());
    }

    #[test]
    fn units_that_need_all_before_them_are_not_shown_over_and_over() {
        let comment = format!("// {}\n", "x".repeat(ENOUGH + 1));
        let import = |i: usize| i.checked_sub(1).map(|i| format!("import \"{i}.proto\";")).unwrap_or_default();
        let source = |i| format!("package p{i:02}; {}\n{comment}message M{i} {{}}", import(i));
        let files: Vec<_> = (0..20).map(|i| (format!("{i}.proto"), source(i))).collect();
        let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", path.as_str(), source.as_str())).collect();
        let (descriptors, module) = (set(&files), module("acme/app"));
        let units = units(&Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] });
        let imports = Imports::of(&descriptors);
        let groups = groups(&descriptors, &imports, &units, ENOUGH);
        let shown: usize = groups.iter().map(|group| imports.shown_to(group).len()).sum();
        assert!(groups.len() > 1 && shown <= SHOWN * 20, "{} groups are shown {shown} files", groups.len());
    }
}
