//! The readers of plugins' requests and outputs, for `tests/fuzz`.

use prost::Message as _;
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};
use protoc_gen_prost::{Param, Params};

use super::Catalogue;
use super::options::{Options, PluginOption};
use super::request::plugin_request::PluginRequest;
use super::request::source_retention;
use super::response::read;
use crate::model::{Family, OptionKind, Plugin};

/// Encoded requests without source-retention options.
pub(crate) fn retention(data: &[u8]) {
    let readable = CodeGeneratorRequest::decode(data).is_ok();
    if let Ok(stripped) = source_retention::strip(data.to_vec()) {
        assert!(stripped.len() <= data.len() + data.len() / 2 + 64, "it only takes things out");
        assert!(
            !readable || CodeGeneratorRequest::decode(&stripped[..]).is_ok(),
            "what could be read cannot be any more"
        );
    }
}

/// Options of every plugin: what is accepted reads as itself, to the published plugins too, and none reads a file.
pub(crate) fn plugin_options(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(catalogue) = Catalogue::embedded() else { return };
    for plugin in catalogue.plugins() {
        let Ok(options) = Options::read(plugin, text) else { continue };
        let written = options.texts().join(",");
        assert!(Options::read(plugin, &written).is_ok_and(|again| again == options), "{written:?} reads otherwise");
        for option in options.iter() {
            let kind = plugin.known_options.get(option.name());
            assert!(kind.is_some_and(|kind| *kind != OptionKind::ReadsFile), "{written:?}");
        }
        let request = CodeGeneratorRequest { parameter: Some(text.to_owned()), ..Default::default() }.encode_to_vec();
        assert!(PluginRequest::new(plugin, request).is_ok_and(|request| *request.options() == options), "{text:?}");
        check_library(plugin, &options, &written);
    }
}

/// prost's plugins take the text apart with this.
fn check_library(plugin: &Plugin, options: &Options, written: &str) {
    if plugin.family != Family::Prost {
        return;
    }
    let Ok(theirs) = Params::from_protoc_plugin_opts(written) else { return };
    let theirs: Vec<Param<'_>> = theirs.into_iter().collect();
    assert_eq!(theirs.len(), options.len(), "{written:?} is {theirs:?}");
    for (ours, theirs) in options.iter().zip(&theirs) {
        let same = match theirs {
            Param::Parameter { param } => *param == ours.written(),
            Param::Value { param, value } => *param == ours.name() && ours.path().or(ours.value()) == Some(*value),
            Param::KeyValue { param, key, value } => {
                *param == ours.name() && ours.path() == Some(*key) && is_value(ours, value)
            }
        };
        assert!(same, "{ours:?} is {theirs:?}");
    }
}

/// Attributes are freed of escapes a second time, where they are used.
fn is_value(ours: &PluginOption, theirs: &str) -> bool {
    let again = theirs.replace(r"\,", ",").replace(r"\\", r"\");
    ours.value() == Some(theirs) || ours.value() == Some(again.as_str())
}

/// Answers of plugins that are programs: no file leads outside.
pub(crate) fn plugin_answer(data: &[u8]) {
    let Ok(answer) = CodeGeneratorResponse::decode(data) else { return };
    let Ok(answer) = read::read(answer.file) else { return };
    for name in answer.files.keys().chain(answer.insertions.iter().map(|insertion| &insertion.name)) {
        let inside = std::path::Path::new(name).components();
        assert!(inside.into_iter().all(|part| matches!(part, std::path::Component::Normal(_))), "{name:?}");
    }
}
