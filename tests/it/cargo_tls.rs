//! Crates of a registry behind a certificate that cargo is told to trust.

use crate::support::{Buf, Certificate, Consumer};

#[test]
fn cargo_adds_and_builds_over_tls() {
    let certificate = Certificate::new();
    let registry = certificate.registry();
    let buf = Buf::new(&registry);
    buf.configure(&std::fs::read_to_string(registry.data_dir.join("buf/config.yaml")).unwrap());
    buf.acme().common().push("common");
    let main = "use acme_common_community_neoeinstein_prost::google_like::v1::Money;\n\
                fn main() { println!(\"{:?}\", Money { units: 3 }); }\n";
    let add = ["add", "--registry", "buf", "acme_common_community_neoeinstein-prost"];

    let strange = Consumer::new(&registry);
    assert!(registry.cargo_index.starts_with("sparse+https://"), "{}", registry.cargo_index);
    strange.cargo(add).fails().says("certificate");

    let consumer = Consumer::new(&registry).with("CARGO_HTTP_CAINFO", certificate.chain().to_str().unwrap());
    let consumer = consumer.file("src/main.rs", main);
    consumer.cargo(add).ok();
    consumer.build();
    consumer.run().prints("Money { units: 3 }");
}
