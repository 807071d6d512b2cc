//! How many declarations came, went and changed.

use std::collections::HashSet;

use super::{Action, Change};
use crate::model::ChangeCounts;

/// The changes of `changes` by kind. A declaration that changed in two ways counts once.
#[must_use]
pub fn change_counts(changes: &[Change]) -> ChangeCounts {
    let (mut counts, mut changed) = (ChangeCounts::new(), HashSet::new());
    for change in changes {
        let count = counts.entry(change.kind).or_default();
        match change.action {
            Action::Added => count.added += 1,
            Action::Removed => count.removed += 1,
            Action::Changed => count.changed += u64::from(changed.insert((change.kind, &change.name))),
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaking::{Version, changes};
    use crate::model::testing::{module, set};
    use crate::model::{ChangeCount, DeclarationKind};

    #[test]
    fn a_declaration_counts_once_however_much_of_it_changed() {
        let of = |source: &str| set(&[("acme/pets", "a.proto", source)]);
        let old = of("message Dog { string a = 1; string b = 2; string c = 3; } message Cat { string a = 1; }
            enum E { A = 0; B = 1; } service S { rpc R(Dog) returns (Dog); rpc Gone(Dog) returns (Dog); }");
        let new = of("message Dog { repeated int32 z = 1; string b = 2; string d = 4; } message Cow { string a = 1; }
            enum E { A = 0; C = 1; D = 2; } service S { rpc R(Cow) returns (stream Dog); } service T {}");
        let pets = module("acme/pets");
        let version = |descriptors| Version { descriptors, module: &pets };
        let counts = change_counts(&changes(version(&old), version(&new)));
        let of = |kind| {
            let ChangeCount { added, removed, changed } = counts.get(&kind).copied().unwrap_or_default();
            (added, removed, changed)
        };
        let found = DeclarationKind::ALL.map(of);
        // Messages, fields, enums, values, services, methods. The fields of new and of lost messages do not count.
        assert_eq!(found, [(1, 1, 0), (1, 1, 1), (0, 0, 0), (1, 0, 1), (1, 0, 0), (0, 1, 1)]);
        assert_eq!(change_counts(&changes(version(&old), version(&old))), ChangeCounts::new());
    }
}
