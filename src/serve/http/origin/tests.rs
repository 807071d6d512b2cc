use crate::config::{Environment, Flags, Settings};

use super::*;

const LOOPBACK: &str = "127.0.0.1:8780";
const EVERYWHERE: &str = "0.0.0.0:8780";

fn addresses(bound: &str, flags: &[(&'static str, &str)]) -> Addresses {
    let flags: Flags = flags.iter().map(|(name, value)| (*name, vec![(*value).to_owned()])).collect();
    let settings = Settings::load(&flags, &Environment::of(&[("HOME", "/nowhere")]), None).unwrap();
    Addresses::new(&settings, bound.parse().unwrap())
}

/// A request that came to `192.0.2.1:8780` from `10.0.0.9`.
fn request(uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request = request.extension(PeerAddress("10.0.0.9:4711".parse().unwrap()));
    request.extension(LocalAddress("192.0.2.1:8780".parse().unwrap())).body(()).unwrap().into_parts().0
}

fn url(addresses: &Addresses, host: &str) -> String {
    addresses.origin(&request("/", &[("host", host)])).url
}

#[test]
fn our_own_names_come_back_and_no_others() {
    let ours = addresses(LOOPBACK, &[]);
    for host in ["localhost:8780", "127.0.0.1:8780", "[::1]:8780", "LOCALHOST:8780"] {
        assert_eq!(url(&ours, host), format!("http://{}", host.to_lowercase()));
    }
    for host in ["evil.example", "evil.example:8780", "localhost", "localhost:1", "evil\"><script>", "a@localhost:8780"]
    {
        assert_eq!(url(&ours, host), "http://localhost:8780", "{host}");
    }
}

#[test]
fn http2_names_the_host_in_the_uri() {
    let ours = addresses(LOOPBACK, &[]);
    assert_eq!(ours.origin(&request("http://127.0.0.1:8780/x", &[])).url, "http://127.0.0.1:8780");
    let both = request("http://evil.example/x", &[("host", "127.0.0.1:8780")]);
    assert_eq!(ours.origin(&both).url, "http://localhost:8780");
    let twice = request("/", &[("host", "127.0.0.1:8780"), ("host", "evil.example")]);
    assert_eq!(ours.origin(&twice).url, "http://localhost:8780");
}

#[test]
fn a_server_on_all_addresses_is_known_by_each_of_them() {
    let ours = addresses(EVERYWHERE, &[]);
    assert_eq!(ours.own(), "http://localhost:8780");
    assert_eq!(url(&ours, "192.0.2.1:8780"), "http://192.0.2.1:8780");
    assert_eq!(url(&ours, "localhost:8780"), "http://localhost:8780");
    // Whoever came by another name came to this address all the same.
    assert_eq!(url(&ours, "registry.lan:8780"), "http://192.0.2.1:8780");
}

#[test]
#[cfg(unix)]
fn a_machine_is_known_by_its_own_name() {
    let ours = addresses(EVERYWHERE, &[]);
    let machine = rustix::system::uname().nodename().to_str().unwrap().to_lowercase();
    assert_eq!(url(&ours, &format!("{machine}:8780")), format!("http://{machine}:8780"));
}

#[test]
fn hosts_are_allowed_with_one_port_or_with_any() {
    let ours = addresses(EVERYWHERE, &[("allowed-hosts", "registry.lan,box:9000")]);
    assert_eq!(url(&ours, "registry.lan:8780"), "http://registry.lan:8780");
    assert_eq!(url(&ours, "Registry.LAN:80"), "http://registry.lan");
    assert_eq!(url(&ours, "box:9000"), "http://box:9000");
    assert_eq!(url(&ours, "box:9001"), "http://192.0.2.1:8780");
}

#[test]
fn the_public_url_is_always_the_one_that_is_given() {
    let ours = addresses(EVERYWHERE, &[("public-url", "https://reg.example/")]);
    for host in ["reg.example", "localhost:8780", "evil.example"] {
        assert_eq!(url(&ours, host), "https://reg.example");
    }
}

#[test]
fn proxies_are_believed_when_they_are_trusted() {
    let said = [("host", "10.0.0.1"), ("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "https")];
    let said = request("/", &[&said[..], &[("x-forwarded-host", "reg.example")]].concat());
    let trusting = addresses(LOOPBACK, &[("trusted-proxies", "10.0.0.0/8"), ("allowed-hosts", "reg.example")]);
    let origin = trusting.origin(&said);
    assert_eq!((origin.url.as_str(), origin.client.to_string().as_str()), ("https://reg.example", "198.51.100.7"));
    let cautious = addresses(LOOPBACK, &[("trusted-proxies", "10.0.0.1"), ("allowed-hosts", "reg.example")]);
    let origin = cautious.origin(&said);
    assert_eq!((origin.url.as_str(), origin.client.to_string().as_str()), ("http://localhost:8780", "10.0.0.9"));
}

/// What becomes of a form; `page` is where the browser has it from.
fn form(addresses: &Addresses, host: &str, page: &str, site: &str) -> Result<(), Kind> {
    let headers = [("host", host), ("origin", page), ("sec-fetch-site", site)];
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let request = request("/", &headers);
    addresses.origin(&request).check_form(&request.headers).map_err(|refusal| refusal.kind)
}

#[test]
fn forms_come_from_our_own_pages() {
    let ours = addresses(LOOPBACK, &[]);
    let localhost = "localhost:8780";
    assert_eq!(form(&ours, localhost, "http://localhost:8780", "same-origin"), Ok(()));
    assert_eq!(form(&ours, localhost, "", ""), Ok(()), "no browser");
    for page in ["http://evil.example", "null", "http://localhost:1", "https://localhost:8780"] {
        assert_eq!(form(&ours, localhost, page, ""), Err(Kind::Forbidden), "{page}");
    }
    for site in ["cross-site", "same-site", "new-kind"] {
        assert_eq!(form(&ours, localhost, "http://localhost:8780", site), Err(Kind::Forbidden), "{site}");
        assert_eq!(form(&ours, localhost, "", site), Err(Kind::Forbidden), "{site}");
    }
    // Somebody's name that leads here is no name of ours.
    assert_eq!(form(&ours, "evil.example", "http://evil.example", "same-origin"), Err(Kind::Misdirected));
}

#[test]
fn forms_of_the_public_url_are_taken_whatever_a_proxy_makes_of_the_host() {
    let ours = addresses(LOOPBACK, &[("public-url", "https://reg.example")]);
    for host in ["reg.example", "localhost:8780", "upstream.internal"] {
        assert_eq!(form(&ours, host, "https://reg.example", "same-origin"), Ok(()), "{host}");
    }
    assert_eq!(form(&ours, "reg.example", "http://reg.example", "same-origin"), Err(Kind::Forbidden));
}

#[test]
fn neighbours_in_ipv6_are_one_client() {
    let network = |client: &str| Origin { client: client.parse().unwrap(), ..Origin::at("http://r") }.network();
    assert_eq!(network("2001:db8::1:2"), network("2001:db8::ffff:0:0:9"));
    assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    assert_eq!(network("192.0.2.1").to_string(), "192.0.2.1/32");
}
