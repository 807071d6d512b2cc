//! The Rust types of fields, as the plugin writes them. Where an option or a source leaves doubt, there is no type: a
//! page without a type is better than one with a wrong type. A test compiles the types on pages.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

use crate::generate::embedded::embedded;
use crate::generate::generator::FieldTypeStyle;
use crate::generate::request::own_well_known::is_without_json;
use crate::model::{
    DescriptorFile, Family, Plugin, WELL_KNOWN_PACKAGE, is_well_known_package, map_entry, rust_modules,
};

use super::identifiers as names;
use super::recursive_types::RecursiveTypes;

/// Options that change no field's type.
const HARMLESS: &[&str] = &[
    "disable_comments",
    "enable_type_names",
    "enum_attribute",
    "field_attribute",
    "file_descriptor_set",
    "file_per_package",
    "flat_output_dir",
    "json",
    "message_attribute",
    "retain_enum_prefix",
    "skip_debug",
    "text",
    "type_attribute",
    "views",
];

/// How one plugin writes types with the options that it has for a commit.
pub(crate) struct FieldTypes {
    family: Family,
    /// `Vec<u8>` or `Bytes`; nothing if that differs by field.
    bytes: Option<&'static str>,
    /// `HashMap` or `BTreeMap`; nothing if that differs by field.
    map: Option<&'static str>,
    /// The crate of the well-known types.
    well_known: &'static str,
    /// Whether a message field has no box, unless its type contains itself.
    inline: bool,
}

/// A message, for the types of its fields.
pub(crate) struct Message<'a> {
    /// The message.
    pub proto: &'a DescriptorProto,
    /// Its name, with a dot in front.
    pub full_name: String,
    /// That of its file: `proto2`, or empty; `proto3`; `editions`.
    pub syntax: &'a str,
    /// Which messages hold themselves.
    pub recursive: &'a RecursiveTypes<'a>,
}

/// A message or enum that is the type of a field.
pub(crate) struct Declaration<'t> {
    /// The file that declares it.
    pub file: &'t DescriptorFile,
    /// The messages around it, outermost first.
    pub parents: Vec<&'t str>,
    /// Its own name.
    pub name: &'t str,
    /// Whether it is in the package for which types are written.
    pub is_near: bool,
}

/// The declarations that fields can refer to.
pub(crate) trait Declarations {
    /// The declaration of `full`, which starts with a dot.
    fn declaration<'t>(&'t self, full: &'t str) -> Option<Declaration<'t>>;
}

impl FieldTypes {
    /// The rules of `plugin`, which makes messages. Nothing if they are not known.
    pub(crate) fn of(plugin: &Plugin) -> Option<Self> {
        let style = embedded(&plugin.generator)?.field_types?;
        let json = style == FieldTypeStyle::ProstJson;
        let well_known = match style {
            FieldTypeStyle::Prost => "prost_types",
            FieldTypeStyle::ProstJson => "pbjson_types",
            FieldTypeStyle::Buffa | FieldTypeStyle::BuffaInline => "buffa_types",
        };
        let inline = style == FieldTypeStyle::BuffaInline;
        let mut types =
            Self { family: plugin.family, bytes: Some("Vec<u8>"), map: Some("HashMap"), well_known, inline };
        for option in &plugin.options {
            match option.split_once('=').unwrap_or((option, "")) {
                ("bytes", ".") => types.bytes = Some("Bytes"),
                ("bytes", _) => types.bytes = None,
                ("btree_map", ".") => types.map = Some("BTreeMap"),
                ("btree_map", _) => types.map = None,
                ("compile_well_known_types", "") | ("extern_path", ".google.protobuf=::pbjson_types") if json => {}
                (name, _) if HARMLESS.contains(&name) => {}
                _ => return None,
            }
        }
        Some(types)
    }

