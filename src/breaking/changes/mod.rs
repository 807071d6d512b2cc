//! Changes between two versions of a module's declarations, and whether they break the wire format, or code that uses
//! the old crate.

mod counts;
mod parts;

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::Label;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    MethodDescriptorProto,
};

use crate::breaking::version::Version;
use crate::model::{DeclarationKind, DeclaredKind, declared_types, type_word, written_oneof};
use parts::{EnumParts, MessageParts};

pub use counts::change_counts;

/// The effect of a change on users of the old version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing breaks.
    Fine,
    /// Most code goes on; some must be changed.
    Care,
    /// Old and new do not understand each other.
    Breaking,
}

impl Verdict {
    /// Its word on pages and on the terminal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Care => "take care",
            Self::Breaking => "breaking",
        }
    }
}

/// How a declaration changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The kind of what changed.
    pub kind: DeclarationKind,
    /// How it changed.
    pub action: Action,
    /// The full name of what changed.
    pub name: String,
    /// The change.
    pub what: String,
    /// The effect on programs that exchange messages between old and new version.
    pub wire: Verdict,
    /// The effect on Rust code that uses the old crate.
    pub rust: Verdict,
    /// A note or an advice.
    pub note: &'static str,
    /// The file of the old version, or of the new one if it is not in the old one.
    pub path: String,
    /// The package of that file.
    pub package: String,
}

impl Change {
    /// Whether Rust code that uses the old crate does not go on.
    #[must_use]
    pub fn breaks_rust(&self) -> bool {
        self.rust == Verdict::Breaking
    }
}

use Action::{Added, Changed, Removed};
use DeclarationKind::{Enum, Field, Message, Method, Service, Value};
use Verdict::{Breaking, Care, Fine};

/// Declarations with their files, by full name.
type ByName<'a, T> = BTreeMap<String, (&'a FileDescriptorProto, T)>;

/// The declarations of one module by full name.
#[derive(Default)]
struct Declarations<'a> {
    messages: ByName<'a, &'a DescriptorProto>,
    enums: ByName<'a, &'a EnumDescriptorProto>,
    methods: ByName<'a, &'a MethodDescriptorProto>,
    services: ByName<'a, ()>,
}

impl<'a> Declarations<'a> {
    fn of(version: Version<'a>) -> Self {
        let mut found = Self::default();
        for file in version.descriptors.of_module(version.module) {
            let (file, package) = (&*file.proto, file.proto.package());
            for declared in declared_types(file) {
                let name = declared.full_name(package)[1..].to_owned();
                match declared.kind {
                    DeclaredKind::Message(message) => drop(found.messages.insert(name, (file, message))),
                    DeclaredKind::Enum(declared) => drop(found.enums.insert(name, (file, declared))),
                }
            }
            let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
            for service in &file.service {
                let name = format!("{prefix}{}", service.name());
                for method in &service.method {
                    found.methods.insert(format!("{name}.{}", method.name()), (file, method));
                }
                found.services.insert(name, (file, ()));
            }
        }
        found
    }
}

/// All changes from `old` to `new`, the worst first.
#[must_use]
pub fn changes(old: Version<'_>, new: Version<'_>) -> Vec<Change> {
    if old.is_same_as(new) {
        return vec![];
    }
    let (old, new) = (Declarations::of(old), Declarations::of(new));
    let mut list = Changes::default();
    list.both(Service, &old.services, &new.services, |_, _, (), ()| {});
    list.both(Method, &old.methods, &new.methods, Changes::method);
    list.both(Message, &old.messages, &new.messages, Changes::message);
    list.both(Enum, &old.enums, &new.enums, Changes::enumeration);
    let mut found = list.found;
    found.sort_by(|a, b| (b.wire.max(b.rust), &a.name, &a.what).cmp(&(a.wire.max(a.rust), &b.name, &b.what)));
    found
}

#[derive(Default)]
struct Changes<'a> {
    found: Vec<Change>,
    /// The file of the declaration that is looked at.
    file: Option<&'a FileDescriptorProto>,
}

