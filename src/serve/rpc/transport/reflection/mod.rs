//! Server reflection of gRPC: serves the schemas of this registry's own RPCs to clients that do not have them.

mod schemas;

use std::sync::{Arc, LazyLock};

use connectrpc::{
    ConnectError, InboundStream, RequestContext, Response, Router, ServiceResult, ServiceStream, StreamMessage,
    view_bidi_streaming_handler_fn,
};
use futures_util::StreamExt as _;
use prost::DecodeError;

use crate::wire::FILE_DESCRIPTOR_SET;
use crate::wire::grpc::reflection::v1::__buffa::oneof::server_reflection_request::MessageRequest;
use crate::wire::grpc::reflection::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServerReflection,
    ServerReflectionExt as _, ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};

use schemas::Schemas;

/// The service's name before it was stable, with the same messages. Some clients use only this name.
const ALPHA: &str = "grpc.reflection.v1alpha.ServerReflection";

/// The status code `NOT_FOUND` of gRPC.
const NOT_FOUND: i32 = 5;

/// Read for the first client, because most servers never need them.
static SCHEMAS: LazyLock<Result<Schemas, DecodeError>> = LazyLock::new(|| Schemas::read(FILE_DESCRIPTOR_SET));

/// Adds server reflection to `router`.
pub(super) fn install(router: Router) -> Router {
    let router = Arc::new(Reflection).register(router);
    let answer = |ctx, requests| async move {
        let requests = connectrpc::dispatcher::codegen::into_stream_messages(requests);
        Reflection.server_reflection_info(ctx, requests).await
    };
    router.route_view_bidi_stream::<_, _, ServerReflectionResponse>(
        ALPHA,
        "ServerReflectionInfo",
        view_bidi_streaming_handler_fn(answer),
    )
}

struct Reflection;

impl ServerReflection for Reflection {
    async fn server_reflection_info(
        &self,
        _ctx: RequestContext,
        requests: InboundStream<ServerReflectionRequest>,
    ) -> ServiceResult<ServiceStream<ServerReflectionResponse>> {
        // A fault of this build, which a test would have found. The other services work without the schemas.
        let unreadable = |error: &DecodeError| ConnectError::internal(format!("the schemas cannot be read: {error}"));
        let schemas = SCHEMAS.as_ref().map_err(unreadable)?;
        let respond = move |request: Result<StreamMessage<ServerReflectionRequest>, ConnectError>| {
            response(schemas, request?.to_owned_message())
        };
        Response::stream_ok(requests.map(respond))
    }
}

/// The response to one request. An unknown name is an error inside the response; only an empty request ends the stream.
fn response(schemas: &Schemas, request: ServerReflectionRequest) -> Result<ServerReflectionResponse, ConnectError> {
    let missing = |what: String| ErrorResponse { error_code: NOT_FOUND, error_message: what };
    let files = |found: Option<Vec<_>>, what: &dyn Fn() -> String| match found {
        Some(file_descriptor_proto) => FileDescriptorResponse { file_descriptor_proto }.into(),
        None => missing(what()).into(),
    };
    let Some(question) = &request.message_request else {
        return Err(ConnectError::invalid_argument("the reflection request has no message_request"));
    };
    let message_response = match question {
        MessageRequest::FileByFilename(name) => files(schemas.file(name), &|| format!("there is no file {name} here")),
        MessageRequest::FileContainingSymbol(symbol) => {
            files(schemas.file_of_symbol(symbol), &|| format!("there is no symbol {symbol} here"))
        }
        MessageRequest::FileContainingExtension(extension) => {
            let (message, number) = (&extension.containing_type, extension.extension_number);
            files(schemas.file_of_extension(message, number), &|| format!("{message} has no extension {number} here"))
        }
        MessageRequest::AllExtensionNumbersOfType(message) => match schemas.extension_numbers(message) {
            Some(extension_number) => {
                ExtensionNumberResponse { base_type_name: message.clone(), extension_number }.into()
            }
            None => missing(format!("there is no message {message} here")).into(),
        },
        MessageRequest::ListServices(_) => {
            let service = schemas.services().iter().map(|name| ServiceResponse { name: name.clone() }).collect();
            ListServiceResponse { service }.into()
        }
    };
    Ok(ServerReflectionResponse {
        valid_host: request.host.clone(),
        original_request: request.into(),
        message_response: Some(message_response),
    })
}
