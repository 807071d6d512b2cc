//! The example that `make demo` shows, step by step, with what each step has to say.

use std::path::{Path, PathBuf};

use crate::support::{Consumer, Registry, googleapis, run};

const CRATES: [&str; 4] = [
    "googleapis_googleapis_community_neoeinstein-prost",
    "acme_pets_community_neoeinstein-prost",
    "acme_shop_community_neoeinstein-prost",
    "acme_shop_community_neoeinstein-tonic",
];

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/example").join(path)
}

#[test]
fn the_example_is_pushed_added_built_and_run() {
    let registry = Registry::start();
    let mut push = registry.command();
    run(push.arg("push").arg(googleapis()).args(["--module", "googleapis/googleapis", "--create"])).ok();
    let pushed = run(registry.command().arg("push").arg(example("workspace")).args(["--create", "--json"])).ok().json();
    let googleapis = &pushed["dependencies"][0];
    assert_eq!((&googleapis["module"], &googleapis["source"]), (&"googleapis/googleapis".into(), &"reference".into()));

    let main = std::fs::read_to_string(example("consumer/src/main.rs")).unwrap();
    let consumer = Consumer::new(&registry).file("src/main.rs", &main);
    consumer.cargo(["add", "--quiet", "--registry", "buf"].into_iter().chain(CRATES)).ok();
    consumer.add_public("prost", "").add_public("prost-types", "").add_public("tonic", "");
    consumer.add_public("tokio", "macros,net,rt-multi-thread");
    // Of googleapis, only what the example refers to has to compile.
    consumer.cargo(["add", "--quiet", CRATES[0], "--no-default-features", "--features", "google.type"]).ok();
    consumer.build();
    consumer.run().prints("Rex costs 120 EUR\n").prints("the descriptors know ShopService\n");
}
