//! The `[[mirror]]` tables of the file: modules of other registries that the server takes in on a schedule.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use toml_edit::{Document, TableLike};

use super::line_number::line_of;
use super::{ConfigError, value};
use crate::model::{LabelName, MirrorPart, ModuleName, nearest};

/// The key of the tables.
pub(super) const KEY: &str = "mirror";

/// The keys of a table.
const KEYS: &[&str] = &["module", "every", "from", "labels", "with"];

/// How often a module is taken in when the table does not say.
const EVERY: &str = "6h";

/// A module of another registry that is taken in on a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredMirror {
    /// `HOST` or `HOST:PORT` of the other registry.
    pub host: String,
    /// The module, of the same name in both.
    pub module: ModuleName,
    /// The time between two.
    pub every: Duration,
    /// The address of the other registry, if it is not that of its name.
    pub from: Option<String>,
    /// The labels whose heads are taken; its default label if there are none.
    pub labels: Vec<LabelName>,
    /// What is taken over beside commits, texts and state.
    pub parts: Vec<MirrorPart>,
}

/// The tables of `document`, which was parsed from `text`.
pub(super) fn read(path: &Path, text: &str, document: &Document<&str>) -> Result<Vec<ConfiguredMirror>, ConfigError> {
    let Some((key, item)) = document.as_table().get_key_value(KEY) else { return Ok(Vec::new()) };
    let wrong = |span, problem| ConfigError::Mirror { path: path.into(), line: line_of(text, span), problem };
    let Some(tables) = item.as_array_of_tables() else {
        return Err(wrong(key.span(), "write one table [[mirror]] per module".to_owned()));
    };
    let mut mirrors: Vec<ConfiguredMirror> = Vec::new();
    for table in tables {
        let mirror = mirror(table).map_err(|(key, problem)| {
            let span = key.and_then(|key| table.key(key)).and_then(toml_edit::Key::span);
            wrong(span.or(table.span()), problem)
        })?;
        if mirrors.iter().any(|other| other.module == mirror.module) {
            return Err(wrong(
                table.span(),
                format!("{} has a table already; name several labels in one", mirror.module),
            ));
        }
        mirrors.push(mirror);
    }
    Ok(mirrors)
}

/// The mirror of a table; or the key that is wrong, and why.
fn mirror(table: &dyn TableLike) -> Result<ConfiguredMirror, (Option<&str>, String)> {
    if let Some((name, _)) = table.iter().find(|(name, _)| !KEYS.contains(name)) {
        let hint = match nearest(name, KEYS.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("a [[mirror]] has {}", KEYS.join(", ")),
        };
        return Err((Some(name), format!("unknown key {name:?}; {hint}")));
    }
    let text = |key: &'static str| match table.get(key).map(|item| item.as_str()) {
        Some(None) => Err((Some(key), format!("{key} must be a string"))),
        found => Ok(found.flatten()),
    };
    let wrong = |key: &'static str| move |problem: String| (Some(key), problem);
    let module =
        text("module")?.ok_or((None, "it needs a module, as \"buf.build/googleapis/googleapis\"".to_owned()))?;
    let form = || format!("{module:?} is not of the form HOST/OWNER/MODULE");
    let (host, name) = module.split_once('/').ok_or_else(|| wrong("module")(form()))?;
    let name = name.parse().map_err(|error| wrong("module")(format!("{}: {error}", form())))?;
    if host.is_empty() {
        return Err(wrong("module")(form()));
    }
    let labels = list(table, "labels").map_err(wrong("labels"))?;
    let parts = list(table, "with").map_err(wrong("with"))?;
    Ok(ConfiguredMirror {
        host: host.to_owned(),
        module: name,
        every: value::span(text("every")?.unwrap_or(EVERY)).map_err(wrong("every"))?,
        from: text("from")?.map(value::base_url).transpose().map_err(wrong("from"))?,
        labels,
        parts,
    })
}

/// The list of a key, empty if it is absent.
fn list<T: FromStr>(table: &dyn TableLike, key: &str) -> Result<Vec<T>, String>
where
    T::Err: std::fmt::Display,
{
    let Some(item) = table.get(key) else { return Ok(Vec::new()) };
    let problem = || format!("{key} must be an array of strings");
    let one = |value: &toml_edit::Value| {
        let text = value.as_str().ok_or_else(problem)?;
        text.parse().map_err(|error: T::Err| error.to_string())
    };
    item.as_array().ok_or_else(problem)?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Result<Vec<ConfiguredMirror>, String> {
        read(Path::new("r.toml"), text, &Document::parse(text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_table_is_a_module_with_its_schedule() {
        let text = "[[mirror]]\nmodule = \"buf.build/googleapis/googleapis\"\n\n[[mirror]]\nmodule = \"a:1/acme/pets\"\n\
                    every = \"30m\"\nfrom = \"http://127.0.0.1:1/\"\nlabels = [\"main\", \"next\"]\nwith = [\"members\"]\n";
        let two = tables(text).unwrap();
        assert_eq!((two[0].host.as_str(), two[0].every.as_secs(), two[0].labels.len()), ("buf.build", 21_600, 0));
        assert_eq!((two[1].host.as_str(), two[1].module.to_string()), ("a:1", "acme/pets".to_owned()));
        assert_eq!((two[1].from.as_deref(), two[1].labels.len()), (Some("http://127.0.0.1:1"), 2));
        assert_eq!((&two[0].parts[..], &two[1].parts[..]), (&[][..], &[MirrorPart::Members][..]));
        assert!(tables("workers = 2\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let refused =
            |rest: &str| tables(&format!("[[mirror]]\nmodule = \"buf.build/acme/pets\"\n{rest}")).unwrap_err();
        assert_eq!(refused("evry = \"1h\"\n"), "r.toml:3: [[mirror]]: unknown key \"evry\"; did you mean \"every\"?");
        assert!(refused("every = \"often\"\n").starts_with("r.toml:3: [[mirror]]: \"often\" is not a span"));
        assert!(refused("labels = \"main\"\n").contains("labels must be an array of strings"));
        assert!(
            refused("with = [\"roles\"]\n")
                .contains(":3: [[mirror]]: \"roles\" is not one of visibility, organization")
        );
        assert!(refused("from = 3\n").contains("from must be a string"));
        assert!(refused("[[mirror]]\nmodule = \"x/acme/pets\"\n").contains("acme/pets has a table already"));
        assert!(
            tables("[[mirror]]\nmodule = \"acme/pets\"\n").unwrap_err().contains("not of the form HOST/OWNER/MODULE")
        );
        assert!(tables("[[mirror]]\nevery = \"1h\"\n").unwrap_err().contains("it needs a module"));
        assert!(tables("mirror = 3\n").unwrap_err().contains("write one table [[mirror]] per module"));
    }
}
