//! Crates of a registry behind a certificate that cargo is told to trust.

use crate::support::{Buf, Certificate, Consumer, pets, run};

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

    let untrusted = registry.cli(["module", "list"]).could_not_run().says("SSL_CERT_FILE");
    assert!(!untrusted.stderr.contains("registry serve"), "{untrusted}");
    let strange = Consumer::new(&registry);
    assert!(registry.cargo_index.starts_with("sparse+https://"), "{}", registry.cargo_index);
    strange.cargo(add).fails().says("certificate");

    let consumer = Consumer::new(&registry).with("CARGO_HTTP_CAINFO", certificate.chain().to_str().unwrap());
    let consumer = consumer.file("src/main.rs", main);
    consumer.cargo(add).ok();
    consumer.build();
    consumer.run().prints("Money { units: 3 }");
}

#[test]
fn cargo_goes_on_at_the_address_that_it_used_over_http2() {
    // The server calls itself localhost, which this certificate is not for; over HTTP/2 no header holds the name that
    // cargo used.
    let certificate = Certificate::of("IP:127.0.0.1");
    let mut registry = certificate.registry();
    registry.url = registry.url.replace("localhost", "127.0.0.1");
    let sources = tempfile::tempdir().unwrap();
    std::fs::write(sources.path().join("pets.proto"), pets("name")).unwrap();
    let module = format!("{}/pets", registry.user);
    let mut push = registry.command();
    push.env("SSL_CERT_FILE", certificate.chain()).arg("push").arg(sources.path());
    run(push.args(["--module", &module, "--create"])).ok();

    let consumer = Consumer::new(&registry).with("CARGO_HTTP_CAINFO", certificate.chain().to_str().unwrap());
    let name = format!("{}_pets_community_neoeinstein-prost", registry.user);
    consumer.cargo(["add", "--registry", "buf", &name]).ok();
    consumer.build();
    let log = registry.log();
    let asked = |path: &str| log.lines().any(|line| line.contains(path) && line.contains("version=HTTP/2.0"));
    assert!(asked("/gen/cargo/config.json") && asked("/download"), "cargo did not speak HTTP/2: {log}");
}
