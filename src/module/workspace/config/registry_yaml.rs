//! Reads `registry.yaml`: the module's options for its crates.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::error::{ConfigError, ConfigProblem};
use super::yaml::Document;
use crate::model::{FeatureMode, Located, ModuleOptions, PluginOptions, PluginRef, check_attributes, did_you_mean};

type Text = Spanned<String>;

/// A path, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Attributes {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    version: Option<Text>,
    plugins: Option<Vec<Text>>,
    serde: Option<bool>,
    features: Option<Text>,
    bytes: Option<Vec<Text>>,
    btree_map: Option<Vec<Text>>,
    type_attribute: Option<BTreeMap<String, Spanned<Attributes>>>,
    field_attribute: Option<BTreeMap<String, Spanned<Attributes>>>,
    options: Option<BTreeMap<String, Vec<Text>>>,
}

/// Reads the text of a `registry.yaml` that was found, or uploaded, as `path`. A text with comments alone has no
/// options.
///
/// # Errors
/// When it is not valid.
pub fn read_options(path: PathBuf, text: &[u8]) -> Result<ModuleOptions, ConfigError> {
    let text = std::str::from_utf8(text).map(str::to_owned);
    let document = Document::new(path, text.as_deref().unwrap_or_default().to_owned());
    let Ok(_) = text else {
        return Err(ConfigProblem::Syntax("the file is not UTF-8".into()).at(&document.line(0)));
    };
    if document.is_empty() {
        return Ok(ModuleOptions::default());
    }
    let shape: Shape = document.parse()?;
    check_version(&document, shape.version.as_ref())?;
    let paths = |list: Option<Vec<Text>>| {
        let path = |text: Text| checked_path(&document, text.value, text.referenced.line());
        list.map(|list| list.into_iter().map(path).collect::<Result<Vec<_>, _>>()).transpose()
    };
    let plugin = |text: Text| plugin(&document, &text.value, text.referenced.line());
    Ok(ModuleOptions {
        plugins: shape.plugins.map(|list| list.into_iter().map(plugin).collect()).transpose()?,
        serde: shape.serde.unwrap_or_default(),
        features: shape.features.map_or(Ok(FeatureMode::default()), |text| features(&document, &text))?,
        bytes: paths(shape.bytes)?,
        btree_map: paths(shape.btree_map)?,
        type_attribute: attributes(&document, shape.type_attribute)?,
        field_attribute: attributes(&document, shape.field_attribute)?,
        options: plugin_options(&document, shape.options)?,
    })
}

fn refuse<T>(document: &Document, line: u64, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigProblem::Syntax(why.into()).at(&document.line(line)))
}

fn check_version(document: &Document, version: Option<&Text>) -> Result<(), ConfigError> {
    match version {
        None => Err(ConfigProblem::MissingVersion { supported: "v1" }.at(&document.line(0))),
        Some(version) if version.value == "v1" => Ok(()),
        Some(version) => {
            let problem = ConfigProblem::UnsupportedVersion { version: version.value.clone(), supported: "v1" };
            Err(problem.at(&document.place(version)))
        }
    }
}

fn plugin(document: &Document, text: &str, line: u64) -> Result<Located<PluginRef>, ConfigError> {
    match text.parse() {
        Ok(value) => Ok(Located { value, line }),
        Err(error) => refuse(document, line, format!("{error}")),
    }
}

fn features(document: &Document, text: &Text) -> Result<FeatureMode, ConfigError> {
    let names = FeatureMode::NAMES;
    if let Some((_, mode)) = names.iter().find(|(name, _)| *name == text.value) {
        return Ok(*mode);
    }
    let known = names.map(|(name, _)| name);
    let hint = did_you_mean(&text.value, known);
    let line = text.referenced.line();
    refuse(document, line, format!("features {:?} is none of {}{hint}", text.value, known.join(", ")))
}