impl<'a> Changes<'a> {
    fn add(
        &mut self,
        (kind, action): (DeclarationKind, Action),
        name: &str,
        what: impl Into<String>,
        (wire, rust): (Verdict, Verdict),
        note: &'static str,
    ) {
        let place = |text: fn(&FileDescriptorProto) -> &str| self.file.map_or("", text).to_owned();
        let (path, package) = (place(FileDescriptorProto::name), place(FileDescriptorProto::package));
        let (name, what) = (name.into(), what.into());
        self.found.push(Change { kind, action, name, what, wire, rust, note, path, package });
    }

    fn both<T: Copy>(
        &mut self,
        kind: DeclarationKind,
        old: &ByName<'a, T>,
        new: &ByName<'a, T>,
        changed: fn(&mut Self, &str, T, T),
    ) {
        let word = if kind == Method { "rpc" } else { kind.as_str() };
        for (name, (file, before)) in old {
            self.file = Some(*file);
            match new.get(name) {
                Some((_, after)) => changed(self, name, *before, *after),
                None => {
                    let (wire, note) = match kind {
                        Service | Method => (Breaking, "Clients that call it get an error."),
                        _ => (Fine, "Code that names it no longer builds."),
                    };
                    self.add((kind, Removed), name, format!("{word} removed"), (wire, Breaking), note);
                }
            }
        }
        for (name, (file, _)) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.file = Some(*file);
            let (rust, note) = match kind {
                Method => (Care, "Servers have one more method to implement."),
                _ => (Fine, ""),
            };
            self.add((kind, Added), name, format!("{word} added"), (Fine, rust), note);
        }
    }

    fn method(&mut self, name: &str, old: &MethodDescriptorProto, new: &MethodDescriptorProto) {
        if old.input_type() != new.input_type() {
            let what = format!("request changed from {} to {}", bare(old.input_type()), bare(new.input_type()));
            self.add((Method, Changed), name, what, (Breaking, Breaking), "");
        }
        if old.output_type() != new.output_type() {
            let what = format!("response changed from {} to {}", bare(old.output_type()), bare(new.output_type()));
            self.add((Method, Changed), name, what, (Breaking, Breaking), "");
        }
        let streams = |method: &MethodDescriptorProto| (method.client_streaming(), method.server_streaming());
        if streams(old) != streams(new) {
            self.add((Method, Changed), name, "streaming changed", (Breaking, Breaking), "");
        }
    }

    fn message(&mut self, name: &str, old: &DescriptorProto, new: &DescriptorProto) {
        let (old, new) = (MessageParts::of(old), MessageParts::of(new));
        for before in &old.message.field {
            let path = format!("{name}.{}", before.name());
            if let Some(after) = new.by_number.get(&before.number()) {
                self.field(&path, &old, before, &new, after);
            } else if let Some(after) = new.by_name.get(before.name()) {
                let what = format!("number changed from {} to {}", before.number(), after.number());
                self.add(
                    (Field, Changed),
                    &path,
                    what,
                    (Breaking, Fine),
                    "Old data is read as if the field were not set.",
                );
            } else {
                let (wire, note) = match new.reserves(before.number()) {
                    true => (Fine, "Its number is reserved, so it cannot come back as something else."),
                    false => (Breaking, "Reserve its number, or a later field may read old data."),
                };
                self.add((Field, Removed), &path, "field removed", (wire, Breaking), note);
            }
        }
        let known = |field: &&FieldDescriptorProto| {
            old.by_number.contains_key(&field.number()) || old.by_name.contains_key(field.name())
        };
        for added in new.message.field.iter().filter(|field| !known(field)) {
            let path = format!("{name}.{}", added.name());
            let (what, wire, note) = match added.label() {
                Label::Required => ("required field added", Breaking, "Readers refuse messages of older writers."),
                _ => ("field added", Fine, "Struct literals need the field, or ..Default::default()."),
            };
            self.add((Field, Added), &path, what, (wire, Care), note);
        }
    }

    fn field(
        &mut self,
        path: &str,
        old_message: &MessageParts<'_>,
        old: &FieldDescriptorProto,
        new_message: &MessageParts<'_>,
        new: &FieldDescriptorProto,
    ) {
        if old.name() != new.name() {
            self.add(
                (Field, Changed),
                path,
                format!("renamed to {}", new.name()),
                (Fine, Breaking),
                "The JSON name changes too.",
            );
        }
        let (before, after) = (kind(old_message, old), kind(new_message, new));
        if before != after {
            let wire = if same_on_the_wire(old, new) { Care } else { Breaking };
            self.add((Field, Changed), path, format!("type changed from {before} to {after}"), (wire, Breaking), "");
        }
        if cardinality(old) != cardinality(new) {
            let what = format!("changed from {} to {}", cardinality(old), cardinality(new));
            let wire = if old.label() == new.label() { Fine } else { Breaking };
            self.add((Field, Changed), path, what, (wire, Breaking), "");
        }
        let oneof = |parts: &MessageParts<'_>, field: &FieldDescriptorProto| {
            parts.message.oneof_decl.get(written_oneof(field)?).map(|oneof| oneof.name().to_owned())
        };
        if oneof(old_message, old) != oneof(new_message, new) {
            let note = "Of two set fields of a oneof only one stays.";
            self.add((Field, Changed), path, "moved into or out of a oneof", (Care, Breaking), note);
        }
    }

    fn enumeration(&mut self, name: &str, old: &EnumDescriptorProto, new: &EnumDescriptorProto) {
        let (before, after) = (EnumParts::of(old), EnumParts::of(new));
        for value in &old.value {
            let path = format!("{name}.{}", value.name());
            let namesake = after.by_name.get(value.name());
            if namesake.is_some_and(|namesake| namesake.number() == value.number()) {
                continue;
            }
            if let Some(renamed) = after.by_number.get(&value.number()) {
                let what = format!("renamed to {}", renamed.name());
                self.add((Value, Changed), &path, what, (Fine, Breaking), "The JSON name changes too.");
            } else if namesake.is_some() {
                self.add((Value, Changed), &path, "number changed", (Breaking, Fine), "Old data means something else.");
            } else {
                let note = "Old data holds a number without a name.";
                self.add((Value, Removed), &path, "value removed", (Breaking, Breaking), note);
            }
        }
        let known = |value: &EnumValueDescriptorProto| {
            before.by_number.contains_key(&value.number()) || before.by_name.contains_key(value.name())
        };
        for added in new.value.iter().filter(|value| !known(value)) {
            let path = format!("{name}.{}", added.name());
            let note = "A match without a wildcard arm needs one more.";
            self.add((Value, Added), &path, "value added", (Fine, Care), note);
        }
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches('.')
}

