//! A Rust program that talks to the registry with a client that the registry itself generated from its own API.

use std::path::Path;

use crate::support::{Consumer, Pushed, Registry, run};

const MAIN: &str = r#"use acme_registry_api_prost::buf::registry::module::v1 as api;
use acme_registry_api_tonic::buf::registry::module::v1::tonic::commit_service_client::CommitServiceClient;
use acme_registry_api_tonic::registry::v1::tonic::sdk_service_client::SdkServiceClient;
use tonic::metadata::{Ascii, MetadataValue};

fn named(module: &str) -> api::ResourceRef {
    let name = api::resource_ref::Name { owner: "acme".into(), module: module.into(), child: None };
    api::ResourceRef { value: Some(api::resource_ref::Value::Name(name)) }
}

#[tokio::main]
async fn main() {
    let channel = tonic::transport::Endpoint::from_static("URL").connect().await.unwrap();
    let token: MetadataValue<Ascii> = "Bearer TOKEN".parse().unwrap();
    let with_token = move |mut request: tonic::Request<()>| {
        request.metadata_mut().insert("authorization", token.clone());
        Ok(request)
    };
    let mut commits = CommitServiceClient::with_interceptor(channel.clone(), with_token.clone());
    let found = commits.get_commits(api::GetCommitsRequest { resource_refs: vec![named("registry-api")] }).await.unwrap();
    println!("commit {}", found.into_inner().commits[0].id);
    let refused = commits.get_commits(api::GetCommitsRequest { resource_refs: vec![named("none")] }).await.unwrap_err();
    println!("refused {:?}: {}", refused.code(), refused.message());

    let mut sdks = SdkServiceClient::with_interceptor(channel, with_token);
    let module = acme_registry_api_prost::registry::v1::ModuleName { owner: "acme".into(), name: "registry-api".into() };
    let request = acme_registry_api_prost::registry::v1::ListSdksRequest { module: Some(module), ..Default::default() };
    println!("sdks {}", sdks.list_sdks(request).await.unwrap().into_inner().sdks.len());
}
"#;

#[test]
fn the_api_of_the_registry_is_a_crate_of_the_registry() {
    let registry = Registry::start();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/proto");
    let mut push = registry.command();
    push.arg("push").arg(schemas).args(["--module", "acme/registry-api", "--create", "--json"]);
    let pushed = Pushed::of(&run(&mut push).ok());
    let main = MAIN.replace("URL", &registry.url).replace("TOKEN", &registry.token);
    let consumer = Consumer::new(&registry).file("src/main.rs", &main);
    for (plugin, name) in [("prost", "acme_registry_api_prost"), ("tonic", "acme_registry_api_tonic")] {
        let sdk = &pushed.sdk(&format!("community/neoeinstein-{plugin}")).name;
        consumer.cargo(["add", "--quiet", "--registry", "buf", sdk, "--rename", name]).ok();
    }
    consumer.add_public("tonic", "").add_public("tokio", "macros,net,rt-multi-thread");
    consumer.build();
    let ran = consumer.run();
    assert_eq!(
        ran.stdout,
        format!("commit {}\nrefused NotFound: module acme/none is not in this registry\nsdks 2\n", pushed.commit),
        "{ran}"
    );
}