/// A path of Protobuf as prost writes them: a dot, and perhaps a full name.
fn checked_path(document: &Document, path: String, line: u64) -> Result<String, ConfigError> {
    let odd = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_');
    if !path.starts_with('.') || path.contains(odd) {
        return refuse(
            document,
            line,
            format!("path {path:?} is not like .acme.pets.v1.Dog.name; a dot alone means everything"),
        );
    }
    Ok(path)
}

fn attributes(
    document: &Document,
    map: Option<BTreeMap<String, Spanned<Attributes>>>,
) -> Result<Vec<(String, String)>, ConfigError> {
    let mut found = Vec::new();
    for (path, attributes) in map.unwrap_or_default() {
        let line = attributes.referenced.line();
        let path = checked_path(document, path, line)?;
        let list = match attributes.value {
            Attributes::One(one) => vec![one],
            Attributes::Many(many) => many,
        };
        for attribute in list {
            if let Err(wrong) = check_attributes(&attribute) {
                return refuse(document, line, format!("{attribute:?} {wrong}"));
            }
            found.push((path.clone(), attribute));
        }
    }
    Ok(found)
}

fn plugin_options(
    document: &Document,
    map: Option<BTreeMap<String, Vec<Text>>>,
) -> Result<Vec<PluginOptions>, ConfigError> {
    let mut found = Vec::new();
    for (name, options) in map.unwrap_or_default() {
        let line = options.first().map_or(0, |option| option.referenced.line());
        let plugin = plugin(document, &name, line)?;
        found.push(PluginOptions { plugin, options: options.into_iter().map(|option| option.value).collect() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ModuleOptions, String> {
        read_options("registry.yaml".into(), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_full_file_is_read() {
        let options = read(
            "version: v1
plugins: [community/neoeinstein-prost, local/prost-serde:v0.1.0]
serde: true
features: grouped
bytes: []
btree_map: [.acme.pets.v1.Dog.tags]
type_attribute:
  .acme.pets.v1.Dog: '#[derive(Eq, Hash)]'
  .: ['#[non_exhaustive]', '#[must_use]']
field_attribute: { .acme.pets.v1.Dog.name: '#[doc(hidden)]' }
options:
  community/neoeinstein-prost: [enable_type_names]
",
        )
        .unwrap();
        let plugins = options.plugins.unwrap();
        assert_eq!((plugins[1].value.to_string().as_str(), plugins[1].line), ("local/prost-serde:v0.1.0", 2));
        assert!(options.serde && options.features == FeatureMode::Grouped);
        assert_eq!((options.bytes.unwrap().len(), options.btree_map.unwrap().len()), (0, 1));
        assert_eq!((options.type_attribute.len(), options.field_attribute.len()), (3, 1));
        assert_eq!(options.options[0].options, ["enable_type_names"]);
        assert_eq!(read("# nothing\n\n").unwrap(), ModuleOptions::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_file_and_line() {
        let refused = |text: &str| read(&format!("version: v1\n{text}\n")).unwrap_err();
        assert_eq!(refused("byte: [.]"), r#"registry.yaml:2: key "byte" is not known here; did you mean "bytes"?"#);
        assert_eq!(
            refused("features: of"),
            r#"registry.yaml:2: features "of" is none of automatic, per-package, grouped, off; did you mean off?"#
        );
        assert!(refused("bytes: [acme]").starts_with(r#"registry.yaml:2: path "acme" is not like"#));
        assert!(refused("plugins:\n  - prost").starts_with(r#"registry.yaml:3: plugin "prost" is not of the form"#));
        assert!(refused("type_attribute: { .: 'struct Evil;' }").starts_with("registry.yaml:2: \"struct Evil;\" is"));
        assert!(refused("type_attribute: { .: '#[a] struct B;' }").contains("is not an attribute of Rust"));
        assert!(refused("field_attribute: { .: '#[doc = include_str!(\"/a\")]' }").contains("not a literal"));
        assert!(read("bytes: []").unwrap_err().contains("`version` is missing"));
        assert!(read("version: v2\n").unwrap_err().contains("version \"v2\" is not supported"));
        assert!(read_options("r.yaml".into(), b"\xff").is_err());
    }
}
