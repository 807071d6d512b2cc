//! Remote generation: `buf generate` sends compiled sources and receives generated files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buffa::Message as _;
use bytes::Bytes;
use connectrpc::{RequestContext, ServiceRequest, ServiceResult};
use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};
use prost_types::compiler::code_generator_response::{self, File};
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};

use tokio::sync::OwnedSemaphorePermit;

use crate::model::{Insertion, KNOWN_EDITIONS, Plugin, PluginResponse};
use crate::publish::{GenerateError, RemoteCall, RemoteError};
use crate::serve::http::error::{Answer, Refusal};
use crate::wire::buf::alpha::image::v1::{Image, ImageFile};
use crate::wire::buf::alpha::registry::v1alpha1::{
    CodeGenerationService, GenerateCodeRequest, GenerateCodeResponse, PluginGenerationRequest, PluginGenerationResponse,
};

use super::plugin_curation::{RequestedPlugin, find};
use crate::serve::rpc::call::context::{Call, Rpc, answer, patience};

/// The most plugins of one request, as the BSR documents it.
const MOST_PLUGINS: usize = 20;

/// The time limit of one plugin.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// Field number of `proto_file` in `google.protobuf.compiler.CodeGeneratorRequest`.
const PROTO_FILE: u32 = 15;

/// `FEATURE_SUPPORTS_EDITIONS` of a `CodeGeneratorResponse`, and the numbers of its fields for the range.
const SUPPORTS_EDITIONS: u64 = 2;
const MINIMUM_EDITION: u32 = 3;
const MAXIMUM_EDITION: u32 = 4;

/// The number of the field that `buf` adds to a `FileDescriptorProto`, and that plugins must not see.
const BUF_EXTENSION: u32 = 8042;

impl CodeGenerationService for Rpc {
    async fn generate_code(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GenerateCodeRequest>,
    ) -> ServiceResult<GenerateCodeResponse> {
        answer(generate(self, &ctx, request.to_owned_message()).await)
    }
}

async fn generate(rpc: &Rpc, ctx: &RequestContext, request: GenerateCodeRequest) -> Answer<GenerateCodeResponse> {
    let call = rpc.reader(ctx)?;
    let (image, requests) = (request.image.into_option().unwrap_or_default(), request.requests);
    if requests.is_empty() || requests.len() > MOST_PLUGINS {
        let message = format!("the request names {} plugins; it must name 1 to {MOST_PLUGINS}", requests.len());
        return Err(Refusal::invalid(message));
    }
    let files = read(image)?;
    let defaults = (request.include_imports, request.include_well_known_types);
    let mut responses = vec![];
    let limit = patience(ctx, LONGEST_RUN);
    // Held until the last plugin is done, so that a request does not wait between its plugins. The work holds it too,
    // because it may run for a moment after the client has disconnected.
    let turn = tokio::time::timeout(limit, Arc::clone(&call.state.generating).acquire_owned());
    let turn = Arc::new(turn.await.map_err(|_| busy(limit))?.map_err(|error| Refusal::internal(&error))?);
    let over = StopOnDrop::default();
    for wanted in &requests {
        let plugin = plugin(&call, wanted)?;
        let imports = wanted.include_imports.unwrap_or(defaults.0);
        let well_known = wanted.include_well_known_types.unwrap_or(defaults.1);
        let request = encode(&files, imports, well_known, &wanted.options);
        let publisher = Arc::clone(&call.state.publisher);
        let knows_editions = !plugin.is_external();
        let (limit, is_over) = (patience(ctx, LONGEST_RUN), Arc::clone(&over.0));
        let remote = RemoteCall { limit, is_over, held: Arc::<OwnedSemaphorePermit>::clone(&turn) };
        let run = tokio::task::spawn_blocking(move || publisher.run_plugin(&plugin, request, &remote));
        let made = run.await.map_err(|error| Refusal::internal(&error))?.map_err(refusal)?;
        responses.push(PluginGenerationResponse { response: Some(response(made, knows_editions).into()) });
    }
    Ok(GenerateCodeResponse { responses })
}

/// Stops the work when dropped: with the response, or because the client has disconnected.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn busy(waited: Duration) -> Refusal {
    let seconds = waited.as_secs();
    Refusal::late(format!(
        "other requests kept all generators busy for {seconds} s; try again, or let the server's --workers allow more at a time"
    ))
}

fn plugin(call: &Call, request: &PluginGenerationRequest) -> Answer<Plugin> {
    let reference = &request.plugin_reference;
    let wanted = RequestedPlugin {
        owner: &reference.owner,
        name: &reference.name,
        version: &reference.version,
        revision: reference.revision,
    };
    find(call, &wanted).cloned()
}

