//! Signing in with a browser: a session in a cookie, which ends with its token or at sign-out, and nobody tries for ever.

use crate::support::http::{self, Answer};
use crate::support::{Registry, eventually};

/// What the form of the sign-in page sends.
fn enter(registry: &Registry, token: &str) -> Answer {
    let form = format!("token={token}&next=/settings");
    let headers = vec![format!("host: {}", registry.host()), format!("origin: {}", registry.url)];
    http::send(&registry.url, "POST", "/login", headers, form.as_bytes())
}

/// `NAME=VALUE` of the cookie that a good sign-in sets.
fn cookie(registry: &Registry, token: &str) -> String {
    let answer = enter(registry, token).is(303);
    assert_eq!(answer.header("location"), "/settings");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains(token), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

/// The status of a page that only users see.
fn settings(registry: &Registry, cookie: &str) -> u16 {
    http::send(&registry.url, "GET", "/settings", vec![format!("cookie: {cookie}")], &[]).status
}

fn token(registry: &Registry) -> (String, String) {
    let token = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    (token["token"].as_str().unwrap().to_owned(), token["id"].as_str().unwrap().to_owned())
}

/// Actions of the audit log: what they were about, and where they came from.
fn audited(registry: &Registry, action: &str) -> Vec<String> {
    let store = rusqlite::Connection::open(registry.data_dir.join("registry.db")).unwrap();
    let mut rows =
        store.prepare("SELECT subject || ' from ' || client FROM audit_events WHERE action = ?1 ORDER BY id").unwrap();
    rows.query_map([action], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_cookie_is_no_token_and_ends_with_sign_out() {
    let registry = Registry::start();
    let (token, _) = token(&registry);
    let (first, second) = (cookie(&registry, &token), cookie(&registry, &token));
    assert_ne!(first, second, "every sign-in is a session of its own");
    let secret = first.split_once('=').unwrap().1;
    let as_token = vec![format!("authorization: Bearer {secret}")];
    http::send(&registry.url, "GET", "/gen/cargo/config.json", as_token, &[]).is(401);
    assert_eq!(settings(&registry, &first), 200);
    http::send(&registry.url, "POST", "/logout", vec![format!("cookie: {first}")], &[]).is(303);
    assert_eq!(settings(&registry, &first), 401);
    assert_eq!(settings(&registry, &second), 200, "the other browser stays signed in");
    assert_eq!(audited(&registry, "session.begin"), [format!("{} from 127.0.0.1", registry.user).as_str(); 2]);
    assert_eq!(audited(&registry, "session.end"), [format!("{} from 127.0.0.1", registry.user)]);
    let log = registry.log();
    assert!(log.contains("signed in") && log.contains("signed out"), "{log}");
    assert!(!log.contains(secret) && !log.contains(&token), "a secret is in the log: {log}");
    let stored = std::fs::read(registry.data_dir.join("registry.db-wal")).unwrap_or_default();
    assert!(!stored.windows(secret.len()).any(|window| window == secret.as_bytes()), "the store holds the secret");
}

#[test]
fn a_session_ends_with_the_token_that_began_it() {
    let registry = Registry::start();
    let (secret, id) = token(&registry);
    let cookie = cookie(&registry, &secret);
    assert_eq!(settings(&registry, &cookie), 200);
    registry.cli(["token", "revoke", &id]).ok();
    assert_eq!(settings(&registry, &cookie), 401);
    assert_eq!(enter(&registry, &secret).status, 401);
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let expiring = registry.cli(["token", "create", "--json", "--expires", &end.to_string()]).ok().json();
    let cookie = self::cookie(&registry, expiring["token"].as_str().unwrap());
    eventually("the session ends with its token", || settings(&registry, &cookie) == 401);
}

#[test]
fn who_fails_often_waits() {
    let registry = Registry::with(|options| _ = options.flag("sign-in-attempts", "3"));
    for _ in 0..3 {
        enter(&registry, "reg_wrong").is(401);
    }
    let refused = enter(&registry, &registry.token).is(429);
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&seconds), "{seconds}");
    assert!(refused.text().contains("--sign-in-attempts"), "{}", refused.text());
    assert!(registry.log().contains("a sign-in was refused client=127.0.0.1"), "{}", registry.log());
    assert_eq!(audited(&registry, "session.refuse").len(), 3);
}

#[test]
fn an_address_that_waits_keeps_no_other_waiting() {
    let registry =
        Registry::with(|options| _ = options.flag("sign-in-attempts", "2").flag("trusted-proxies", "127.0.0.1"));
    let from = |client: &str, token: &str| {
        let headers = vec![format!("x-forwarded-for: {client}")];
        http::send(&registry.url, "POST", "/login", headers, format!("token={token}").as_bytes()).status
    };
    assert_eq!([0; 3].map(|_| from("192.0.2.1", "reg_wrong")), [401, 401, 429]);
    assert_eq!(from("192.0.2.2", &registry.token), 303);
    // Many sign-ins of one user are many sessions: they wait, too.
    assert_eq!(from("192.0.2.3", &registry.token), 303);
    assert_eq!(from("192.0.2.4", &registry.token), 429);
}
