//! The helper `Consumer` itself: vendored crates build without requests to crates.io, in several projects at the same
//! time.

use crate::support::Consumer;

const USES_PROST: &str = "fn main() { println!(\"{}\", prost_types::Timestamp::default()); }\n";

#[test]
fn consumers_build_from_vendored_sources_next_to_each_other() {
    let build = |edition: &'static str| {
        move || {
            let consumer = Consumer::in_environment(Vec::new(), edition).file("src/main.rs", USES_PROST);
            consumer.cargo(["add", "--quiet", "prost-types"]).ok();
            consumer.build();
            consumer.run().prints("1970-01-01T00:00:00Z");
            assert!(!consumer.path("home/registry").exists(), "cargo asked crates.io");
        }
    };
    let first = std::thread::spawn(build("2021"));
    let second = std::thread::spawn(build("2024"));
    first.join().unwrap();
    second.join().unwrap();
}
