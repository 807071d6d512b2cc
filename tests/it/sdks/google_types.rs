//! Modules that depend on Google's common types have crates of buffa and Connect, though buffa's runtime has some of
//! the well-known types without JSON.

use crate::support::{Consumer, Module, Registry, googleapis, run};

const CATALOG: &str = r#"syntax = "proto3";
package acme.catalog.v1;
import "google/api/service.proto";
import "google/protobuf/type.proto";
import "google/type/money.proto";
message Entry {
  google.api.Service service = 1;
  repeated google.protobuf.Field fields = 2;
  google.type.Money price = 3;
}
service Catalog {
  rpc Describe(Entry) returns (google.protobuf.Type);
}
"#;

/// A module that holds Google's messages and is sent a well-known type, and one that depends on it.
fn push(registry: &Registry) {
    let push = |directory: &std::path::Path, module: &str| {
        let mut push = registry.command();
        run(push.arg("push").arg(directory).args(["--create", "--module", module])).ok();
    };
    push(&googleapis(), "googleapis/googleapis");
    let catalog = Module::new("acme/catalog")
        .file("buf.yaml", "version: v2\ndeps: [localhost/googleapis/googleapis]\n")
        .file("acme/catalog/v1/catalog.proto", CATALOG);
    push(catalog.directory(), "acme/catalog");
    let shop = "syntax = \"proto3\"; package acme.shop.v1; import \"acme/catalog/v1/catalog.proto\";
        message Shop { map<string, acme.catalog.v1.Entry> entries = 1; }";
    let shop = Module::new("acme/shop")
        .file("buf.yaml", "version: v2\ndeps: [localhost/acme/catalog]\n")
        .file("acme/shop/v1/shop.proto", shop);
    push(shop.directory(), "acme/shop");
}

const MAIN: &str = r#"#![allow(refining_impl_trait)]

use acme_catalog_anthropics_buffa as catalog;
use acme_catalog_connectrpc_rust as stubs;
use acme_shop_anthropics_buffa as shop;
use buffa::Message;
use catalog::acme::catalog::v1::Entry;
use connectrpc::{RequestContext, Response, Router, ServiceRequest, ServiceResult};
use googleapis_googleapis_anthropics_buffa::google;
use std::sync::Arc;

struct Described;

impl stubs::acme::catalog::v1::Catalog for Described {
    async fn describe(
        &self,
        _: RequestContext,
        request: ServiceRequest<'_, Entry>,
    ) -> ServiceResult<catalog::google::protobuf::Type> {
        let fields = request.to_owned_message().fields;
        Response::ok(catalog::google::protobuf::Type { fields, ..Default::default() })
    }
}

fn main() {
    let method = google::protobuf::Method { name: "Get".into(), ..Default::default() };
    let api = google::protobuf::Api { name: "pets".into(), methods: vec![method], ..Default::default() };
    let service = google::api::Service { apis: vec![api], ..Default::default() };
    let field = catalog::google::protobuf::Field { number: 7, json_name: "tail".into(), ..Default::default() };
    let price = google::r#type::Money { units: 3, ..Default::default() };
    let entry = Entry { service: service.into(), fields: vec![field], price: price.into(), ..Default::default() };
    let shop =
        shop::acme::shop::v1::Shop { entries: [("dog".to_owned(), entry)].into_iter().collect(), ..Default::default() };
    let decoded = shop::acme::shop::v1::Shop::decode_from_slice(&shop.encode_to_vec()).unwrap();
    let text = serde_json::to_string(&decoded).unwrap();
    println!("{text}");
    assert!(serde_json::from_str::<shop::acme::shop::v1::Shop>(&text).unwrap() == shop);
    let _ = stubs::acme::catalog::v1::CatalogExt::register(Arc::new(Described), Router::new());
}
"#;

#[test]
fn modules_on_google_s_common_types_have_json_and_services() {
    let registry = Registry::start();
    push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", MAIN);
    let crates = [
        "googleapis_googleapis_anthropics_buffa",
        "googleapis_googleapis_connectrpc_rust",
        "acme_catalog_anthropics_buffa",
        "acme_catalog_connectrpc_rust",
        "acme_shop_anthropics_buffa",
    ];
    crates.iter().for_each(|name| _ = consumer.add(name));
    consumer.add_public("connectrpc", "server").add_public("serde_json", "");
    consumer.cargo(["add", "--quiet", "buffa@0.9"]).ok();
    consumer.build();
    assert_eq!(
        consumer.run().stdout,
        r#"{"entries":{"dog":{"service":{"apis":[{"name":"pets","methods":[{"name":"Get"}]}]},"#.to_owned()
            + r#""fields":[{"number":7,"jsonName":"tail"}],"price":{"units":"3"}}}}"#
            + "\n"
    );
}

#[test]
fn the_readme_names_the_well_known_types_that_a_crate_has_itself() {
    let registry = Registry::start();
    push(&registry);
    let consumer = Consumer::new(&registry);
    consumer.add("acme_catalog_anthropics_buffa").cargo(["fetch", "--quiet"]).ok();
    let sources = std::fs::read_dir(consumer.path("home/registry/src")).unwrap().map(|entry| entry.unwrap().path());
    let mut crates = sources.flat_map(|source| std::fs::read_dir(source).unwrap()).map(|entry| entry.unwrap().path());
    let source = crates.find(|path| path.to_str().unwrap().contains("acme_catalog")).unwrap();
    let text = std::fs::read_to_string(source.join("README.md")).unwrap();
    let line = text.lines().find(|line| line.starts_with("- Well-known types")).unwrap();
    assert_eq!(
        line,
        "- Well-known types: those of `buffa-types`, but for `google.protobuf.SourceContext`, `google.protobuf.Type`, \
         `google.protobuf.Field`, `google.protobuf.Enum`, `google.protobuf.EnumValue`, `google.protobuf.Option`, \
         which have no JSON there: this crate has its own"
    );
}
