//! Compressed requests of every protocol and codec, over HTTP/1.1 and HTTP/2: read when they are sound, and not unpacked
//! when they are bombs.

use connectrpc::client::{ClientConfig, HttpClient};
use connectrpc::{CodecFormat, ErrorCode, Protocol};
use registry::wire::buf::registry::module::v1 as module;

use crate::support::{Buf, Post, Registry, framed};

const GET_MODULES: &str = "buf.registry.module.v1.ModuleService/GetModules";

/// A way to talk: its name, and a client that talks so and compresses what it sends.
type Way = (String, module::ModuleServiceClient<HttpClient>);

/// Every protocol, codec and version of HTTP that go together.
fn ways(registry: &Registry) -> Vec<Way> {
    let mut ways = vec![];
    for protocol in [Protocol::Connect, Protocol::GrpcWeb, Protocol::Grpc] {
        for codec in [CodecFormat::Proto, CodecFormat::Json] {
            for http2 in [false, true] {
                // gRPC is HTTP/2 from the first byte.
                if protocol == Protocol::Grpc && !http2 {
                    continue;
                }
                let http = if http2 { HttpClient::plaintext_http2_only() } else { HttpClient::plaintext() };
                let mut headers = http::HeaderMap::new();
                headers.insert("authorization", format!("Bearer {}", registry.token).parse().unwrap());
                let config = ClientConfig::new(registry.url.parse().unwrap()).with_protocol(protocol);
                let config = config.with_default_headers(headers).with_codec_format(codec).compress_requests("gzip");
                let name = format!("{protocol:?}, {codec:?}, HTTP/2 {http2}");
                ways.push((name, module::ModuleServiceClient::new(http, config)));
            }
        }
    }
    ways
}

fn request(name: &str, times: usize) -> module::GetModulesRequest {
    let name = module::module_ref::Name { owner: "acme".into(), module: name.into() };
    module::GetModulesRequest { module_refs: vec![module::ModuleRef { value: name.into() }; times] }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn small() -> Registry {
    Registry::with(|options| {
        options.flag("max-body-bytes", "1MiB");
    })
}

#[test]
fn what_is_compressed_is_read_in_every_protocol() {
    let registry = Registry::start();
    Buf::new(&registry).acme().common().push("common");
    block_on(async {
        for (way, client) in ways(&registry) {
            let found = client.get_modules(request("common", 250)).await;
            let found = found.unwrap_or_else(|error| panic!("{way}: {error}"));
            assert_eq!(found.into_owned().modules.len(), 250, "{way}");
        }
    });
}

#[test]
fn what_unpacks_to_too_much_is_not_unpacked_and_hears_of_the_flag() {
    let registry = small();
    let bomb = " ".repeat(16 << 20);
    block_on(async {
        for (way, client) in ways(&registry) {
            let error = client.get_modules(request(&bomb, 1)).await.err().unwrap();
            assert_eq!(error.code, ErrorCode::ResourceExhausted, "{way}: {error}");
            let message = error.message.unwrap_or_default();
            assert!(message.contains("1048576") && message.contains("--max-body-bytes"), "{way}: {message}");
        }
    });
    registry.is_well();
}

#[test]
fn frames_that_say_what_is_not_so_are_refused() {
    let registry = small();
    let send = |body: Vec<u8>, encoding: &str| {
        let post = Post::to(&registry, GET_MODULES).header("content-type", "application/grpc-web+proto");
        post.header("grpc-encoding", encoding).body(body).send().grpc_status()
    };
    // Longer than what comes, and than anything that may come; not compressed; cut off; nothing at all.
    for (body, encoding) in [
        (framed(false, 100, b"abc"), "identity"),
        (framed(false, u32::MAX, b"abc"), "identity"),
        (framed(true, 3, b"abc"), "gzip"),
        (framed(true, 4, b"\x1f\x8b\x08\x00"), "gzip"),
        (vec![0, 0], "identity"),
    ] {
        assert_eq!(send(body.clone(), encoding), "3", "{body:?}");
    }
    assert_eq!(send(framed(true, 3, b"abc"), "snappy"), "12");
    registry.is_well();
}

#[test]
fn a_refusal_before_the_body_speaks_the_protocol_of_the_request() {
    let registry = small();
    for kind in ["application/grpc-web+proto", "application/grpc-web+json", "application/grpc+proto"] {
        let post = Post::to(&registry, GET_MODULES).header("content-type", kind);
        let answer = post.body(vec![0; 2 << 20]).send();
        assert_eq!((answer.status, answer.header("grpc-status")), (200, "8"), "{kind}");
        assert_eq!(answer.header("content-type"), kind);
        assert!(answer.header("grpc-message").contains("--max-body-bytes"), "{}", answer.header("grpc-message"));
    }
}
