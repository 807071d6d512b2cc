//! What is known of a commit's files without compiling them: packages, imports, and how much each declares.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::FileDescriptorProto;

use super::descriptor::DescriptorSet;
use crate::model::{ModuleName, NumberedNames};

/// The numbers of services, messages, enums and extensions that stand in no message.
pub type DeclarationCounts = [usize; 4];

/// The `.proto` files of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The files, in the order of their compilation.
    pub files: Vec<OutlinedFile>,
    /// What is called otherwise in Rust than its name alone says; nothing if that is not known.
    pub numbered: Option<NumberedNames>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedFile {
    /// Its path.
    pub path: String,
    /// Its package; empty for none.
    pub package: String,
    /// What it declares.
    pub counts: DeclarationCounts,
    /// The paths that it imports, for its types or for its options.
    pub imports: Vec<String>,
}

impl Outline {
    /// The files of `module`.
    #[must_use]
    pub fn of(descriptors: &DescriptorSet, module: &ModuleName) -> Self {
        Self {
            files: descriptors.of_module(module).map(|file| OutlinedFile::of(&file.proto, file.imports())).collect(),
            numbered: None,
        }
    }

    /// The packages with what they declare.
    #[must_use]
    pub fn packages(&self) -> BTreeMap<&str, DeclarationCounts> {
        let mut packages: BTreeMap<&str, DeclarationCounts> = BTreeMap::new();
        for file in &self.files {
            let counts = packages.entry(&file.package).or_default();
            counts.iter_mut().zip(file.counts).for_each(|(sum, count)| *sum += count);
        }
        packages
    }

    /// `paths`, and all files of this module that they import, directly or not, and the imports that are elsewhere.
    #[must_use]
    pub fn reached(&self, paths: BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        let by_path: BTreeMap<&str, &OutlinedFile> = self.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<String> = paths.into_iter().collect();
        while let Some(path) = open.pop() {
            match by_path.get(path.as_str()) {
                Some(file) => {
                    if inside.insert(path) {
                        open.extend(file.imports.iter().cloned());
                    }
                }
                None => _ = outside.insert(path),
            }
        }
        (inside, outside)
    }

    /// As text, a line for each file, and a line that begins with a tab for each of the names. No path and no package has
    /// a tab or a line break.
    #[must_use]
    pub fn encode(&self) -> String {
        let line = |file: &OutlinedFile| {
            let [services, messages, enums, extensions] = file.counts;
            let start = format!("{}\t{}\t{services}\t{messages}\t{enums}\t{extensions}", file.path, file.package);
            std::iter::once(start).chain(file.imports.iter().cloned()).collect::<Vec<_>>().join("\t") + "\n"
        };
        let numbered = self.numbered.as_ref().map(NumberedNames::encode).unwrap_or_default();
        self.files.iter().map(line).chain(numbered.lines().map(|line| format!("\t{line}\n"))).collect()
    }

    /// The outline that was encoded so; none if it was not.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let file = |line: &str| {
            let mut parts = line.split('\t');
            let (path, package) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            let mut counts = DeclarationCounts::default();
            for count in &mut counts {
                *count = parts.next()?.parse().ok()?;
            }
            Some(OutlinedFile { path, package, counts, imports: parts.map(ToOwned::to_owned).collect() })
        };
        let (numbered, files): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('\t'));
        let numbered: String = numbered.into_iter().map(|line| [&line[1..], "\n"].concat()).collect();
        let files = files.into_iter().map(file).collect::<Option<_>>()?;
        Some(Self { files, numbered: NumberedNames::decode(&numbered) })
    }
}

impl OutlinedFile {
    /// The file with this descriptor, which need not be linked, and all its imports.
    #[must_use]
    pub fn of(proto: &FileDescriptorProto, imports: Vec<String>) -> Self {
        let counts = [proto.service.len(), proto.message_type.len(), proto.enum_type.len(), proto.extension.len()];
        Self { path: proto.name().to_owned(), package: proto.package().to_owned(), counts, imports }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, package: &str, imports: &[&str]) -> OutlinedFile {
        let imports = imports.iter().map(ToString::to_string).collect();
        OutlinedFile { path: path.into(), package: package.into(), counts: [0, 2, 1, 0], imports }
    }

    #[test]
    fn what_is_encoded_comes_back_and_other_text_does_not() {
        let files = vec![file("a.proto", "acme", &["b.proto", "c.proto"]), file("b.proto", "", &[])];
        let outline = Outline { files, numbered: None };
        assert_eq!(Outline::decode(&outline.encode()), Some(outline.clone()));
        let named = Outline { numbered: Some(NumberedNames::default()), ..outline.clone() };
        assert_eq!(Outline::decode(&named.encode()), Some(named));
        assert_eq!(Outline::decode("a.proto\tacme\t1\t2\tmany\t0\n"), None);
        assert_eq!(outline.packages().into_iter().collect::<Vec<_>>(), [("", [0, 2, 1, 0]), ("acme", [0, 2, 1, 0])]);
    }

    #[test]
    fn what_is_reached_is_told_from_what_is_elsewhere() {
        let files = vec![file("a.proto", "", &["b.proto", "far.proto"]), file("b.proto", "", &["a.proto"])];
        let reached = Outline { files: [files, vec![file("c.proto", "", &[])]].concat(), numbered: None };
        let set = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(reached.reached(set(&["a.proto"])), (set(&["a.proto", "b.proto"]), set(&["far.proto"])));
    }
}
