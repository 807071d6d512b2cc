//! The kinds of values of a plugin's option.

use serde::{Deserialize, Serialize};

/// The kinds of values of a plugin's option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionKind {
    /// Nothing, `true` or `false`.
    Flag,
    /// A path of Protobuf: `.acme.pets.v1.Dog`, or `.` for everything.
    Path,
    /// A path of Protobuf, and one of Rust where the code of that is.
    ExternPath,
    /// A path of Protobuf, and attributes of Rust.
    Attribute,
    /// A path of Rust.
    RustPath,
    /// One word, such as the name of a feature.
    Word,
    /// The name of a file that the plugin makes.
    FileName,
    /// The path of a file that the plugin reads, on the machine that it runs on. A registry never accepts one.
    ReadsFile,
    /// Any value: only the plugin knows its meaning.
    Any,
}

impl OptionKind {
    /// The kind of an external plugin's option, by its name alone. Options of `registry.yaml` and the paths of other
    /// modules' code are passed to every plugin in prost's form.
    #[must_use]
    pub fn of_external(name: &str) -> Self {
        match name {
            "bytes" | "btree_map" => Self::Path,
            "type_attribute" | "field_attribute" => Self::Attribute,
            "extern_path" => Self::ExternPath,
            _ => Self::Any,
        }
    }

    /// How the option is written.
    #[must_use]
    pub fn example(self, name: &str) -> String {
        let value = match self {
            Self::Flag => return format!("{name}, {name}=true or {name}=false"),
            Self::Path => ".acme.pets.v1.Dog",
            Self::ExternPath => ".acme.pets.v1=::pets::v1",
            Self::Attribute => ".acme.pets.v1.Dog=#[derive(Eq\\, Hash)]",
            Self::RustPath => "::pets::v1",
            Self::Word => "word",
            Self::FileName => "name.rs",
            Self::ReadsFile | Self::Any => "value",
        };
        format!("{name}={value}")
    }
}
