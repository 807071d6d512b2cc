//! Declarations that names in a source can refer to, and the lines at which they stand.

use std::collections::{HashMap, HashSet};

use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto};

use crate::model::{DescriptorFile, DescriptorSet};

/// Field numbers of `descriptor.proto`, for the paths of places.
const FILE: [i32; 3] = [4, 5, 7];
const MESSAGE: [i32; 3] = [3, 4, 6];

/// The declarations that a file sees: its own, and those of its imports.
pub(super) struct Declarations<'a> {
    places: HashMap<String, (&'a DescriptorFile, Vec<i32>)>,
    lines: HashMap<&'a str, HashMap<Vec<i32>, i32>>,
}

impl<'a> Declarations<'a> {
    pub(super) fn seen_by(file: &'a DescriptorFile, set: &'a DescriptorSet) -> Self {
        let mut found = Self { places: HashMap::new(), lines: HashMap::new() };
        for file in seen(file, set) {
            let package = file.proto.package();
            let inside = if package.is_empty() { String::new() } else { format!("{package}.") };
            let proto = &file.proto;
            found.add(file, &inside, &[], FILE, (&proto.message_type, &proto.enum_type, &proto.extension));
        }
        found
    }

    /// Recursive, because the compiler limits the nesting of messages.
    fn add(
        &mut self,
        file: &'a DescriptorFile,
        inside: &str,
        path: &[i32],
        kinds: [i32; 3],
        (messages, enums, extensions): (&'a [DescriptorProto], &'a [EnumDescriptorProto], &'a [FieldDescriptorProto]),
    ) {
        let below = |kind: i32, at: usize| [path, &[kind, i32::try_from(at).unwrap_or(i32::MAX)]].concat();
        let [message_kind, enum_kind, extension_kind] = kinds;
        for (at, message) in messages.iter().enumerate() {
            let path = below(message_kind, at);
            let name = format!("{inside}{}", message.name());
            let inner = (&message.nested_type[..], &message.enum_type[..], &message.extension[..]);
            self.add(file, &format!("{name}."), &path, MESSAGE, inner);
            self.places.insert(name, (file, path));
        }
        for (at, declared) in enums.iter().enumerate() {
            self.places.insert(format!("{inside}{}", declared.name()), (file, below(enum_kind, at)));
        }
        for (at, extension) in extensions.iter().enumerate() {
            self.places.insert(format!("{inside}{}", extension.name()), (file, below(extension_kind, at)));
        }
    }

    /// The file and line of what `name` refers to in `scope`, and its full name: names are looked up from the inside out.
    pub(super) fn find(&mut self, scope: &str, name: &str) -> Option<(&'a DescriptorFile, i32, String)> {
        let full = match name.strip_prefix('.') {
            Some(full) => full.to_owned(),
            None => {
                let mut scope = Some(scope);
                loop {
                    let around = scope?;
                    let full = if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") };
                    if self.places.contains_key(&full) {
                        break full;
                    }
                    let outer = around.rsplit_once('.').map_or("", |(outer, _)| outer);
                    scope = (!around.is_empty()).then_some(outer);
                }
            }
        };
        let (file, path) = self.places.get(&full)?;
        let lines = self.lines.entry(file.proto.name()).or_insert_with(|| lines(file));
        Some((file, lines.get(path).copied().unwrap_or(1), full))
    }
}

/// Lines of everything in a file, by path. Decoding them takes a while, so it is done for files that are referred to.
pub(super) fn lines(file: &DescriptorFile) -> HashMap<Vec<i32>, i32> {
    let line = |span: &[i32]| span.first().copied().unwrap_or(0) + 1;
    file.source_info().location.into_iter().map(|place| (place.path, line(&place.span))).collect()
}

/// The file, its imports, and what these import publicly.
fn seen<'a>(file: &'a DescriptorFile, set: &'a DescriptorSet) -> Vec<&'a DescriptorFile> {
    let by_path: HashMap<&str, &DescriptorFile> = set.files.iter().map(|file| (file.proto.name(), file)).collect();
    let mut seen = vec![file];
    let mut open: Vec<&str> = file.proto.dependency.iter().map(String::as_str).collect();
    let mut known = HashSet::from([file.proto.name()]);
    while let Some(path) = open.pop() {
        let Some(import) = by_path.get(path).filter(|_| known.insert(path)) else { continue };
        seen.push(import);
        let public = import.proto.public_dependency.iter().filter_map(|at| usize::try_from(*at).ok());
        open.extend(public.filter_map(|at| import.proto.dependency.get(at)).map(String::as_str));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::set;

    #[test]
    fn names_are_found_as_the_compiler_finds_them() {
        // The lines are those after the one that names the syntax.
        let set = set(&[
            ("acme/dep", "far.proto", "package p;\nmessage Far {}"),
            (
                "acme/dep",
                "dep.proto",
                "package p; import public \"far.proto\"; \n\nmessage Dep { enum Kind { Z = 0; } }",
            ),
            ("acme/dep", "private.proto", "package p.v1; message Far {}"),
            ("acme/app", "a.proto", "package p.v1; import \"dep.proto\";\nmessage Dep {}"),
        ]);
        let file = set.file("a.proto").unwrap();
        let mut declarations = Declarations::seen_by(file, &set);
        let mut found = |scope: &str, name: &str| {
            declarations.find(scope, name).map(|(file, line, full)| format!("{} {line} {full}", file.proto.name()))
        };
        assert_eq!(found("p.v1.Dep", "Dep").unwrap(), "a.proto 3 p.v1.Dep");
        assert_eq!(found("p.v1.Dep", ".p.Dep").unwrap(), "dep.proto 4 p.Dep");
        assert_eq!(found("p.v1", "Dep.Kind").unwrap(), "dep.proto 4 p.Dep.Kind");
        assert_eq!(found("p.v1", "Far").unwrap(), "far.proto 3 p.Far", "what is not imported is not seen");
        assert_eq!(found("p.v1", "Other"), None);
    }
}
