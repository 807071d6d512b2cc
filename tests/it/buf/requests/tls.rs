//! The registry behind a certificate of its own: `buf`, other clients and our own command line.

use std::path::PathBuf;

use crate::support::{Buf, Certificate, registry_command, run};

#[test]
fn buf_trusts_what_it_is_told_to_trust() {
    let certificate = Certificate::new();
    let registry = certificate.registry();
    assert!(registry.url.starts_with("https://localhost:"), "{}", registry.url);
    assert!(registry.cargo_index.starts_with("sparse+https://localhost:"), "{}", registry.cargo_index);
    let buf = Buf::new(&registry);
    let chain = certificate.chain();
    buf.configure(&format!("version: v1\ntls:\n  use: local\n  root_cert_file_paths:\n    - {}\n", chain.display()));
    let buf = buf.acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    buf.forget();
    buf.run(["build", "HOST/acme/pets"]).ok();
    // As it comes, it does not.
    buf.configure("version: v1\n");
    buf.run(["registry", "whoami", "HOST"]).fails();
    // What the server keeps for BUF_CONFIG_DIR is enough.
    buf.configure(&std::fs::read_to_string(registry.data_dir.join("buf/config.yaml")).unwrap());
    buf.run(["registry", "whoami", "HOST"]).ok().prints(&registry.user);
}

#[test]
fn grpc_speaks_http2_and_connect_either() {
    let certificate = Certificate::new();
    let registry = certificate.registry();
    let buf = Buf::with_token(&registry, None);
    let chain = certificate.chain();
    let chain = chain.to_str().unwrap();
    let token = format!("authorization: Bearer {}", registry.token);
    let url = "https://HOST/buf.registry.owner.v1.UserService/GetCurrentUser";
    for protocol in ["grpc", "grpcweb", "connect"] {
        let call = ["curl", "--cacert", chain, "--protocol", protocol, "--header", &token, "--data", "{}", url];
        assert_eq!(buf.run(call).ok().json()["user"]["name"], *registry.user, "{protocol}");
    }
}

#[test]
fn our_own_commands_speak_it() {
    let certificate = Certificate::new();
    let registry = certificate.registry();
    run(registry.command().env("SSL_CERT_FILE", certificate.chain()).args(["token", "list"]))
        .ok()
        .prints(&registry.user);
    // Nobody vouches for it otherwise.
    registry.cli(["token", "list"]).could_not_run().says(&registry.url);
}

#[test]
fn files_that_do_not_fit_are_named() {
    let certificate = Certificate::new();
    let (chain, key) = (certificate.chain(), certificate.key());
    let serve = |cert: &PathBuf, key: &PathBuf| {
        let home = tempfile::tempdir().unwrap();
        let mut serve = registry_command(home.path());
        run(serve
            .args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"])
            .arg("--tls-cert")
            .arg(cert)
            .arg("--tls-key")
            .arg(key))
    };
    serve(&chain, &chain).fails().says("tls-key").says("cert.pem");
    serve(&key, &key).fails().says("tls-cert").says("key.pem");
    serve(&chain.with_extension("none"), &key).fails().says("tls-cert").says("cert.none");
    serve(&chain, &Certificate::new().key()).fails().says("tls-key");
    let home = tempfile::tempdir().unwrap();
    run(registry_command(home.path()).args(["serve", "--ephemeral"]).arg("--tls-cert").arg(&chain))
        .fails()
        .says("tls-cert is set but tls-key is not");
}
