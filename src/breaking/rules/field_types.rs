//! The types of fields.

use std::collections::BTreeMap;

use super::Check;
use super::fields::Pair;
use crate::breaking::rule::Rule;
use crate::breaking::schema::Type;
use crate::breaking::schema::descriptor::Enum;
use crate::breaking::schema::field_kind::{kind, same_on_the_wire, same_on_the_wire_and_in_json};
use crate::model::type_word;

impl Check<'_> {
    pub(super) fn types(&mut self, pair: &Pair<'_, '_>) {
        let (old, new) = (kind(self.old, pair.old), kind(self.new, pair.new));
        let (before, after) = (&pair.old.at.declared.type_name, &pair.new.at.declared.type_name);
        let renamed = before != after && matches!(new, Type::Message | Type::Group | Type::Enum);
        let same = old == new && !renamed;
        let read = |compatible: fn(Type, Type) -> bool| {
            compatible(old, new) && (!renamed || (new == Type::Enum && self.is_same_enum(before, after)))
        };
        let rules = [
            (Rule::FieldSameType, same),
            (Rule::FieldWireJsonCompatibleType, same || read(same_on_the_wire_and_in_json)),
            (Rule::FieldWireCompatibleType, same || read(same_on_the_wire)),
        ];
        let shown = |kind: Type, name: &str| match name.trim_start_matches('.') {
            "" => type_word(kind).to_owned(),
            name => name.to_owned(),
        };
        for (rule, _) in rules.into_iter().filter(|(_, fine)| !fine) {
            let (before, after) = (shown(old, before), shown(new, after));
            self.add(rule, pair.place, || format!("type of {} changed from {before} to {after}", pair.name));
        }
    }

    /// Whether an enum that moved is still the same: its last name is, and it has all values that it had.
    fn is_same_enum(&self, old: &str, new: &str) -> bool {
        let (Some(old), Some(new)) = (self.old.enum_of(old), self.new.enum_of(new)) else { return false };
        let (old, new) = (old.at.declared, new.at.declared);
        let values = |declared: &Enum| -> BTreeMap<String, i32> {
            declared.values.iter().map(|value| (value.name.clone(), value.number)).collect()
        };
        let after = values(new);
        old.name == new.name && values(old).iter().all(|(name, number)| after.get(name) == Some(number))
    }
}
