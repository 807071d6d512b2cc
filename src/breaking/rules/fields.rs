//! Fields and extensions that both versions have: their names, cardinality, oneof and default.

use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::cardinality::Cardinality;
use crate::breaking::schema::default_value::DefaultValue;
use crate::breaking::schema::element::FieldElement;

/// A field in both versions.
pub(super) struct Pair<'a, 'b> {
    pub old: &'b FieldElement<'a>,
    pub new: &'b FieldElement<'a>,
    pub place: Place<'a>,
    /// The name of the new version, with that of its message.
    pub name: String,
}

impl<'a, 'b> Pair<'a, 'b> {
    fn new(scope: &str, old: &'b FieldElement<'a>, new: &'b FieldElement<'a>) -> Self {
        let place = Place::both(old.at.file, new.at.file);
        Self { old, new, place, name: format!("{scope}.{}", new.at.declared.name) }
    }
}

impl Check<'_> {
    pub(super) fn fields(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, before) in &old.messages {
            let Some(after) = new.messages.get(name) else { continue };
            for (number, field) in &before.fields {
                if let Some(kept) = after.fields.get(number) {
                    self.field(&Pair::new(name, field, kept));
                }
            }
        }
        for (key, field) in &old.extensions {
            if let Some(kept) = new.extensions.get(key) {
                self.field(&Pair::new(key.0.trim_start_matches('.'), field, kept));
            }
        }
    }

    fn field(&mut self, pair: &Pair<'_, '_>) {
        self.names(pair);
        self.cardinality(pair);
        self.default_value(pair);
        self.oneof(pair);
        self.types(pair);
        self.field_options(pair);
    }

    fn names(&mut self, pair: &Pair<'_, '_>) {
        let (old, new) = (pair.old.at.declared, pair.new.at.declared);
        // An extension is known by its full name, and its JSON name follows from that.
        let (before, after) = match pair.old.is_extension() {
            true => (pair.old.full_name.as_str(), pair.new.full_name.as_str()),
            false => (old.name.as_str(), new.name.as_str()),
        };
        if before != after {
            let message = || format!("{} = {} was renamed from {before} to {after}", pair.name, new.number);
            self.add(Rule::FieldSameName, pair.place, message);
        }
        if !pair.old.is_extension() && old.json_name != new.json_name {
            let message =
                || format!("JSON name of {} changed from {:?} to {:?}", pair.name, old.json_name, new.json_name);
            self.add(Rule::FieldSameJsonName, pair.place, message);
        }
    }

    fn cardinality(&mut self, pair: &Pair<'_, '_>) {
        // The entries of maps are the same in every file, whatever it says about presence.
        if pair.old.is_in_map_entry() && pair.new.is_in_map_entry() {
            return;
        }
        let (old, new) = (Cardinality::of(self.old, pair.old), Cardinality::of(self.new, pair.new));
        let rules = [
            (Rule::FieldSameCardinality, old == new),
            (Rule::FieldWireJsonCompatibleCardinality, old.wire_json_group() == new.wire_json_group()),
            (Rule::FieldWireCompatibleCardinality, old.wire_group() == new.wire_group()),
        ];
        for (rule, _) in rules.into_iter().filter(|(_, same)| !same) {
            let message = || format!("{} was {}, and is {} now", pair.name, old.words(), new.words());
            self.add(rule, pair.place, message);
        }
    }

    fn default_value(&mut self, pair: &Pair<'_, '_>) {
        let (old, new) = (DefaultValue::of(self.old, pair.old), DefaultValue::of(self.new, pair.new));
        let (Some(old), Some(new)) = (old, new) else { return };
        let same = old.is_same(&new) || (old.is_zero() && new.is_zero());
        if !same {
            self.add(Rule::FieldSameDefault, pair.place, || format!("default of {} changed", pair.name));
        }
    }

    fn oneof(&mut self, pair: &Pair<'_, '_>) {
        let (old, new) = (pair.old.oneof(), pair.new.oneof());
        if old != new && !pair.old.is_extension() {
            let place = |oneof: Option<&str>| oneof.map_or("no oneof".to_owned(), |name| format!("oneof {name}"));
            let message = || format!("{} was in {}, and is in {} now", pair.name, place(old), place(new));
            self.add(Rule::FieldSameOneof, pair.place, message);
        }
    }
}
