//! Texts of options, defaults and JSON names that are no UTF-8: `buf` takes them, and no generator can read them.

use crate::support::{Module, Registry};

const SOURCE: &str = r#"syntax = "proto2";
package raw.v1;
option java_package = "\xff";
message M {
  optional string s = 1 [default = "a\xffb", json_name = "\xfe"];
  optional int32 n = 2 [deprecated = true];
}
"#;

#[test]
fn texts_that_are_no_utf_8_are_kept_and_make_no_crate() {
    let registry = Registry::with(|options| {
        _ = options.flag("eager-plugins", "community/neoeinstein-prost,anthropics/buffa");
    });
    Module::new("acme/raw").file("raw/v1/raw.proto", SOURCE).push(&registry);

    registry.cli(["sdk", "status", "acme/raw", "--wait"]);
    let list = registry.cli(["sdk", "list", "acme/raw", "--json"]).ok().json();
    let sdks = list.as_array().unwrap();
    assert_eq!(sdks.len(), 2, "{list}");
    for sdk in sdks {
        assert_eq!(sdk["state"], "failed", "{sdk}");
        let message = sdk["message"].as_str().unwrap();
        assert!(message.contains("file raw/v1/raw.proto: ") && message.contains(" is not UTF-8"), "{message}");
    }

    for page in ["", "/docs/main", "/docs/main/raw.v1", "/files/main", "/files/main/raw/v1/raw.proto", "/sdks/main"] {
        let answer = registry.get(&format!("/acme/raw{page}"));
        assert_eq!(answer.status, 200, "{page}");
    }
    let descriptors = registry.get("/acme/raw/descriptor/main");
    assert!(descriptors.body.windows(3).any(|bytes| bytes == b"a\xffb"));
}
