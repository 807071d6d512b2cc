//! What a package page shows, as plain data for its template.

use crate::publish::rust_naming::RustPath;

use super::types::TypeLink;

/// Most methods, fields or values of one declaration on its page; the source is a link away.
pub(super) const PARTS: usize = 500;

/// A package with all that it declares, in the order of the files; or one declaration of it.
#[derive(Default)]
pub(super) struct PackageDocs {
    pub comment: String,
    pub services: Vec<ServiceDocs>,
    pub messages: Vec<MessageDocs>,
    pub enums: Vec<EnumDocs>,
}

/// What every declaration that stands by itself has.
pub(super) struct Heading {
    /// Its name below the package, which is its anchor too.
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    /// Where the line is in the files.
    pub source: String,
    pub options: Vec<String>,
    /// What it is in Rust: one name, or for a service its client and its server.
    pub rust: Vec<RustPath>,
}

pub(super) struct ServiceDocs {
    pub heading: Heading,
    pub methods: Vec<MethodDocs>,
    /// How many are left out.
    pub more: usize,
}

pub(super) struct MethodDocs {
    pub name: String,
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    pub input: TypeLink,
    pub output: TypeLink,
    pub client_streams: bool,
    pub server_streams: bool,
    pub note: &'static str,
    pub options: Vec<String>,
    pub rust: Option<RustPath>,
}

pub(super) struct MessageDocs {
    pub heading: Heading,
    pub fields: Vec<FieldDocs>,
    /// How many are left out.
    pub more: usize,
}

pub(super) struct FieldDocs {
    pub name: String,
    pub anchor: String,
    pub number: i32,
    /// `repeated`, `optional`, `map<string,` or nothing.
    pub label: String,
    pub kind: TypeLink,
    /// What closes the label: `>` behind a map.
    pub end: &'static str,
    pub comment: String,
    pub notes: Vec<String>,
    pub options: Vec<String>,
    pub rust: RustPath,
    /// What follows its name in Rust: `: Option<String>`, or `(String)` for a variant; empty where that is not certain.
    pub rust_type: String,
    /// The oneof that begins with this field.
    pub begins: Option<OneofDocs>,
    /// Whether it stands in a oneof.
    pub inside: bool,
}

pub(super) struct OneofDocs {
    pub name: String,
    pub anchor: String,
    pub comment: String,
    pub options: Vec<String>,
    /// Its own type.
    pub rust: RustPath,
    /// The field that holds it.
    pub field: RustPath,
    /// `: Option<animal::Home>`
    pub rust_type: String,
}

pub(super) struct EnumDocs {
    pub heading: Heading,
    pub values: Vec<ValueDocs>,
    /// How many are left out.
    pub more: usize,
}

pub(super) struct ValueDocs {
    pub name: String,
    pub anchor: String,
    pub number: i32,
    pub comment: String,
    pub deprecated: bool,
    pub options: Vec<String>,
    /// Nothing for a second name of a number, which some plugins leave out.
    pub rust: Option<RustPath>,
}
