//! Messages, enums, services and extensions that a file, or a package, has no more.

use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::index::Kind;

fn from_file(kind: Kind) -> Rule {
    match kind {
        Kind::Message => Rule::MessageNoDelete,
        Kind::Enum => Rule::EnumNoDelete,
        Kind::Service => Rule::ServiceNoDelete,
        Kind::Extension => Rule::ExtensionNoDelete,
    }
}

fn from_package(kind: Kind) -> Rule {
    match kind {
        Kind::Message => Rule::PackageMessageNoDelete,
        Kind::Enum => Rule::PackageEnumNoDelete,
        Kind::Service => Rule::PackageServiceNoDelete,
        Kind::Extension => Rule::PackageExtensionNoDelete,
    }
}

impl Check<'_> {
    pub(super) fn deletions(&mut self) {
        for named in &self.old.named {
            let (path, package) = (named.file.file.name.as_str(), named.file.file.package.as_str());
            let (kind, word, name) = (named.kind, named.kind.word(), &named.name);
            let file = self.new.files.get(path).copied();
            let place = Place { old: Some(named.file), new: file };
            if file.is_some() && !self.new.by_file.contains(&(kind, path, name.clone())) {
                self.add(from_file(kind), place, || format!("{word} {name} was deleted from the file"));
            }
            // As in `buf`, a package without any declaration of the kind is not looked at.
            let has_kind = self.new.kinds.contains(&(kind, package));
            if has_kind && !self.new.by_package.contains(&(kind, package, name.clone())) {
                let message = || format!("{word} {name} was deleted from package {package:?}");
                self.add(from_package(kind), place, message);
            }
        }
    }
}
