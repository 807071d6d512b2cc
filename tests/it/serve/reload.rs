//! SIGHUP: a new certificate and another level of the log without a restart.

use crate::support::{Certificate, Registry, eventually, run};

/// Whether our own command line, which trusts `certificate` alone, gets an answer.
fn is_shown(registry: &Registry, certificate: &Certificate) -> bool {
    let listed = run(registry.command().env("SSL_CERT_FILE", certificate.chain()).args(["module", "list"]));
    listed.succeeded()
}

#[test]
fn a_new_certificate_is_shown_and_a_broken_one_is_not() {
    let (served, first, second) = (Certificate::new(), Certificate::new(), Certificate::new());
    let put = |name: &str, from: &Certificate| {
        let (from, to) = if name == "chain" { (from.chain(), served.chain()) } else { (from.key(), served.key()) };
        std::fs::copy(from, to).unwrap();
    };
    put("chain", &first);
    put("key", &first);
    let registry = served.registry();
    assert!(is_shown(&registry, &first) && !is_shown(&registry, &second));
    let refusals = |count| {
        registry.signal("HUP");
        let kept = || registry.log().matches("the certificate and its key stay as they were").count() == count;
        eventually("the refusal is logged", kept);
        assert!(is_shown(&registry, &first) && !is_shown(&registry, &second));
    };
    std::fs::write(served.chain(), "no certificate").unwrap();
    refusals(1);
    assert!(registry.log().contains("tls-cert"), "{}", registry.log());
    // One without its key is as bad.
    put("chain", &second);
    refusals(2);
    put("key", &second);
    registry.signal("HUP");
    eventually("the certificate is read", || registry.log().contains("the certificate and its key were read again"));
    assert!(is_shown(&registry, &second) && !is_shown(&registry, &first));
}

#[test]
fn the_level_of_the_log_follows_the_file() {
    let place = tempfile::tempdir().unwrap();
    let config = place.path().join("registry.toml");
    std::fs::write(&config, "log-level = \"info\"\n").unwrap();
    let registry = Registry::with(|options| _ = options.flag("config", config.to_str().unwrap()));
    registry.get("/plugins").ok();
    assert!(!registry.log().contains("path=\"/plugins\""), "{}", registry.log());

    std::fs::write(&config, "log-level = \"loud\"\n").unwrap();
    registry.signal("HUP");
    eventually("the mistake is logged", || registry.log().contains("the settings stay as they were"));
    assert!(registry.log().contains("\"loud\" is not a log level"), "{}", registry.log());

    std::fs::write(&config, "log-level = \"debug\"\n").unwrap();
    registry.signal("HUP");
    eventually("the file is read", || registry.log().contains("the settings were read again"));
    registry.get("/plugins").ok();
    eventually("requests are logged", || registry.log().contains("path=\"/plugins\""));
}
