//! Options of plugins, and their only reader. Every option that a plugin gets was read here, is known to the plugin and
//! has the kind that the catalogue declares. It is formatted again, so that no text means one thing here and another to
//! the plugin.

pub(super) mod from_module_options;

use super::error::GenerateError;
use crate::model::{OptionKind, Plugin, check_attributes, nearest};

/// Most characters of an option in a message.
const SHOWN: usize = 200;

/// One option, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PluginOption {
    written: String,
    name: usize,
    path: Option<String>,
    value: Option<String>,
}

impl PluginOption {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.written[..self.name]
    }

    /// The path of Protobuf that it is about, if it is of a kind that has one.
    pub(super) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Its value, without escapes.
    pub(super) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// All of it, as plugins read it.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// Whether it turns something on.
    pub(super) fn is_on(&self) -> bool {
        matches!(self.value(), None | Some("true"))
    }
}

/// The options of one call of a plugin, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Options(Vec<PluginOption>);

impl std::ops::Deref for Options {
    type Target = [PluginOption];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Options {
    /// Reads options for `plugin`, written between commas.
    pub(super) fn read(plugin: &Plugin, parameter: &str) -> Result<Self, GenerateError> {
        let pieces =
            split(parameter).into_iter().map(|piece| piece.trim_matches(' ')).filter(|piece| !piece.is_empty());
        pieces.map(|piece| read(plugin, piece)).collect::<Result<_, _>>().map(Self)
    }

    /// Reads options for `plugin` from a list, as catalogues and files of configuration hold them.
    pub(super) fn read_list(plugin: &Plugin, list: &[String]) -> Result<Self, GenerateError> {
        let mut all = Self::default();
        for entry in list {
            let read = Self::read(plugin, entry)?;
            if read.len() > 1 {
                return Err(refused(plugin, entry, "it holds a comma; write one option per entry".to_owned()));
            }
            all.0.extend(read.0);
        }
        Ok(all)
    }

    /// Each as plugins read it.
    pub(super) fn texts(&self) -> Vec<String> {
        self.iter().map(|option| option.written.clone()).collect()
    }

    /// All of them, as plugins read them.
    pub(super) fn parameter(&self) -> String {
        self.iter().map(PluginOption::written).collect::<Vec<_>>().join(",")
    }
}

/// The pieces between commas that are not escaped by a backslash.
pub(super) fn split(parameter: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in parameter.bytes().enumerate() {
        if byte == b',' && !escaped {
            pieces.push(&parameter[start..at]);
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    pieces.push(&parameter[start..]);
    pieces
}

/// Reads one option: `name`, `name=value` or `name=path=value`, with nothing around it.
fn read(plugin: &Plugin, text: &str) -> Result<PluginOption, GenerateError> {
    let (name, rest) = text.split_once('=').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let why = |why: String| refused(plugin, text, why);
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if name.is_empty() {
        return Err(why("there is no name before the `=`; write name=value".to_owned()));
    }
    if name.trim_matches(odd) != name {
        return Err(why(format!("there is a blank or the like around its name; write {}", name.trim_matches(odd))));
    }
    let kind = kind_of(plugin, name)?;
    let (path, value) = match rest {
        _ if kind == OptionKind::ReadsFile => {
            return Err(why(
                "it reads a file of the machine that the plugin runs on, so it is not available in a registry; \
                            run the plugin as a local one, or leave the option out"
                    .to_owned(),
            ));
        }
        None if matches!(kind, OptionKind::Flag | OptionKind::Word | OptionKind::FileName | OptionKind::Any) => {
            (None, None)
        }
        None => return Err(why(format!("it needs a value, like {}", kind.example(name)))),
        Some(rest) => read_value(plugin, kind, rest)
            .map_err(|wrong| why(format!("{wrong}; write it like {}", kind.example(name))))?,
    };
    let written = match (kind, &path, &value) {
        (OptionKind::Any, ..) => text.to_owned(),
        (OptionKind::Attribute, Some(path), Some(value)) => format!("{name}={path}={}", escaped(value)),
        _ => [Some(name), path.as_deref(), value.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("="),
    };
    Ok(PluginOption { written, name: name.len(), path, value })
}

/// The kind of the option called `name`. A plugin without declared options interprets its options itself.
fn kind_of(plugin: &Plugin, name: &str) -> Result<OptionKind, GenerateError> {
    let known = &plugin.known_options;
    if known.is_empty() {
        return Ok(OptionKind::Any);
    }
    if let Some(kind) = known.get(name) {
        return Ok(*kind);
    }
    let hint = match nearest(name, known.keys().map(String::as_str)) {
        Some(nearest) => format!("; did you mean {nearest}?"),
        None => format!("; it knows {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    let option = shown(name).escape_debug().to_string();
    Err(GenerateError::UnknownOption { plugin: plugin.reference(), option: option.into(), hint: hint.into() })
}

type Parts = (Option<String>, Option<String>);

/// The part after the name, as a path and a value, or the problem with it.
fn read_value(plugin: &Plugin, kind: OptionKind, rest: &str) -> Result<Parts, String> {
    let path = |text: &str| only(text, "a path of Protobuf", |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let rust = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '#' | '<' | '>');
        only(text, "a path of Rust", is_part)
    };
    let pair = || rest.split_once('=').ok_or_else(|| format!("{rest:?} is not two things with a `=` between them"));
    Ok(match kind {
        OptionKind::Flag if matches!(rest, "true" | "false") => (None, Some(rest.to_owned())),
        OptionKind::Flag => return Err(format!("{rest:?} is neither true nor false")),
        OptionKind::Path => (Some(path(rest)?), None),
        OptionKind::RustPath => (None, Some(rust(rest)?)),
        OptionKind::Word => (None, Some(only(rest, "a word", is_in_word)?)),
        OptionKind::FileName => (None, Some(file_name(rest)?)),
        OptionKind::ExternPath => {
            let (before, behind) = pair()?;
            (Some(path(before)?), Some(rust(behind)?))
        }
        OptionKind::Attribute => {
            let (before, behind) = pair()?;
            let attributes = unescaped(behind);
            check_attributes(&attributes).map_err(|wrong| format!("{attributes:?} {wrong}"))?;
            (Some(path(before)?), Some(attributes))
        }
        // The plugin may not treat a backslash as an escape; then the text after the comma would be an unknown option.
        OptionKind::Any if rest.contains("\\,") && !plugin.known_options.is_empty() => {
            return Err("a comma behind a backslash cannot be passed to this plugin".to_owned());
        }
        OptionKind::Any if rest.contains(char::is_control) => {
            return Err(format!("{rest:?} is more than one line of text"));
        }
        OptionKind::Any | OptionKind::ReadsFile => (None, Some(rest.to_owned())),
    })
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-')
}

/// `text`, if all its characters are allowed and there are any.
fn only(text: &str, what: &str, allowed: impl Fn(char) -> bool) -> Result<String, String> {
    let fits = !text.is_empty() && text.chars().all(allowed);
    if fits { Ok(text.to_owned()) } else { Err(format!("{:?} is not {what}", shown(text))) }
}

fn file_name(text: &str) -> Result<String, String> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(is_in_word);
    let fits = text.split('/').all(is_part);
    if fits { Ok(text.to_owned()) } else { Err(format!("{:?} is not the name of a file to be made", shown(text))) }
}

/// Options are separated by commas, which attributes are full of. Prost's plugins take escapes off twice, which shows
/// where there are several backslashes.
pub(super) fn escaped(attribute: &str) -> String {
    let escape = |text: &str| text.replace('\\', r"\\").replace(',', r"\,");
    let once = escape(attribute);
    if unescaped(&once) == attribute { once } else { escape(&once) }
}

/// The value as prost's plugins read it.
fn unescaped(text: &str) -> String {
    let unescape = |text: &str| text.replace(r"\,", ",").replace(r"\\", r"\");
    unescape(&unescape(text))
}

fn shown(text: &str) -> &str {
    text.char_indices().nth(SHOWN).map_or(text, |(end, _)| &text[..end])
}

pub(super) fn refused(plugin: &Plugin, option: &str, why: String) -> GenerateError {
    let option = format!("{:?}", shown(option));
    GenerateError::Option { plugin: plugin.reference(), option: option.into(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;

    fn plugin(name: &str) -> Plugin {
        Catalogue::embedded().unwrap().find(&name.parse().unwrap()).unwrap().clone()
    }

    fn read(name: &str, parameter: &str) -> Result<String, String> {
        let options = Options::read(&plugin(name), parameter).map_err(|error| error.to_string())?;
        Ok(options.parameter())
    }

    const PROST: &str = "community/neoeinstein-prost:v0.4.0";

    #[test]
    fn an_unknown_option_names_the_plugin_and_the_nearest() {
        assert_eq!(
            read(PROST, "bytes=.,btreemap=.").unwrap_err(),
            "option btreemap is not known to plugin community/neoeinstein-prost:v0.4.0; did you mean btree_map?"
        );
        let error = read("community/neoeinstein-tonic", "zzz").unwrap_err();
        assert!(error.contains("; it knows client_attribute, "), "{error}");
        assert!(read("anthropics/buffa:v0.8.1", "idiomatic_field_names=true").is_err());
    }

    #[test]
    fn blanks_around_options_and_nothing_between_commas_are_left_out() {
        assert_eq!(read(PROST, "bytes=. , ,,btree_map=.a,").unwrap(), "bytes=.,btree_map=.a");
        let attribute = r"type_attribute=.a=#[derive(Eq\, Hash)],bytes=.";
        assert_eq!(read(PROST, attribute).unwrap(), attribute);
    }

    #[test]
    fn what_could_mean_two_things_is_refused_with_what_is_right() {
        let refused = |option: &str| {
            let error = read(PROST, option).unwrap_err();
            error
                .strip_prefix("plugin community/neoeinstein-prost:v0.4.0 cannot be given option ")
                .unwrap_or(&error)
                .to_owned()
        };
        assert_eq!(refused("=bytes=."), "\"=bytes=.\": there is no name before the `=`; write name=value");
        assert_eq!(refused("bytes =."), "\"bytes =.\": there is a blank or the like around its name; write bytes");
        assert_eq!(refused("\tbytes=."), "\"\\tbytes=.\": there is a blank or the like around its name; write bytes");
        assert_eq!(refused("bytes"), "\"bytes\": it needs a value, like bytes=.acme.pets.v1.Dog");
        assert_eq!(
            refused("bytes=.a\\,gen_crate=/x"),
            "\"bytes=.a\\\\,gen_crate=/x\": \".a\\\\,gen_crate=/x\" is not a path of Protobuf; write it like \
             bytes=.acme.pets.v1.Dog"
        );
        assert!(refused("file_descriptor_set=yes").contains("\"yes\" is neither true nor false"));
        assert!(refused("extern_path=.a").contains("\".a\" is not two things"));
        assert!(refused("extern_path=.a=include!(\"x\")").contains("is not a path of Rust"));
        assert!(refused("type_attribute=.=struct A;").contains("is not an attribute of Rust"));
        assert!(refused("default_package_filename=../a").contains("is not the name of a file"));
        let crates = read("community/neoeinstein-prost-crate", " gen_crate=/etc/passwd").unwrap_err();
        assert!(crates.contains("reads a file of the machine that the plugin runs on"), "{crates}");
    }

    #[test]
    fn attributes_come_out_of_the_plugin_as_they_went_in() {
        for attribute in [r"#[derive(Eq, Hash)]", r##"#[doc = "a\n\\b, \\, c"]"##, r##"#[doc = r"\\\\"]"##] {
            let written = format!("type_attribute=.a.B={}", escaped(attribute));
            let options = Options::read(&plugin(PROST), &written).unwrap();
            assert_eq!((options[0].path(), options[0].value()), (Some(".a.B"), Some(attribute)));
            assert_eq!(options.parameter(), written);
            // The library takes escapes off once, and once more where it uses the value.
            let theirs =
                protoc_gen_prost::Params::from_protoc_plugin_opts(&written).unwrap().into_iter().collect::<Vec<_>>();
            let [protoc_gen_prost::Param::KeyValue { param: "type_attribute", key: ".a.B", value }] = &theirs[..]
            else {
                panic!("{theirs:?}")
            };
            assert_eq!(value.replace(r"\,", ",").replace(r"\\", r"\"), attribute);
        }
    }

    #[test]
    fn of_a_program_the_names_are_known_and_no_escapes() {
        let mut program = plugin(PROST);
        program.known_options = [("prefix".to_owned(), OptionKind::Any)].into();
        let read = |program: &Plugin, text: &str| Options::read(program, text).map(|options| options.parameter());
        assert_eq!(read(&program, "prefix=a b=c , prefix").unwrap(), "prefix=a b=c,prefix");
        assert!(read(&program, "prefix=a\\,other=b").is_err());
        assert!(read(&program, "prefix=a\nb").is_err());
        program.known_options.clear();
        assert_eq!(read(&program, "Ma/b.proto=c\\,d, other").unwrap(), "Ma/b.proto=c\\,d,other");
        assert!(read(&program, "=a").is_err());
    }

    #[test]
    fn every_plugin_knows_the_options_of_the_catalogue() {
        for plugin in Catalogue::embedded().unwrap().plugins() {
            assert!(!plugin.known_options.is_empty(), "{}", plugin.reference());
            assert_eq!(Options::read_list(plugin, &plugin.options).unwrap().texts(), plugin.options);
        }
    }
}
