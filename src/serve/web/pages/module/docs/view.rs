//! The view of a package page: plain data for its template.

use crate::publish::rust_naming::RustPath;

use super::types::TypeLink;
use crate::serve::web::pages::module::since::Since;

/// The most methods, fields or values of one declaration on its page; the page links to the source.
pub(super) const PARTS: usize = 500;

/// A package with all its declarations, in the order of the files; or one declaration of it.
#[derive(Default)]
pub(super) struct PackageDocs {
    pub comment: String,
    pub services: Vec<ServiceDocs>,
    pub messages: Vec<MessageDocs>,
    pub enums: Vec<EnumDocs>,
    pub extensions: Vec<ExtensionDocs>,
}

/// Since when a part of a declaration is there, and is deprecated; absent where that is since its declaration is.
#[derive(Debug, Default)]
pub(super) struct PartSince {
    pub declared: Option<Since>,
    pub deprecated: Option<Since>,
}

/// The heading of a declaration.
pub(super) struct Heading {
    /// Its name below the package, which is its anchor too.
    pub anchor: String,
    pub comment: String,
    pub deprecated: bool,
    /// Absent where the history is not of the shown commit.
    pub since: PartSince,
    /// The path of its line in the files tab.
    pub source: String,
    pub options: Vec<String>,
    /// Its Rust paths: one path, or for a service the paths of its client and its server.
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
    pub since: PartSince,
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
    /// The end of the label: `>` after a map.
    pub end: &'static str,
    pub comment: String,
    pub notes: Vec<String>,
    pub since: PartSince,
    pub options: Vec<String>,
    pub rust: RustPath,
    /// Its Rust type: `: Option<String>`, or `(String)` for a variant; empty where it is not certain.
    pub rust_type: String,
    /// The oneof that begins with this field.
    pub begins: Option<OneofDocs>,
    /// Whether it is a member of a oneof.
    pub inside: bool,
}

pub(super) struct OneofDocs {
    pub name: String,
    pub anchor: String,
    pub comment: String,
    pub options: Vec<String>,
    /// The Rust path of its enum.
    pub rust: RustPath,
    /// The Rust path of the field that holds it.
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
    pub since: PartSince,
    pub options: Vec<String>,
    /// Its Rust path; none for an alias, which some plugins leave out.
    pub rust: Option<RustPath>,
}

pub(super) struct ExtensionDocs {
    /// Without its comment.
    pub heading: Heading,
    pub comment: String,
    /// The message that it extends.
    pub extendee: TypeLink,
    /// Whether it is an option that other sources set.
    pub is_option: bool,
    pub number: i32,
    /// `repeated`, `optional` or nothing.
    pub label: String,
    pub kind: TypeLink,
    pub notes: Vec<String>,
}
