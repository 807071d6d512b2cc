//! Clients of API v1beta1, which have schemas of their own, get the answers of v1, with the digest that they ask for.

use serde_json::{Value, json};

use crate::support::{Buf, Registry};

/// The part of the public schemas that the test reads, with messages of v1beta1 only.
const SCHEMA: &str = r#"syntax = "proto3";
package buf.registry.module.v1beta1;
service ModuleService {
  rpc GetModules(GetModulesRequest) returns (GetModulesResponse);
}
service LabelService {
  rpc GetLabels(GetLabelsRequest) returns (GetLabelsResponse);
  rpc ListLabelHistory(ListLabelHistoryRequest) returns (ListLabelHistoryResponse);
}
service ResourceService {
  rpc GetResources(GetResourcesRequest) returns (GetResourcesResponse);
}
message ModuleRef {
  message Name { string owner = 1; string module = 2; }
  oneof value { string id = 1; Name name = 2; }
}
message Module { string id = 1; string name = 4; string default_label_name = 10; }
message GetModulesRequest { repeated ModuleRef module_refs = 1; }
message GetModulesResponse { repeated Module modules = 1; }
message LabelRef {
  message Name { string owner = 1; string module = 2; string label = 3; }
  oneof value { string id = 1; Name name = 2; }
}
message Label { string id = 1; string name = 5; string commit_id = 8; }
message GetLabelsRequest { repeated LabelRef label_refs = 1; }
message GetLabelsResponse { repeated Label labels = 1; }
enum DigestType { DIGEST_TYPE_UNSPECIFIED = 0; DIGEST_TYPE_B4 = 1; DIGEST_TYPE_B5 = 2; }
message Digest { DigestType type = 1; bytes value = 2; }
message Commit { string id = 1; Digest digest = 5; }
message ListLabelHistoryRequest {
  uint32 page_size = 1;
  LabelRef label_ref = 3;
  DigestType digest_type = 5;
  string start_commit_id = 7;
}
message ListLabelHistoryResponse {
  message Value { Commit commit = 1; }
  string next_page_token = 1;
  repeated Value values = 2;
}
message ResourceRef {
  message Name { string owner = 1; string module = 2; oneof child { string label_name = 3; string ref = 4; } }
  oneof value { string id = 1; Name name = 2; }
}
message Resource { oneof value { Module module = 1; Label label = 2; Commit commit = 3; } }
message GetResourcesRequest { repeated ResourceRef resource_refs = 1; DigestType digest_type = 2; }
message GetResourcesResponse { repeated Resource resources = 1; }
"#;

/// What a client of v1beta1 with the schema above is answered.
fn ask(buf: &Buf, registry: &Registry, method: &str, request: &Value) -> Value {
    let token = format!("authorization: Bearer {}", registry.token);
    let url = format!("http://HOST/buf.registry.module.v1beta1.{method}");
    let call =
        ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--schema", "schema.proto", "--header", &token];
    let data = request.to_string();
    let [a, b, c, d, e, f, g, h] = call;
    buf.run([a, b, c, d, e, f, g, h, "--data", &data, &url]).ok().json()
}

#[test]
fn schemas_of_v1beta1_read_the_answers_of_v1() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().file("schema.proto", SCHEMA);
    let first = buf.push("common");
    buf.write("common/acme/common/v1/more.proto", "syntax = \"proto3\";\npackage acme.common.v1;\nmessage More {}\n");
    let second = buf.push("common");
    let module = json!({ "owner": "acme", "module": "common" });
    let main = json!({ "owner": "acme", "module": "common", "label": "main" });

    let modules = ask(&buf, &registry, "ModuleService/GetModules", &json!({ "module_refs": [{ "name": module }] }));
    assert_eq!(
        (&modules["modules"][0]["name"], &modules["modules"][0]["defaultLabelName"]),
        (&json!("common"), &json!("main"))
    );
    let labels = ask(&buf, &registry, "LabelService/GetLabels", &json!({ "label_refs": [{ "name": main }] }));
    assert_eq!(labels["labels"][0]["commitId"], *second);

    let digest_of = |kind: &str| {
        let request = json!({ "label_ref": { "name": main }, "digest_type": kind, "start_commit_id": first });
        let history = ask(&buf, &registry, "LabelService/ListLabelHistory", &request);
        let [value] = history["values"].as_array().unwrap().as_slice() else { panic!("{history}") };
        assert_eq!(value["commit"]["id"], *first);
        value["commit"]["digest"].clone()
    };
    let (b4, b5) = (digest_of("DIGEST_TYPE_B4"), digest_of("DIGEST_TYPE_UNSPECIFIED"));
    assert_eq!((&b4["type"], &b5["type"]), (&json!("DIGEST_TYPE_B4"), &json!("DIGEST_TYPE_B5")));
    assert_ne!(b4["value"], b5["value"]);

    let named = |reference: Value| json!({ "name": { "owner": "acme", "module": "common", "ref": reference } });
    let references = json!([named(json!("")), named(json!("main")), { "id": first }]);
    let request = json!({ "resource_refs": references, "digest_type": "DIGEST_TYPE_B4" });
    let resources = ask(&buf, &registry, "ResourceService/GetResources", &request);
    assert_eq!(resources["resources"][0]["module"], modules["modules"][0]);
    assert_eq!(resources["resources"][1]["label"], labels["labels"][0]);
    assert_eq!(resources["resources"][2]["commit"], json!({ "id": first, "digest": b4 }));
}
