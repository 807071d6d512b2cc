//! The files for operators: the programs that they are for take them, and the registry works behind them.

use std::path::Path;
use std::process::{Child, Command};

use crate::support::{Certificate, Consumer, Registry, eventually, pets, run};

fn asset(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/operate").join(name)).unwrap()
}

/// A port that nothing listens on.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// nginx with the site of our file, at an address of this machine.
struct Nginx {
    process: Child,
    directory: tempfile::TempDir,
}

impl Nginx {
    fn start(site: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().display();
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths: String = kinds.iter().map(|kind| format!("{kind}_temp_path {root}/{kind};\n")).collect();
        let text = format!(
            "daemon off;\nmaster_process off;\npid {root}/pid;\nerror_log {root}/errors;\nevents {{}}\n\
             http {{\naccess_log off;\n{paths}{site}}}\n"
        );
        std::fs::write(directory.path().join("nginx.conf"), text).unwrap();
        let mut command = Command::new("nginx");
        command.args(["-e", "errors", "-c", "nginx.conf", "-p"]).arg(directory.path());
        Self { process: command.spawn().unwrap(), directory }
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("errors")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[test]
fn the_registry_works_behind_nginx_with_our_file() {
    let certificate = Certificate::new();
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let listening = format!("127.0.0.1:{}", free_port());
    let mut registry = Registry::with(|options| {
        options.flag("listen", &listening).flag("public-url", &url).flag("trusted-proxies", "127.0.0.1");
    });
    let site = asset("nginx.conf")
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"))
        .replace("server_name crates.example", "server_name localhost")
        .replace("127.0.0.1:8780", &listening)
        .replace("/etc/ssl/crates.example/chain.pem", certificate.chain().to_str().unwrap())
        .replace("/etc/ssl/crates.example/key.pem", certificate.key().to_str().unwrap());
    let nginx = Nginx::start(&site);
    eventually("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());

    registry.url.clone_from(&url);
    let sources = tempfile::tempdir().unwrap();
    std::fs::write(sources.path().join("pets.proto"), pets("name")).unwrap();
    let mut push = registry.command();
    push.env("SSL_CERT_FILE", certificate.chain()).arg("push").arg(sources.path());
    run(push.args(["--module", "acme/pets", "--create"])).ok();

    let consumer = Consumer::new(&registry).with("CARGO_HTTP_CAINFO", certificate.chain().to_str().unwrap());
    consumer.add("acme_pets_community_neoeinstein-prost");
    consumer.cargo(["fetch"]).ok();
    assert!(consumer.read("Cargo.lock").contains(&format!("sparse+{url}/gen/cargo/")));
    assert_eq!(nginx.errors(), "");
}

#[test]
fn the_unit_for_systemd_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("registry.service");
    let text = asset("registry.service").replace("/usr/local/bin/registry", env!("CARGO_BIN_EXE_registry"));
    std::fs::write(&unit, text).unwrap();
    let mut verify = Command::new("systemd-analyze");
    let verified = run(verify.args(["verify", "--man=no"]).arg(&unit)).ok();
    assert!(!verified.stderr.contains("registry.service"), "{verified}");
}
