//! Requests that another program put together: they pass the same checks as our own.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use prost_types::compiler::CodeGeneratorRequest;

use super::Request;
use crate::generate::error::{GenerateError, unreadable};
use crate::generate::generator::Generator;
use crate::generate::options::Options;
use crate::generate::preflight;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin, ModuleName, Plugin};

/// Placeholder modules for the files to generate and for the others: such a request names no modules.
const WANTED: &str = "outside/wanted";
const OTHERS: &str = "outside/others";

/// Makes the checks that stand before every run of `generator`.
pub(in crate::generate) fn check(
    plugin: &Plugin,
    generator: &dyn Generator,
    encoded: &[u8],
) -> Result<(), GenerateError> {
    let unreadable = |reason| unreadable(plugin, reason);
    let request = CodeGeneratorRequest::decode(encoded).map_err(|error| unreadable(error.to_string()))?;
    let name = |text: &str| text.parse::<ModuleName>().map_err(|error| unreadable(error.to_string()));
    let (wanted, others) = (name(WANTED)?, name(OTHERS)?);
    let options = Options::read(plugin, request.parameter())?.texts();
    let generated: HashSet<String> = request.file_to_generate.into_iter().collect();
    let file = |proto: FileDescriptorProto| {
        let own = generated.contains(proto.name());
        let origin = FileOrigin::Module(if own { wanted.clone() } else { others.clone() });
        DescriptorFile { origin, encoded: Bytes::new(), proto: Arc::new(proto) }
    };
    let descriptors = DescriptorSet { files: request.proto_file.into_iter().map(file).collect() };
    let request = Request { descriptors: &descriptors, module: &wanted, externs: &[], options: &options };
    preflight::check(plugin, generator.extern_path_style(), &request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Catalogue, check_request};
    use crate::model::PluginRef;
    use crate::model::testing::set;

    fn refused(plugin: &str, source: &str) -> Option<String> {
        let request = CodeGeneratorRequest {
            file_to_generate: vec!["a.proto".into()],
            proto_file: set(&[("acme/app", "a.proto", source)])
                .files
                .iter()
                .map(|file| (*file.proto).clone())
                .collect(),
            ..Default::default()
        };
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&plugin.parse::<PluginRef>().unwrap()).unwrap();
        check_request(plugin, &request.encode_to_vec()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_would_never_end_is_refused_from_outside_too() {
        let levels = 1..=40;
        let level = |n: i32| format!("message M{n} {{ M{0} a = 1; M{0} b = 2; }}\n", n - 1);
        let doubling: String = levels.map(level).collect();
        let text =
            refused("community/neoeinstein-prost", &format!("package p; message M0 {{ int32 x = 1; }}\n{doubling}"));
        assert!(text.unwrap().contains("a.proto"));
        assert_eq!(refused("community/neoeinstein-prost", "package p; message M { int32 x = 1; }"), None);
    }

    #[test]
    fn bytes_that_are_no_request_are_refused() {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&"community/neoeinstein-prost".parse::<PluginRef>().unwrap()).unwrap();
        assert!(check_request(plugin, &[0x0a, 0xff]).is_err());
    }
}
