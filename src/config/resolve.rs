//! Which of the four sources wins, and the record of it that `registry config` prints.

use std::collections::BTreeMap;

use super::ConfigError;
use super::file::ConfigFile;
use super::origin::Origin;
use super::settings_table::{Kind, Setting};

/// What stands in the place of a secret.
const HIDDEN: &str = "(hidden)";

/// A setting as it is in force.
#[derive(Debug, Clone)]
pub struct Effective {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its value or values as text; none if it is not set.
    pub texts: Vec<String>,
    /// Where the value came from.
    pub origin: Origin,
}

/// The flags of a command line: the values given, by the name of the setting.
pub type Flags = BTreeMap<&'static str, Vec<String>>;

/// The environment, read once, so that a test can pass its own. Empty variables count as absent.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process, without values that are not UTF-8.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Exactly these variables.
    #[must_use]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    /// Without the variables whose names begin so.
    #[must_use]
    pub fn without_prefix(mut self, prefix: &str) -> Self {
        self.0.retain(|name, _| !name.starts_with(prefix));
        self
    }

    /// The variable's value unless it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Resolves each setting and records the result.
pub(super) struct Resolver<'a> {
    pub(super) flags: &'a Flags,
    pub(super) env: &'a Environment,
    pub(super) file: Option<ConfigFile>,
    pub(super) effective: Vec<Effective>,
}

impl Resolver<'_> {
    /// The value of a setting that always has one.
    pub(super) fn one<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Result<T, String>,
        default: impl FnOnce() -> Result<String, ConfigError>,
    ) -> Result<T, ConfigError> {
        let (mut texts, origin) = self.pick(setting);
        if texts.is_empty() {
            texts.push(default()?);
        }
        let value = convert(setting, &origin, &texts[0], parse)?;
        self.effective.push(Effective { setting, texts, origin });
        Ok(value)
    }

    /// The value of a setting whose table entry holds its default.
    pub(super) fn plain<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        self.one(setting, parse, || Ok(String::new()))
    }

    /// The value of a setting that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let mut all = self.list(setting, parse)?;
        Ok(all.pop())
    }

    /// Like [`Resolver::optional`], for a value that may hold a secret: what is recorded is how it shows itself.
    pub(super) fn shown<T: std::fmt::Display>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let value = self.optional(setting, parse)?;
        if let (Some(value), Some(recorded)) = (&value, self.effective.last_mut()) {
            recorded.texts = vec![value.to_string()];
        }
        Ok(value)
    }

    /// The values of a list.
    pub(super) fn list<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ConfigError> {
        let (texts, origin) = self.pick(setting);
        let values: Result<_, _> = texts.iter().map(|text| convert(setting, &origin, text, &parse)).collect();
        let texts = match setting.kind {
            Kind::Secret => texts.iter().map(|_| HIDDEN.to_owned()).collect(),
            _ => texts,
        };
        self.effective.push(Effective { setting, texts, origin });
        values
    }

    fn pick(&self, setting: &'static Setting) -> (Vec<String>, Origin) {
        if let Some(texts) = self.flags.get(setting.name) {
            let texts = match setting.kind {
                Kind::List => texts.iter().flat_map(|text| split(setting, text)).collect(),
                _ => texts.clone(),
            };
            return (texts, Origin::Flag(setting.name));
        }
        if let Some(text) = self.env.get(setting.env) {
            return (split(setting, text), Origin::Environment(setting.env));
        }
        let in_file = self.file.as_ref().and_then(|file| Some((file, file.values.get(setting.name)?)));
        if let Some((file, value)) = in_file {
            return (value.texts.clone(), Origin::File { path: file.path.clone(), line: value.line });
        }
        (split(setting, setting.default), Origin::Default)
    }
}

fn split(setting: &Setting, text: &str) -> Vec<String> {
    match setting.kind {
        _ if text.is_empty() => Vec::new(),
        Kind::List => text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect(),
        _ => vec![text.to_owned()],
    }
}

fn convert<T>(
    setting: &Setting,
    origin: &Origin,
    text: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, ConfigError> {
    parse(text).map_err(|problem| ConfigError::Value { name: setting.name, origin: origin.clone(), problem })
}
