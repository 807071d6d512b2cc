//! Which declarations came and went with a release: what the history of a module's default label is kept of.

use std::collections::{BTreeSet, HashMap};

use prost_types::FileDescriptorProto;

use crate::breaking::Version;
use crate::model::{CommitId, DeclarationId, DeclaredKind, DescriptorFile, DescriptorSet, ModuleName, declared_types};
use crate::publish::{DescriptorsError, Publisher};
use crate::store::{DeclarationFact, HistoryChange, HistoryStep, StoreError};

type Facts = BTreeSet<(DeclarationId, DeclarationFact)>;

impl Publisher {
    /// The step of a module's history from `before` to `new`; the first, if there is nothing before.
    pub(super) fn history_step(
        &self,
        module: &ModuleName,
        before: Option<CommitId>,
        new: &DescriptorSet,
    ) -> Result<HistoryStep, StoreError> {
        let Some(before) = before else { return Ok(HistoryStep::First) };
        match self.descriptors(before, None) {
            Ok(old) => {
                let version = |descriptors| Version { descriptors, module };
                Ok(HistoryStep::After(before, history_change(version(&old), version(new))))
            }
            Err(DescriptorsError::Store(error)) => Err(error),
            Err(_) => Ok(HistoryStep::Unknown),
        }
    }
}

/// What changes from `old` to `new`. Takes time in proportion to the files that differ.
fn history_change(old: Version<'_>, new: Version<'_>) -> HistoryChange {
    let (before, after) = (facts(differing(old, new)), facts(differing(new, old)));
    HistoryChange {
        begins: after.difference(&before).copied().collect(),
        ends: before.difference(&after).copied().collect(),
    }
}

/// The files of one version that the other one does not have with the same bytes.
fn differing<'a>(one: Version<'a>, other: Version<'a>) -> impl Iterator<Item = &'a DescriptorFile> {
    let files = other.descriptors.of_module(other.module);
    let known: HashMap<&str, &DescriptorFile> = files.map(|file| (file.proto.name(), file)).collect();
    let differs =
        move |file: &&'a DescriptorFile| known.get(file.proto.name()).is_none_or(|known| known.encoded != file.encoded);
    one.descriptors.of_module(one.module).filter(differs)
}

/// What is declared in these files, and what of it is deprecated.
fn facts<'a>(files: impl Iterator<Item = &'a DescriptorFile>) -> Facts {
    let mut found = Facts::new();
    files.for_each(|file| add_file(&file.proto, &mut found));
    found
}

fn add_file(file: &FileDescriptorProto, found: &mut Facts) {
    let mut add = |id: DeclarationId, deprecated: Option<bool>| {
        found.insert((id, DeclarationFact::Declared));
        if deprecated == Some(true) {
            found.insert((id, DeclarationFact::Deprecated));
        }
        id
    };
    let package = file.package();
    for declared in declared_types(file) {
        let id = DeclarationId::named(&declared.full_name(package)[1..]);
        match declared.kind {
            DeclaredKind::Message(message) => {
                add(id, message.options.as_ref().map(|options| options.deprecated()));
                for field in &message.field {
                    add(id.part(field.name()), field.options.as_ref().map(|options| options.deprecated()));
                }
            }
            DeclaredKind::Enum(declared) => {
                add(id, declared.options.as_ref().map(|options| options.deprecated()));
                for value in &declared.value {
                    add(id.part(value.name()), value.options.as_ref().map(|options| options.deprecated()));
                }
            }
        }
    }
    let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
    for service in &file.service {
        let id = DeclarationId::named(&format!("{prefix}{}", service.name()));
        add(id, service.options.as_ref().map(|options| options.deprecated()));
        for method in &service.method {
            add(id.part(method.name()), method.options.as_ref().map(|options| options.deprecated()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn what_comes_and_goes_is_told_by_name_and_moves_between_files_are_none() {
        let dog = "message Dog { string name = 1; int32 age = 2; }";
        let old = set(&[
            ("acme/pets", "a.proto", &*format!("package p; {dog} enum Kind {{ A = 0; B = 1; }}")),
            ("acme/pets", "same.proto", "package p; service S { rpc R(T) returns (T); } message T {}"),
            ("acme/other", "b.proto", "message Other {}"),
        ]);
        let new = set(&[
            ("acme/pets", "moved.proto", &*format!("package p; {}", dog.replace("age = 2", "years = 2"))),
            ("acme/pets", "a.proto", "package p; enum Kind { option deprecated = true; A = 0; }"),
            ("acme/pets", "same.proto", "package p; service S { rpc R(T) returns (T); } message T {}"),
        ]);
        let pets = module("acme/pets");
        let version = |descriptors| Version { descriptors, module: &pets };
        let change = history_change(version(&old), version(&new));
        let (dog, kind) = (DeclarationId::named("p.Dog"), DeclarationId::named("p.Kind"));
        let sorted = |mut facts: Vec<(DeclarationId, DeclarationFact)>| {
            facts.sort();
            facts
        };
        let declared = |id| (id, DeclarationFact::Declared);
        let begins = vec![declared(dog.part("years")), (kind, DeclarationFact::Deprecated)];
        assert_eq!(sorted(change.begins), sorted(begins));
        assert_eq!(sorted(change.ends), sorted(vec![declared(dog.part("age")), declared(kind.part("B"))]));
    }
}
