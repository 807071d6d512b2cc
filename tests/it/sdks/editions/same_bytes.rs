//! prost does not know editions, so it gets their files rewritten: what its crates read and write is compared with
//! those of buffa, which knows editions.

use crate::sdks::edges::fixtures;
use crate::support::{Buf, Consumer, Registry};

const FORMS: &str = "acme/forms/v1/forms.proto";
const COMPACT: &str = "acme/forms/compact/v1/compact.proto";
const CIRCLES: &str = "acme/circles/v1/circles.proto";

const EAGER: &str = "community/neoeinstein-prost,community/neoeinstein-tonic,local/prost-serde,anthropics/buffa";

/// A registry with the modules of `tests/fixtures/editions`.
fn pushed() -> Registry {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", EAGER));
    let text = |path: &str| std::fs::read_to_string(fixtures("editions").join(path)).unwrap();
    let file = |module: &str, path: &str| (format!("{module}/{path}"), text(&format!("{module}/{path}")));
    let mut buf = Buf::new(&registry).acme().module("acme/forms", &[]).module("acme/circles", &[]);
    for (path, text) in [file("forms", FORMS), file("forms", COMPACT), file("circles", CIRCLES)] {
        buf = buf.file(&path, &text);
    }
    for module in ["forms", "circles"] {
        buf.push(module);
        registry.cli(["sdk", "status", &format!("acme/{module}"), "--wait"]).ok();
    }
    registry
}

/// Adds the crate that an earlier version of prost made, and that version's runtime, under names of their own.
fn add_earlier(registry: &Registry, consumer: &Consumer, plugin: &str, runtime: &str) {
    let plugin = format!("community/neoeinstein-prost:{plugin}");
    let sdk = registry.cli(["sdk", "generate", "acme/forms", "--plugin", &plugin, "--json"]).ok().json();
    let name = format!("{}@={}", sdk["crate"].as_str().unwrap(), sdk["version"].as_str().unwrap());
    let suffix = runtime.replace('.', "_");
    let rename = format!("of_prost_{suffix}");
    consumer.cargo(["add", "--quiet", "--registry", "buf", &name, "--rename", &rename]).ok();
    let (name, rename) = (format!("prost@{runtime}"), format!("prost_{suffix}"));
    consumer.cargo(["add", "--quiet", &name, "--rename", &rename]).ok();
}

#[test]
fn crates_of_prost_read_and_write_what_those_of_buffa_do() {
    let registry = pushed();
    let main = std::fs::read_to_string(fixtures("consumers").join("editions.rs")).unwrap();
    let consumer = Consumer::new(&registry).file("src/main.rs", &main);
    for plugin in ["community_neoeinstein-prost", "local_prost-serde", "anthropics_buffa"] {
        consumer.add(&format!("acme_forms_{plugin}")).add(&format!("acme_circles_{plugin}"));
    }
    consumer.add("acme_forms_community_neoeinstein-tonic");
    add_earlier(&registry, &consumer, "v0.4.0", "0.13");
    add_earlier(&registry, &consumer, "v0.3.1", "0.12");
    for runtime in ["prost", "buffa", "serde_json", "tonic"] {
        consumer.add_public(runtime, "");
    }
    consumer.build();
    assert_eq!(consumer.run().stdout, "the same\n");
}

#[test]
fn a_circle_of_delimited_fields_needs_a_newer_prost_or_buffa() {
    let registry = pushed();
    for version in ["v0.4.0", "v0.3.1"] {
        let plugin = format!("community/neoeinstein-prost:{version}");
        let failed = registry.cli(["sdk", "generate", "acme/circles", "--plugin", &plugin]).fails();
        failed.says("field inner of message acme.circles.v1.Outer").says("anthropics/buffa, which knows editions");
    }
}
