//! `buf registry login` as it comes: the program opens a browser, a person approves there, the program goes on.

use crate::support::{Answer, Buf, Registry, Transcript, eventually, http};

/// Keeps the address instead of opening it.
const BROWSER: &str = "#!/bin/sh\necho \"$1\" >\"$HOME/opened\"\n";

fn user(registry: &Registry) -> Buf {
    let buf = Buf::with_token(registry, None).program("xdg-open", BROWSER);
    std::fs::create_dir_all(buf.home()).unwrap();
    buf
}

/// The code that stands in the address that the browser was to open.
fn code(buf: &Buf) -> String {
    let opened = buf.home().join("opened");
    let read = || std::fs::read_to_string(&opened).unwrap_or_default();
    eventually("the browser is opened", || read().ends_with('\n'));
    read().trim().split_once("/login/device?user_code=").expect("the page of the code").1.to_owned()
}

/// Logs in while somebody does something else with the code.
fn login(buf: &Buf, meanwhile: impl FnOnce(String)) -> Transcript {
    std::thread::scope(|threads| {
        let login = threads.spawn(|| buf.run(["registry", "login", "HOST"]));
        meanwhile(code(buf));
        login.join().unwrap()
    })
}

/// What the form of the page sends.
fn decide(registry: &Registry, code: &str, decision: &str) -> Answer {
    let form = format!("user_code={code}&do={decision}&scope=write");
    let headers = vec![registry.authorization(), "content-type: application/x-www-form-urlencoded".into()];
    http::send(&registry.url, "POST", "/login/device", headers, form.as_bytes())
}

#[test]
fn a_login_that_is_approved_in_the_browser_is_a_login() {
    let registry = Registry::start();
    let buf = user(&registry);
    let logged_in = login(&buf, |code| {
        let page = registry.get(&format!("/login/device?user_code={code}")).ok().text();
        assert!(page.contains(&code), "{page}");
        assert!(page.contains("calls itself <strong>") && page.contains("<strong>127.0.0.1</strong>"), "{page}");
        assert!(!page.contains("a program without a name"), "buf says what it is: {page}");
        decide(&registry, &code, "approve").ok();
        assert_eq!(decide(&registry, &code, "deny").status, 404, "it was decided already");
    });
    logged_in.ok().prints(&format!("Logged in as {}.", registry.user));
    buf.run(["registry", "whoami", "HOST"]).ok().prints(&registry.user);
    let token = std::fs::read_to_string(buf.netrc()).unwrap();
    assert!(!token.contains(&registry.token), "the program got a token of its own");
    registry.cli(["token", "list"]).ok().prints("login of ").prints(" from 127.0.0.1");
}

#[test]
fn a_login_that_is_denied_is_none() {
    let registry = Registry::start();
    let buf = user(&registry);
    let denied = login(&buf, |code| drop(decide(&registry, &code, "deny").ok()));
    denied.fails().says("the login was denied in the browser");
    assert!(!buf.netrc().exists());
}

#[test]
fn a_login_outlives_a_restart_and_one_that_ended_is_started_again() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    let (address, token) = (registry.host().replace("localhost", "127.0.0.1"), registry.token.clone());
    let buf = user(&registry);
    let restart = |registry: &mut Registry| {
        // The program asks every few seconds, so not just now.
        eventually("the program has asked", || registry.log().contains("/oauth2/device/token"));
        registry.stop();
        *registry = Registry::with(|options| {
            options.keep(data.path(), Some(&token)).flag("listen", &address);
        });
    };
    let approved = login(&buf, |code| {
        restart(&mut registry);
        decide(&registry, &code, "approve").ok();
    });
    approved.ok().prints("Logged in as ");
    std::fs::remove_file(buf.netrc()).unwrap();
    std::fs::remove_file(buf.home().join("opened")).unwrap();
    let ended = login(&buf, |code| {
        restart(&mut registry);
        let database = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
        let ended =
            database.execute("UPDATE device_logins SET started = started - 900000000 WHERE user_code = ?1", [code]);
        assert_eq!(ended.unwrap(), 1);
    });
    ended.fails().says("the login has ended; start it again");
}

#[test]
fn who_is_not_signed_in_approves_nothing() {
    let registry = Registry::start();
    let form = "user_code=BCDF-GHJK&do=approve&scope=admin".as_bytes();
    let answer = http::send(&registry.url, "POST", "/login/device", vec![], form);
    assert!(matches!(answer.status, 401 | 403), "{}", answer.text());
}

#[test]
fn whoever_starts_many_logins_keeps_nobody_from_logging_in() {
    let registry = Registry::with(|options| _ = options.flag("trusted-proxies", "127.0.0.1"));
    let start = |client: String| {
        let headers = vec![format!("x-forwarded-for: {client}")];
        http::send(&registry.url, "POST", "/oauth2/device/authorization", headers, &[]).ok().json()
    };
    let waiting = start("192.0.2.1".into());
    for n in 0..1200 {
        start(format!("198.51.100.{}", n % 2));
    }
    let page = registry.get(&format!("/login/device?user_code={}", waiting["user_code"].as_str().unwrap())).ok().text();
    assert!(page.contains("<strong>192.0.2.1</strong>"), "{page}");
    let buf = user(&registry);
    login(&buf, |code| drop(decide(&registry, &code, "approve").ok())).ok();
}