/// `buf` ignores errors inside a response, so each becomes the error of the call.
fn refusal(error: RemoteError) -> Refusal {
    let text = error.to_string();
    match error {
        RemoteError::Generate(GenerateError::NotStarted { .. } | GenerateError::TimedOut { .. }) => {
            Refusal::unavailable(text)
        }
        RemoteError::Generate(_) => Refusal::unprocessable(text),
        RemoteError::Subprocess { source, .. } if source.is_final() => Refusal::unprocessable(text),
        RemoteError::Subprocess { .. } => Refusal::unavailable(text),
        RemoteError::Busy(_) | RemoteError::Late(_) => Refusal::late(text),
    }
}

/// One compiled file of a request.
struct CompiledFile {
    name: String,
    /// Whether it is in the request only because another file imports it.
    import: bool,
    /// Whether it is a well-known file, which every compiler includes.
    well_known: bool,
    /// The `FileDescriptorProto` as sent, byte for byte, without the field that `buf` added.
    encoded: Vec<u8>,
}

fn read(image: Image) -> Answer<Vec<CompiledFile>> {
    image.file.into_iter().map(|file| read_file(&file)).collect()
}

fn read_file(encoded: &Bytes) -> Answer<CompiledFile> {
    let file = ImageFile::decode_from_slice(encoded).map_err(|error| unreadable(&error))?;
    let extension = &file.buf_extension;
    Ok(CompiledFile {
        import: extension.is_import,
        well_known: file.name.starts_with("google/protobuf/") && extension.module_info.is_unset(),
        encoded: without(BUF_EXTENSION, encoded).map_err(|error| unreadable(&error))?,
        name: file.name,
    })
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::invalid(format!("a file of the image cannot be read: {error}"))
}

/// An encoded message without one of its fields. Decoding and encoding again would lose custom options.
fn without(field: u32, encoded: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    let mut kept = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while !rest.is_empty() {
        let start = rest;
        let (tag, wire) = decode_key(&mut rest)?;
        skip_field(wire, tag, &mut rest, DecodeContext::default())?;
        if tag != field {
            kept.extend_from_slice(&start[..start.len() - rest.len()]);
        }
    }
    Ok(kept)
}

/// The request that `protoc` would send to a plugin.
fn encode(files: &[CompiledFile], imports: bool, well_known: bool, options: &[String]) -> Vec<u8> {
    let wanted = |file: &&CompiledFile| !file.import || (imports && (well_known || !file.well_known));
    let head = CodeGeneratorRequest {
        file_to_generate: files.iter().filter(wanted).map(|file| file.name.clone()).collect(),
        parameter: Some(options.join(",")).filter(|parameter| !parameter.is_empty()),
        ..CodeGeneratorRequest::default()
    };
    let mut request = head.encode_to_vec();
    for file in files {
        encode_key(PROTO_FILE, WireType::LengthDelimited, &mut request);
        encode_varint(file.encoded.len() as u64, &mut request);
        request.extend_from_slice(&file.encoded);
    }
    request
}

