//! Module options (`registry.yaml`) become options of a plugin.

use super::{Options, escaped, refused};
use crate::generate::error::GenerateError;
use crate::model::{ModuleOptions, Plugin, PluginOptions};

/// The option with the crates of other modules' types.
const EXTERN_PATH: &str = "extern_path";

/// `plugin` as it is to run for a module with these options: the module's options follow the plugin's own, or replace
/// them.
///
/// # Errors
/// When an option is not known to the plugin. Stubs build on the messages of another plugin, so options for messages are
/// left out for them.
pub fn with_module_options(plugin: &Plugin, module_options: &ModuleOptions) -> Result<Plugin, GenerateError> {
    let mut plugin = plugin.clone();
    let pair = |(path, attribute): &(String, String)| format!("{path}={}", escaped(attribute));
    if let Some(paths) = &module_options.bytes {
        plugin.options.retain(|option| !option.starts_with("bytes="));
        add(&mut plugin, "bytes", paths.clone())?;
    }
    add(&mut plugin, "btree_map", module_options.btree_map.clone().unwrap_or_default())?;
    add(&mut plugin, "type_attribute", module_options.type_attribute.iter().map(pair).collect())?;
    add(&mut plugin, "field_attribute", module_options.field_attribute.iter().map(pair).collect())?;
    for PluginOptions { plugin: named, options: more } in &module_options.options {
        let reference = &named.value;
        if reference.name == plugin.name && reference.version.is_none_or(|version| version == plugin.version) {
            let read = Options::read_list(&plugin, more)?;
            if let Some(option) = read.iter().find(|option| option.name() == EXTERN_PATH) {
                let why = "where other modules' types are is known here; leave it out".to_owned();
                return Err(refused(&plugin, option.written(), why));
            }
            plugin.options.extend(read.texts());
        }
    }
    Ok(plugin)
}

fn add(plugin: &mut Plugin, name: &'static str, values: Vec<String>) -> Result<(), GenerateError> {
    if plugin.known_options.contains_key(name) {
        plugin.options.extend(values.into_iter().map(|value| format!("{name}={value}")));
        return Ok(());
    }
    if values.is_empty() || !plugin.dependencies.is_empty() {
        return Ok(());
    }
    Err(GenerateError::UnknownModuleOption { plugin: plugin.reference(), option: name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::model::Located;

    fn asked(plugin: &str, module_options: &ModuleOptions) -> Result<Vec<String>, String> {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&plugin.parse().unwrap()).unwrap();
        with_module_options(plugin, module_options).map(|plugin| plugin.options).map_err(|error| error.to_string())
    }

    const PROST: &str = "community/neoeinstein-prost:v0.5.0";

    #[test]
    fn module_options_become_options_of_the_plugin_that_makes_messages() {
        let module_options = ModuleOptions {
            bytes: Some(vec![".a.B".into()]),
            btree_map: Some(vec![".".into()]),
            type_attribute: vec![(".a".into(), r"#[doc = r\n] #[derive(Eq, Hash)]".into())],
            ..ModuleOptions::default()
        };
        assert_eq!(
            asked(PROST, &module_options).unwrap(),
            [
                "file_descriptor_set",
                "flat_output_dir",
                "bytes=.a.B",
                "btree_map=.",
                r"type_attribute=.a=#[doc = r\\n] #[derive(Eq\, Hash)]"
            ]
        );
        let tonic = asked("community/neoeinstein-tonic", &module_options).unwrap();
        assert_eq!(tonic, asked("community/neoeinstein-tonic", &ModuleOptions::default()).unwrap());
        let error = asked("anthropics/buffa:v0.9.2", &module_options).unwrap_err();
        assert!(error.starts_with("registry.yaml sets bytes, which plugin anthropics/buffa:v0.9.2 does"), "{error}");
        // No field of type `Bytes`, which buffa has none of anyway.
        let none = ModuleOptions { bytes: Some(vec![]), ..ModuleOptions::default() };
        assert!(asked("anthropics/buffa", &none).is_ok());
        assert!(!asked(PROST, &none).unwrap().iter().any(|option| option.starts_with("bytes")));
    }

    #[test]
    fn options_of_one_plugin_are_its_own_and_known() {
        let module_options = |plugin: &str, option: &str| {
            let plugin = Located { value: plugin.parse().unwrap(), line: 1 };
            let options = vec![PluginOptions { plugin, options: vec![option.to_owned()] }];
            ModuleOptions { options, ..ModuleOptions::default() }
        };
        let named = module_options("community/neoeinstein-prost", "enable_type_names");
        assert!(asked(PROST, &named).unwrap().contains(&"enable_type_names".to_owned()));
        assert!(!asked("local/prost-serde", &named).unwrap().contains(&"enable_type_names".to_owned()));
        let other = module_options("community/neoeinstein-prost:v0.4.0", "enable_type_names");
        assert!(!asked(PROST, &other).unwrap().contains(&"enable_type_names".to_owned()));
        let error = asked(PROST, &module_options("community/neoeinstein-prost", "enable_type_name")).unwrap_err();
        assert!(error.ends_with("did you mean enable_type_names?"), "{error}");
        for extern_path in [" extern_path=.a=::b", "extern_path=.a=::b "] {
            let error = asked(PROST, &module_options("community/neoeinstein-prost", extern_path)).unwrap_err();
            assert!(error.contains("where other modules' types are is known here"), "{error}");
        }
        let error = asked(PROST, &module_options("community/neoeinstein-prost", "bytes=.a,btree_map=.b")).unwrap_err();
        assert!(error.contains("it holds a comma; write one option per entry"), "{error}");
        assert!(
            asked(PROST, &module_options("community/neoeinstein-prost", r"type_attribute=.=#[derive(Eq\, Hash)]"))
                .is_ok()
        );
        let tonic = "community/neoeinstein-tonic:v0.5.0";
        assert!(
            asked(tonic, &module_options(tonic, "=no_include"))
                .unwrap_err()
                .contains("there is no name before the `=`")
        );
    }
}
