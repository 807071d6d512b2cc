//! The names that crates of other modules have to be told.

use super::namesakes::{Namesake, namesakes};
use crate::model::{DescriptorSet, Family, ModuleName, NumberedName, NumberedNames};

/// What code of another module can refer to by its name.
const REFERRED: [&str; 3] = ["message", "enum", "value"];

/// The declarations of `module` that are called otherwise in its crates than their names alone say, and that code of
/// another module can refer to. `descriptors` are those of all its files.
#[must_use]
pub fn numbered_names(descriptors: &DescriptorSet, module: &ModuleName) -> NumberedNames {
    let of = |family| {
        // What has no name in Rust is in no crate, so nothing can refer to it.
        let all = namesakes(family, descriptors, module).unwrap_or_default();
        all.into_iter().filter(Namesake::is_referred).map(NumberedName::from).collect()
    };
    NumberedNames { prost: of(Family::Prost), buffa: of(Family::Buffa) }
}

impl Namesake {
    /// Whether code of another module can refer to it by its name.
    pub(in crate::generate) fn is_referred(&self) -> bool {
        REFERRED.contains(&self.kind)
    }

    /// The declaration that was found when its own module was compiled.
    pub(in crate::generate) fn told(name: &NumberedName) -> Option<Self> {
        let NumberedName { kind, full, file, type_suffix, module_suffix } = name.clone();
        let kind = REFERRED.into_iter().find(|known| *known == kind)?;
        Some(Self { kind, full, file, type_suffix, module_suffix })
    }
}

impl From<Namesake> for NumberedName {
    fn from(Namesake { kind, full, file, type_suffix, module_suffix }: Namesake) -> Self {
        Self { kind: kind.to_owned(), full, file, type_suffix, module_suffix }
    }
}
