//! Other clients than `buf`: Connect, gRPC and gRPC-Web with binary messages and JSON, reflection and health, all on
//! the one port.

use connectrpc::client::{ClientConfig, HttpClient};
use connectrpc::{ErrorCode, Protocol};
use registry::wire::buf::registry::module::v1 as module;
use serde_json::json;

use crate::support::{Buf, Post, Registry};

fn config(registry: &Registry, protocol: Protocol) -> ClientConfig {
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {}", registry.token).parse().unwrap());
    ClientConfig::new(registry.url.parse().unwrap()).with_protocol(protocol).with_default_headers(headers)
}

fn named(name: &str) -> module::ModuleRef {
    let name = module::module_ref::Name { owner: "acme".into(), module: name.into() };
    module::ModuleRef { value: name.into() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn every_protocol_answers_and_refuses() {
    let registry = Registry::start();
    Buf::new(&registry).acme().common().push("common");
    block_on(async {
        for protocol in [Protocol::Connect, Protocol::Grpc, Protocol::GrpcWeb] {
            for json in [false, true] {
                let config = config(&registry, protocol);
                let config = if json { config.with_codec_format(connectrpc::CodecFormat::Json) } else { config };
                // gRPC is HTTP/2 from the first byte.
                let http = if protocol == Protocol::Grpc {
                    HttpClient::plaintext_http2_only()
                } else {
                    HttpClient::plaintext()
                };
                let client = module::ModuleServiceClient::new(http, config);
                let found = client.get_modules(module::GetModulesRequest { module_refs: vec![named("common")] }).await;
                let found = found.unwrap_or_else(|error| panic!("{protocol:?}, JSON {json}: {error}"));
                let found = found.into_owned();
                assert_eq!(found.modules[0].name, "common", "{protocol:?}");
                let refused = client.get_modules(module::GetModulesRequest { module_refs: vec![named("none")] }).await;
                let error = refused.err().unwrap();
                assert_eq!(error.code, ErrorCode::NotFound, "{protocol:?}: {error}");
                assert!(error.message.unwrap().contains("acme/none"));
            }
        }
    });
}

#[test]
fn json_is_spoken_to_those_who_write_it() {
    let registry = Registry::start();
    let id = Buf::new(&registry).acme().common().push("common");
    let request = json!({ "resourceRefs": [{ "name": { "owner": "acme", "module": "common", "ref": "main" } }] });
    let reply = Post::json(&registry, "buf.registry.module.v1.CommitService/GetCommits", &request).send();
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.json()["commits"][0]["id"], *id);
}

#[test]
fn an_error_of_grpc_is_in_its_headers_whatever_refuses() {
    let registry = Registry::with(|options| {
        options.flag("max-body-bytes", "64KiB");
    });
    let post = Post::to(&registry, "buf.registry.module.v1.UploadService/Upload");
    let reply = post.header("content-type", "application/grpc").body(vec![0; 70_000]).send();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("grpc-status"), "8");
}

#[test]
fn health_is_told_without_a_token() {
    let registry = Registry::start();
    let check = |service: &str| {
        let post = Post::json(&registry, "grpc.health.v1.Health/Check", &json!({ "service": service }));
        post.without("authorization").send()
    };
    assert_eq!(check("").json()["status"], "SERVING");
    assert_eq!(check("buf.registry.module.v1.UploadService").json()["status"], "SERVING");
    assert_eq!(check("grpc.health.v1.Health").json()["status"], "SERVING");
    check("no.such.Service").refuses("not_found", "no.such.Service");
    // Whoever has no token sends no more than a name.
    assert_eq!(check(&"x".repeat(20_000)).json()["code"], "resource_exhausted");
}

#[test]
fn schemas_are_told_to_those_who_ask() {
    let registry = Registry::start();
    let buf = Buf::with_token(&registry, None);
    // `buf curl` finds the schema by reflection; plain HTTP/2, because reflection is a stream.
    let listed =
        buf.run(["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--list-services", "http://HOST"]).ok();
    for service in ["buf.registry.module.v1.ModuleService", "registry.v1.SdkService", "grpc.health.v1.Health"] {
        assert!(listed.stdout.contains(service), "{service} is missing:\n{listed}");
    }
    let token = format!("authorization: Bearer {}", registry.token);
    let url = "http://HOST/buf.registry.owner.v1.UserService/GetCurrentUser";
    for protocol in ["grpc", "grpcweb", "connect"] {
        let call = ["curl", "--http2-prior-knowledge", "--protocol", protocol, "--header", &token, "--data", "{}", url];
        let user = buf.run(call).ok().json();
        assert_eq!(user["user"]["name"], *registry.user, "{protocol}: {user}");
    }
    // The services that every gRPC server has are described as the others are.
    let health = "http://HOST/grpc.health.v1.Health/Check";
    let call = ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--data", "{}", health];
    assert_eq!(buf.run(call).ok().json()["status"], "SERVING");
}
