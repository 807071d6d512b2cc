//! Messages: fields that are gone, oneofs, reserved and extension ranges, required fields.

use std::collections::BTreeSet;

use super::ranges::{covers, merged, of_message, text};
use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::Label;
use crate::breaking::schema::element::MessageElement;
use crate::breaking::schema::features::ALLOW;

impl Check<'_> {
    pub(super) fn messages(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, before) in &old.messages {
            let Some(after) = new.messages.get(name) else { continue };
            self.removed_fields(before, after);
            self.removed_oneofs(before, after);
            self.removed_ranges(before, after);
            self.required_fields(before, after);
            self.message_options(before, after);
        }
    }

    fn removed_fields(&mut self, old: &MessageElement<'_>, new: &MessageElement<'_>) {
        let (place, name) = (Place::both(old.at.file, new.at.file), &new.full_name);
        let gone = old.at.declared.fields.iter().filter(|field| !new.fields.contains_key(&field.number));
        let gone: Vec<_> = gone.collect();
        if gone.is_empty() {
            return;
        }
        let numbers = merged(of_message(&new.at.declared.reserved_ranges));
        let names: BTreeSet<_> = new.at.declared.reserved_names.iter().collect();
        for field in gone {
            let (number, own) = (field.number, &field.name);
            self.add(Rule::FieldNoDelete, place, || format!("field {name}.{own} = {number} was deleted"));
            if !covers(&numbers, (number.into(), number.into())) {
                self.add(Rule::FieldNoDeleteUnlessNumberReserved, place, || {
                    format!("field {name}.{own} = {number} was deleted, and its number is not reserved")
                });
            }
            if !names.contains(own) {
                self.add(Rule::FieldNoDeleteUnlessNameReserved, place, || {
                    format!("field {name}.{own} = {number} was deleted, and its name is not reserved")
                });
            }
        }
    }

    fn removed_oneofs(&mut self, old: &MessageElement<'_>, new: &MessageElement<'_>) {
        let place = Place::both(old.at.file, new.at.file);
        let after: BTreeSet<_> = new.at.declared.oneofs.iter().map(|oneof| oneof.name.as_str()).collect();
        // The oneof around an `optional` field of proto3 is one that nobody wrote.
        let fields = old.at.declared.fields.iter().filter(|field| field.proto3_optional);
        let unwritten: BTreeSet<_> = fields.filter_map(|field| usize::try_from(field.oneof?).ok()).collect();
        for (at, oneof) in old.at.declared.oneofs.iter().enumerate() {
            if !unwritten.contains(&at) && !after.contains(oneof.name.as_str()) {
                let message = || format!("oneof {}.{} was deleted", new.full_name, oneof.name);
                self.add(Rule::OneofNoDelete, place, message);
            }
        }
    }

    fn removed_ranges(&mut self, old: &MessageElement<'_>, new: &MessageElement<'_>) {
        let (place, name) = (Place::both(old.at.file, new.at.file), &new.full_name);
        let (before, after) = (old.at.declared, new.at.declared);
        let subjects = [
            (Rule::ReservedMessageNoDelete, "reserved", &before.reserved_ranges, &after.reserved_ranges),
            (Rule::ExtensionMessageNoDelete, "extension", &before.extension_ranges, &after.extension_ranges),
        ];
        for (rule, kind, before, after) in subjects {
            let kept = merged(of_message(after));
            for range in of_message(before).into_iter().filter(|range| !covers(&kept, *range)) {
                self.add(rule, place, || format!("{kind} range {} of message {name} was deleted", text(range)));
            }
        }
        let kept: BTreeSet<_> = after.reserved_names.iter().collect();
        for reserved in before.reserved_names.iter().filter(|reserved| !kept.contains(reserved)) {
            let message = || format!("reserved name {reserved:?} of message {name} was deleted");
            self.add(Rule::ReservedMessageNoDelete, place, message);
        }
    }

    fn required_fields(&mut self, old: &MessageElement<'_>, new: &MessageElement<'_>) {
        let rule = Rule::MessageSameRequiredFields;
        let required = |message: &MessageElement<'_>| -> BTreeSet<i32> {
            let fields = message.at.declared.fields.iter().filter(|field| field.label() == Label::Required);
            fields.map(|field| field.number).collect()
        };
        let (before, after) = (required(old), required(new));
        for number in before.difference(&after) {
            let message = || format!("required field {number} of message {} was deleted", new.full_name);
            self.add(rule, Place::both(old.at.file, new.at.file), message);
        }
        for number in after.difference(&before) {
            let message = || format!("required field {number} of message {} was added", new.full_name);
            self.add(rule, Place { old: None, new: Some(new.at.file) }, message);
        }
    }

    fn message_options(&mut self, old: &MessageElement<'_>, new: &MessageElement<'_>) {
        let (place, name) = (Place::both(old.at.file, new.at.file), &new.full_name);
        let hidden = |message: &MessageElement<'_>| {
            message.at.declared.options.as_ref().is_some_and(|options| options.no_standard_descriptor_accessor)
        };
        if !hidden(old) && hidden(new) {
            let message = || format!("option no_standard_descriptor_accessor of message {name} became true");
            self.add(Rule::MessageNoRemoveStandardDescriptorAccessor, place, message);
        }
        if old.at.features.json_format == ALLOW && new.at.features.json_format != ALLOW {
            let message = || format!("message {name} has no guaranteed JSON any more (json_format)");
            self.add(Rule::MessageSameJsonFormat, place, message);
        }
    }
}