/// The `CodeGeneratorResponse` of the plugin. The client has the files of all plugins, so it puts the insertions into
/// them. All plugins of this registry support optional fields of proto3, and those in it editions.
fn response(answer: PluginResponse, knows_editions: bool) -> Vec<u8> {
    let file = |(name, content)| File { name: Some(name), content: Some(content), ..File::default() };
    let insertion = |Insertion { name, point, content }| File { insertion_point: Some(point), ..file((name, content)) };
    let editions = if knows_editions { SUPPORTS_EDITIONS } else { 0 };
    let features = code_generator_response::Feature::Proto3Optional as u64 | editions;
    let response = CodeGeneratorResponse {
        error: None,
        supported_features: Some(features),
        file: answer.files.into_iter().map(file).chain(answer.insertions.into_iter().map(insertion)).collect(),
    };
    let mut encoded = response.encode_to_vec();
    if knows_editions {
        for (number, edition) in [(MINIMUM_EDITION, KNOWN_EDITIONS.start()), (MAXIMUM_EDITION, KNOWN_EDITIONS.end())] {
            encode_key(number, WireType::Varint, &mut encoded);
            encode_varint(edition.unsigned_abs().into(), &mut encoded);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind};

    /// An `ImageFile` with a field that no schema here knows.
    fn image_file(name: &str, extension: &[u8]) -> Bytes {
        let mut file = vec![0x0a, name.len() as u8];
        file.extend_from_slice(name.as_bytes());
        file.extend_from_slice(b"\x82\x7d\x03abc\xd2\xf6\x03");
        file.push(extension.len() as u8);
        file.extend_from_slice(extension);
        file.into()
    }

    fn files() -> Vec<CompiledFile> {
        let (own, imported): (&[u8], &[u8]) = (b"", b"\x08\x01");
        // Imported, and of a module: module_info is present.
        let of_module: &[u8] = b"\x08\x01\x12\x00";
        let file = [
            image_file("google/protobuf/any.proto", imported),
            image_file("google/protobuf/own.proto", of_module),
            image_file("a.proto", own),
        ];
        read(Image { file: file.into() }).unwrap()
    }

    fn generated_files(imports: bool, well_known: bool) -> Vec<String> {
        let request = encode(&files(), imports, well_known, &[]);
        CodeGeneratorRequest::decode(request.as_slice()).unwrap().file_to_generate
    }

    #[test]
    fn imports_are_generated_when_asked_for_and_well_known_types_when_asked_for_too() {
        assert_eq!(generated_files(false, true), ["a.proto"]);
        assert_eq!(generated_files(true, false), ["google/protobuf/own.proto", "a.proto"]);
        assert_eq!(generated_files(true, true).len(), 3);
    }

    #[test]
    fn plugins_see_every_option_but_nothing_of_buf() {
        let file = &files()[2];
        assert_eq!(file.encoded, b"\x0a\x07a.proto\x82\x7d\x03abc");
        let request = encode(&files(), false, false, &["a=1".into(), "b".into()]);
        let request = CodeGeneratorRequest::decode(request.as_slice()).unwrap();
        assert_eq!(request.parameter(), "a=1,b");
        assert_eq!(request.proto_file.len(), 3);
    }

    #[test]
    fn a_broken_image_is_the_clients_fault() {
        assert!(read(Image { file: vec![Bytes::from_static(b"\x0a\xff")] }).is_err());
    }

    /// A request for what a plugin makes of one message.
    fn ask(name: &str, option: &str) -> GenerateCodeRequest {
        use crate::wire::buf::alpha::registry::v1alpha1::CuratedPluginReference;

        let message = prost_types::DescriptorProto { name: Some("A".into()), ..Default::default() };
        let file = prost_types::FileDescriptorProto {
            name: Some("a.proto".into()),
            package: Some("a.v1".into()),
            syntax: Some("proto3".into()),
            message_type: vec![message],
            ..Default::default()
        };
        let image = Image { file: vec![file.encode_to_vec().into()] };
        let plugin = CuratedPluginReference { owner: "community".into(), name: name.into(), ..Default::default() };
        let options = vec![option.to_owned()];
        let request = PluginGenerationRequest { plugin_reference: plugin.into(), options, ..Default::default() };
        GenerateCodeRequest { image: image.into(), requests: vec![request], ..Default::default() }
    }

    fn reader(registry: &Registry) -> RequestContext {
        let token = registry.token(&registry.user("acme"), crate::model::Scope::Read);
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, token.reveal().parse().unwrap());
        RequestContext::new(headers)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_plugins_files_and_its_refusals_come_back() {
        let registry = Registry::new();
        let ctx = reader(&registry);
        let answer = generate(&registry.rpc, &ctx, ask("neoeinstein-prost", "bytes=.")).await.unwrap();
        let response = answer.responses[0].response.as_ref().unwrap();
        let response = CodeGeneratorResponse::decode(response.as_ref()).unwrap();
        assert_eq!(response.file[0].name(), "a/v1/a.v1.rs");
        assert!(response.file[0].content().contains("pub struct A"));
        let refused = generate(&registry.rpc, &ctx, ask("neoeinstein-prost", "no_such_option")).await;
        assert_eq!(kind(refused), Kind::Unprocessable);
        assert_eq!(kind(generate(&registry.rpc, &ctx, ask("nothing", "")).await), Kind::NotFound);
        assert_eq!(kind(generate(&registry.rpc, &ctx, GenerateCodeRequest::default()).await), Kind::Invalid);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_requests_run_at_a_time_than_there_are_workers() {
        let registry = Registry::new();
        let ctx = reader(&registry);
        let turns = &registry.state.generating;
        let all = turns.acquire_many(u32::try_from(turns.available_permits()).unwrap()).await.unwrap();
        let soon = std::time::Instant::now() + crate::serve::rpc::call::context::TIME_TO_ANSWER * 2;
        let hurried = ctx.clone().with_deadline(Some(soon));
        let refused = generate(&registry.rpc, &hurried, ask("neoeinstein-prost", "bytes=.")).await;
        let refusal = refused.err().unwrap();
        assert_eq!(refusal.kind, Kind::Late);
        assert!(refusal.message.contains("--workers"), "{}", refusal.message);
        drop(all);
        assert!(generate(&registry.rpc, &ctx, ask("neoeinstein-prost", "bytes=.")).await.is_ok());
    }
}