    /// The type of a field that stands in no oneof.
    pub(crate) fn of_field(
        &self,
        types: &dyn Declarations,
        message: &Message<'_>,
        field: &FieldDescriptorProto,
    ) -> Option<String> {
        let syntax = Syntax::of(message.syntax)?;
        if let Some(entry) = map_entry(message.proto, field) {
            let part = |at: usize| self.value(types, entry.field.get(at)?);
            return Some(format!("{}<{}, {}>", self.map?, part(0)?, part(1)?));
        }
        let value = self.value(types, field)?;
        if field.label() == Label::Repeated {
            return Some(format!("Vec<{value}>"));
        }
        let is_message = matches!(field.r#type(), Type::Message | Type::Group);
        let in_cycle = is_message && message.recursive.holds(field.type_name(), &message.full_name);
        if self.family == Family::Buffa && is_message {
            let pointer = if self.inline && !in_cycle { format!(", Inline<{value}>") } else { String::new() };
            return Some(format!("MessageField<{value}{pointer}>"));
        }
        let value = if in_cycle { boxed(&value) } else { value };
        let optional = match field.label() {
            Label::Required | Label::Repeated => false,
            Label::Optional => syntax == Syntax::Proto2 || is_message || field.proto3_optional(),
        };
        Some(if optional { format!("Option<{value}>") } else { value })
    }

    /// The type inside the variant of a field in a oneof.
    pub(crate) fn of_variant(
        &self,
        types: &dyn Declarations,
        message: &Message<'_>,
        field: &FieldDescriptorProto,
    ) -> Option<String> {
        Syntax::of(message.syntax)?;
        let value = self.value(types, field)?;
        let is_message = matches!(field.r#type(), Type::Message | Type::Group);
        let in_box = self.family == Family::Buffa || message.recursive.holds(field.type_name(), &message.full_name);
        Some(if is_message && in_box { boxed(&value) } else { value })
    }

    /// The type of one value of a field, without `Option`, `Vec` or box.
    fn value(&self, types: &dyn Declarations, field: &FieldDescriptorProto) -> Option<String> {
        let scalar = match field.r#type() {
            Type::Double => "f64",
            Type::Float => "f32",
            Type::Int64 | Type::Sint64 | Type::Sfixed64 => "i64",
            Type::Uint64 | Type::Fixed64 => "u64",
            Type::Int32 | Type::Sint32 | Type::Sfixed32 => "i32",
            Type::Uint32 | Type::Fixed32 => "u32",
            Type::Bool => "bool",
            Type::String => "String",
            Type::Bytes => self.bytes?,
            Type::Enum if self.family == Family::Prost => "i32",
            Type::Enum => return self.buffa_enum(&types.declaration(field.type_name())?),
            Type::Message | Type::Group => return self.path(&types.declaration(field.type_name())?),
        };
        Some(scalar.to_owned())
    }

    /// Enums of proto3 may hold unknown numbers, enums of proto2 may not.
    fn buffa_enum(&self, declared: &Declaration<'_>) -> Option<String> {
        let path = self.path(declared)?;
        match Syntax::of(declared.file.proto.syntax())? {
            Syntax::Proto2 => Some(path),
            Syntax::Proto3 => Some(format!("EnumValue<{path}>")),
        }
    }

    /// A type as it is written in the module of the page's package; without the crate's name if it stands elsewhere.
    fn path(&self, declared: &Declaration<'_>) -> Option<String> {
        let package = declared.file.proto.package();
        if is_well_known_package(package) {
            return self.well_known(declared);
        }
        let mut path = if declared.is_near { vec![] } else { rust_modules(package) };
        path.extend(declared.parents.iter().map(|parent| names::message_module(self.family, parent)));
        path.push(names::type_name(self.family, declared.name));
        Some(path.join("::"))
    }

    /// Both families lead everything of Google's package to a crate of their own. A module that holds the package
    /// itself is left alone, and so is `descriptor.proto` of buffa, which stands elsewhere again, and what a crate may
    /// have a copy of.
    fn well_known(&self, declared: &Declaration<'_>) -> Option<String> {
        let proto = &declared.file.proto;
        if declared.is_near || proto.package() != WELL_KNOWN_PACKAGE {
            return None;
        }
        if self.well_known == "prost_types"
            && let Some(plain) = plain(declared.name)
        {
            return Some(plain.to_owned());
        }
        let below = match self.family {
            Family::Prost => "",
            Family::Buffa if proto.name() == "google/protobuf/descriptor.proto" => return None,
            Family::Buffa if is_without_json(declared.file) => return None,
            Family::Buffa => "::google::protobuf",
        };
        let parents = declared.parents.iter().map(|parent| names::message_module(self.family, parent) + "::");
        let name = names::type_name(self.family, declared.name);
        Some(format!("{}{below}::{}{name}", self.well_known, parents.collect::<String>()))
    }
}

/// Well-known types that prost has no type for.
fn plain(name: &str) -> Option<&'static str> {
    Some(match name {
        "BoolValue" => "bool",
        "BytesValue" => "Vec<u8>",
        "DoubleValue" => "f64",
        "Empty" => "()",
        "FloatValue" => "f32",
        "Int32Value" => "i32",
        "Int64Value" => "i64",
        "StringValue" => "String",
        "UInt32Value" => "u32",
        "UInt64Value" => "u64",
        _ => return None,
    })
}

fn boxed(value: &str) -> String {
    format!("Box<{value}>")
}

/// The syntaxes with known rules; editions set features one by one.
#[derive(PartialEq, Eq)]
enum Syntax {
    Proto2,
    Proto3,
}

impl Syntax {
    fn of(written: &str) -> Option<Self> {
        match written {
            "" | "proto2" => Some(Self::Proto2),
            "proto3" => Some(Self::Proto3),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::catalogue::Catalogue;

    /// The rules of a plugin with further options.
    fn rules(plugin: &str, more: &[&str]) -> Option<FieldTypes> {
        let catalogue = Catalogue::embedded().unwrap();
        let mut plugin = catalogue.find(&plugin.parse().unwrap()).unwrap().clone();
        plugin.options.extend(more.iter().map(|&option| option.to_owned()));
        FieldTypes::of(&plugin)
    }

    #[test]
    fn what_an_option_leaves_in_doubt_is_not_said() {
        let prost = "community/neoeinstein-prost";
        let plain = rules(prost, &["type_attribute=.=#[derive(Eq)]"]).unwrap();
        assert_eq!((plain.bytes, plain.map), (Some("Bytes"), Some("HashMap")));
        assert_eq!(rules(prost, &["btree_map=."]).unwrap().map, Some("BTreeMap"));
        let some = rules(prost, &["btree_map=.a.B.c", "bytes=.a.B"]).unwrap();
        assert_eq!((some.bytes, some.map), (None, None));
        assert!(rules(prost, &["boxed=.a.B.c"]).is_none());
        assert!(rules(prost, &["extern_path=.a=::b"]).is_none());
        assert_eq!(rules("local/prost-serde", &[]).unwrap().well_known, "pbjson_types");
        assert!(rules("community/neoeinstein-tonic", &[]).is_none(), "stubs make no messages");
    }

    #[test]
    fn every_plugin_that_makes_messages_has_rules() {
        let catalogue = Catalogue::embedded().unwrap();
        let makes = |plugin: &&Plugin| plugin.sdk && plugin.dependencies.is_empty();
        for plugin in catalogue.plugins().iter().filter(makes) {
            assert!(FieldTypes::of(plugin).is_some(), "{}", plugin.reference());
        }
    }
}
