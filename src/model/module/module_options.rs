//! Module options: the file `registry.yaml` beside `buf.yaml`, as values.

use crate::model::PluginRef;

/// The options of one commit; all absent without the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleOptions {
    /// The plugins that generate on every push, in place of the server's; none if the server's are to.
    pub plugins: Option<Vec<Located<PluginRef>>>,
    /// Whether crates with Protobuf's JSON are made on every push too.
    pub serde: bool,
    /// How a crate's features follow from its packages.
    pub features: FeatureMode,
    /// Fields that are `Bytes`, by path; none leaves the plugin's own choice.
    pub bytes: Option<Vec<String>>,
    /// Fields that are `BTreeMap`, by path.
    pub btree_map: Option<Vec<String>>,
    /// Attributes for types: path and attribute.
    pub type_attribute: Vec<(String, String)>,
    /// Attributes for fields: path and attribute.
    pub field_attribute: Vec<(String, String)>,
    /// Further options of single plugins.
    pub options: Vec<PluginOptions>,
}

/// Options of one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginOptions {
    /// The plugin; all its versions if it names none.
    pub plugin: Located<PluginRef>,
    /// The options, as after `--name_opt=`, one each.
    pub options: Vec<String>,
}

impl ModuleOptions {
    /// The file's name, in the directory of `buf.yaml` and in an upload.
    pub const FILE: &'static str = "registry.yaml";
}

/// A value and its line in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its line, from 1; 0 if that is not known.
    pub line: u64,
}

/// How the features of a crate follow from its packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FeatureMode {
    /// One per package; of very many packages, one per directory of packages.
    #[default]
    Automatic,
    /// One per package, however many there are.
    PerPackage,
    /// One per directory of packages, few of them.
    Grouped,
    /// None: everything is always on.
    Off,
}

impl FeatureMode {
    /// All modes by the names that the file has for them.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("automatic", Self::Automatic),
        ("per-package", Self::PerPackage),
        ("grouped", Self::Grouped),
        ("off", Self::Off),
    ];

    /// The mode's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("automatic", |(name, _)| name)
    }
}
