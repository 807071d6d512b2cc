//! Options of plugins by name: one that a plugin does not know is refused before it runs, with the nearest that it
//! does, because plugins say little more than "invalid".

use super::GenerateError;
use super::plugins::parameter;
use crate::model::{Plugin, nearest};

/// Sees to it that `plugin` knows every option of an encoded `CodeGeneratorRequest`. Of a plugin whose options the
/// catalogue does not list, all pass.
///
/// # Errors
/// When there is one that it does not know.
pub fn check_options(plugin: &Plugin, request: &[u8]) -> Result<(), GenerateError> {
    if plugin.known_options.is_empty() {
        return Ok(());
    }
    // A request that cannot be read is the plugin's to refuse.
    let parameter = parameter(request).unwrap_or_default();
    split(&parameter).into_iter().try_for_each(|option| check(plugin, option))
}

/// Sees to it that `plugin` knows an option, written `name`, `name=value` or `name=path=value`.
pub(super) fn check(plugin: &Plugin, option: &str) -> Result<(), GenerateError> {
    let name = option.split('=').next().unwrap_or_default().trim();
    let known = &plugin.known_options;
    if name.is_empty() || known.is_empty() || known.iter().any(|known| known == name) {
        return Ok(());
    }
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => format!("; did you mean {nearest}?"),
        None => format!("; it knows {}", known.join(", ")),
    };
    Err(GenerateError::UnknownOption { plugin: plugin.reference(), option: name.into(), hint: hint.into() })
}

/// The options in a parameter: between commas, but for those behind a backslash.
pub(super) fn split(parameter: &str) -> Vec<&str> {
    let mut options = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in parameter.bytes().enumerate() {
        if byte == b',' && !escaped {
            options.push(&parameter[start..at]);
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    options.push(&parameter[start..]);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;

    fn checked(plugin: &str, parameter: &str) -> Result<(), String> {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&plugin.parse().unwrap()).unwrap();
        let request = super::super::request::encode(&[], &[parameter], &[]);
        check_options(plugin, &request).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_option_names_the_plugin_and_the_nearest() {
        let error = checked("community/neoeinstein-prost:v0.4.0", "bytes=.,btreemap=.").unwrap_err();
        assert_eq!(
            error,
            "option btreemap is not known to plugin community/neoeinstein-prost:v0.4.0; did you mean btree_map?"
        );
        let error = checked("community/neoeinstein-tonic", "zzz").unwrap_err();
        assert!(error.contains("; it knows client_attribute, "), "{error}");
        assert!(checked("anthropics/buffa:v0.8.1", "idiomatic_field_names=true").is_err());
    }

    #[test]
    fn a_comma_in_an_attribute_starts_no_option() {
        assert_eq!(checked("community/neoeinstein-prost", r"type_attribute=.a=#[derive(Eq\, Hash)],,bytes=."), Ok(()));
        assert_eq!(split(r"a\\,b\,c"), [r"a\\", r"b\,c"]);
    }

    #[test]
    fn every_plugin_knows_the_options_of_the_catalogue() {
        for plugin in Catalogue::embedded().unwrap().plugins() {
            assert!(!plugin.known_options.is_empty(), "{}", plugin.reference());
            plugin.options.iter().for_each(|option| check(plugin, option).unwrap());
        }
    }
}