fn kind(message: &MessageParts<'_>, field: &FieldDescriptorProto) -> String {
    if let Some(entry) = message.map_entry(field) {
        let parts: Vec<_> = entry.field.iter().map(plain_kind).collect();
        return format!("map<{}>", parts.join(", "));
    }
    plain_kind(field)
}

fn plain_kind(field: &FieldDescriptorProto) -> String {
    match field.type_name() {
        "" => type_word(field.r#type()).into(),
        name => bare(name).into(),
    }
}

fn cardinality(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Repeated => "repeated",
        Label::Required => "required",
        Label::Optional if field.proto3_optional() => "optional",
        Label::Optional => "singular",
    }
}

/// Whether the types read each other's bytes, if not always with the same meaning. The groups are those of
/// <https://protobuf.dev/programming-guides/proto3/#updating>.
fn same_on_the_wire(old: &FieldDescriptorProto, new: &FieldDescriptorProto) -> bool {
    use prost_types::field_descriptor_proto::Type as T;
    let group = |kind| match kind {
        T::Int32 | T::Uint32 | T::Int64 | T::Uint64 | T::Bool | T::Enum => Some(1),
        T::Sint32 | T::Sint64 => Some(2),
        T::String | T::Bytes => Some(3),
        T::Fixed32 | T::Sfixed32 => Some(4),
        T::Fixed64 | T::Sfixed64 => Some(5),
        _ => None,
    };
    group(old.r#type()).is_some() && group(old.r#type()) == group(new.r#type())
}

#[cfg(test)]
mod tests;
