//! The registry behind the proxies that there are files for: each is started with its file, and takes a push, cargo and
//! a page through TLS.

use std::process::{Child, Command, Stdio};

use crate::serve::packaging::asset;
use crate::support::{Certificate, Consumer, Registry, eventually, pets, run, run_with_input};

/// A port that nothing listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A proxy on a port of this machine, whose own files are in a directory.
pub(crate) struct Proxy {
    process: Child,
    directory: tempfile::TempDir,
}

impl Proxy {
    fn start(mut command: Command, directory: tempfile::TempDir, port: u16) -> Self {
        let proxy = Self { process: command.spawn().unwrap(), directory };
        eventually("the proxy listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        proxy
    }

    /// nginx with this site.
    fn nginx(site: &str, port: u16) -> Self {
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
        Self::start(command, directory, port)
    }

    /// Caddy with this site.
    pub(crate) fn caddy(site: &str, port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let errors = std::fs::File::create(directory.path().join("log")).unwrap();
        // No address of its own, and no port 80, which redirects.
        let text =
            format!("{{\n\tadmin off\n\tauto_https disable_redirects\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n{site}");
        std::fs::write(directory.path().join("Caddyfile"), text).unwrap();
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config", "Caddyfile"]).current_dir(directory.path());
        command.env("HOME", directory.path()).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
        command.stdout(Stdio::null()).stderr(errors);
        Self::start(command, directory, port)
    }

    /// What it says of errors.
    fn errors(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.directory.path().join(name)).unwrap_or_default();
        let lines = read("errors") + &read("log");
        lines.lines().filter(|line| line.contains("error")).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Serves, starts a proxy with what `site` makes of the port, the address behind it and the certificate, and uses the
/// registry through it.
fn works_behind(start: impl FnOnce(&str, u16) -> Proxy, site: impl FnOnce(u16, &str, &Certificate) -> String) {
    let certificate = Certificate::new();
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let listening = format!("127.0.0.1:{}", free_port());
    let mut registry = Registry::with(|options| {
        options.flag("listen", &listening).flag("public-url", &url).flag("trusted-proxies", "127.0.0.1");
    });
    let proxy = start(&site(port, &listening, &certificate), port);

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

    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-servername", "localhost"]);
    client.args(["-connect", &format!("127.0.0.1:{port}"), "-CAfile"]).arg(certificate.chain());
    let request = format!(
        "GET /acme/pets HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n{}\r\n\r\n",
        registry.authorization()
    );
    let page = run_with_input(&mut client, &request).ok();
    assert!(page.stdout.starts_with("HTTP/1.1 200"), "{page}");
    page.prints(&format!("localhost:{port}")).prints("acme_pets_community_neoeinstein-prost");
    assert_eq!(proxy.errors(), "");
}

#[test]
fn the_registry_works_behind_nginx_with_our_file() {
    works_behind(Proxy::nginx, |port, listening, certificate| {
        asset("nginx.conf")
            .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"))
            .replace("server_name crates.example", "server_name localhost")
            .replace("127.0.0.1:8780", listening)
            .replace("/etc/ssl/crates.example/chain.pem", certificate.chain().to_str().unwrap())
            .replace("/etc/ssl/crates.example/key.pem", certificate.key().to_str().unwrap())
    });
}

#[test]
fn the_registry_works_behind_caddy_with_our_file() {
    works_behind(Proxy::caddy, |port, listening, certificate| {
        let (chain, key) = (certificate.chain(), certificate.key());
        // Caddy would get a certificate for a host of the internet by itself.
        let site = format!("localhost:{port} {{\n\ttls {} {}", chain.display(), key.display());
        asset("Caddyfile").replace("crates.example {", &site).replace("127.0.0.1:8780", listening)
    });
}

#[test]
fn the_file_for_traefik_names_a_service_that_it_has() {
    // Traefik is in no distribution that tests install from, so nothing starts it.
    let file: serde_json::Value = serde_saphyr::from_str(&asset("traefik.yaml")).unwrap();
    let router = &file["http"]["routers"]["registry"];
    assert_eq!(router["rule"], "Host(`crates.example`)");
    assert_eq!(router["entryPoints"][0], "websecure");
    let service = &file["http"]["services"][router["service"].as_str().unwrap()];
    assert_eq!(service["loadBalancer"]["servers"][0]["url"], "http://127.0.0.1:8780");
}
