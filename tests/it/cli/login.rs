//! Logins: how they are made, kept and ended, and what is in the way of one.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Registry, Transcript, eventually, http, registry_command, run, run_with_input};

/// A user's home, without logins.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join(".config/registry/client.toml")
    }

    fn command(&self, words: &str) -> Command {
        let mut command = registry_command(self.path());
        command.args(words.split(' '));
        command
    }

    fn run(&self, words: &str) -> Transcript {
        run(&mut self.command(words))
    }

    fn log_in(&self, url: &str, token: &str) -> Transcript {
        run_with_input(&mut self.command(&format!("login {url} --token-stdin")), token)
    }

    /// A registry that this user starts on `data`.
    fn serve(&self, data: &Path, listen: &str) -> Registry {
        let config = self.path().join(".config");
        Registry::with(|options| {
            options.keep(data, None).flag("listen", listen).variable("XDG_CONFIG_HOME", config.to_str().unwrap());
        })
    }

    /// A later start of that registry.
    fn serve_again(&self, data: &Path, listen: &str) -> Registry {
        let config = self.path().join(".config");
        Registry::with(|options| {
            options.keep(data, Some("")).flag("listen", listen).variable("XDG_CONFIG_HOME", config.to_str().unwrap());
        })
    }

    /// URL, default and use of each server.
    fn servers(&self) -> Vec<(String, bool, bool)> {
        let listed = self.run("server list --json").ok().json();
        let flag = |row: &serde_json::Value, key: &str| row[key].as_bool().unwrap();
        let row = |row: &serde_json::Value| {
            (row["url"].as_str().unwrap().to_owned(), flag(row, "default"), flag(row, "in_use"))
        };
        listed.as_array().unwrap().iter().map(row).collect()
    }
}

/// A token for `registry`, and its id.
fn token(registry: &Registry) -> (String, String) {
    let made = registry.cli(["token", "create", "--json"]).ok().json();
    (made["token"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_login_is_one_until_logout_and_is_not_replaced_while_it_works() {
    let (registry, home) = (Registry::start(), Home::new());
    let url = &registry.url;
    let (first, id) = token(&registry);
    home.run("whoami").could_not_run().says("registry login URL");
    home.log_in(url, &first).ok().prints_exactly(&format!("logged in to {url} as {}", registry.user));
    assert_eq!(home.run("whoami --json").ok().json()["user"], *registry.user);
    home.run("module list").ok();
    home.log_in(url, &first).refused().says("you are logged in to").says("registry logout");

    registry.cli(["token", "revoke", &id]).ok();
    eventually("the token is refused", || !home.run("whoami").succeeded());
    home.run("whoami").refused().says("was revoked").says(&format!("`registry login {url}` gets another"));
    home.log_in(url, &token(&registry).0).ok().says("is not accepted any more");
    home.run("whoami").ok();

    let out = home.run("logout --json").ok().json();
    assert_eq!((out["url"].as_str(), out["default"].is_null()), (Some(url.as_str()), true));
    home.run("whoami").could_not_run();
    home.run("logout").refused().says("logged in to no server");
}

#[test]
fn a_login_that_is_approved_in_the_browser_is_a_login() {
    use std::os::unix::fs::PermissionsExt as _;
    let (registry, home) = (Registry::start(), Home::new());
    let (bin, opened) = (home.path().join("bin"), home.path().join("opened"));
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("xdg-open"), "#!/bin/sh\necho \"$1\" >\"$HOME/opened\"\n").unwrap();
    std::fs::set_permissions(bin.join("xdg-open"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let login = |decision: &str| {
        let _ = std::fs::remove_file(&opened);
        std::thread::scope(|threads| {
            let login = threads.spawn(|| run(home.command(&format!("login {}", registry.url)).env("PATH", &path)));
            eventually("the browser is opened", || {
                std::fs::read_to_string(&opened).is_ok_and(|page| page.ends_with('\n'))
            });
            let page = std::fs::read_to_string(&opened).unwrap();
            let target = page.trim().strip_prefix(&registry.url).expect("a page of the registry");
            let shown = registry.get(target).ok().text();
            assert!(shown.contains("<strong>registry ") && shown.contains("<code>registry/"), "{shown}");
            let form = format!("user_code={}&do={decision}&scope=write", target.rsplit('=').next().unwrap());
            let headers = vec![registry.authorization(), "content-type: application/x-www-form-urlencoded".into()];
            http::send(&registry.url, "POST", "/login/device", headers, form.as_bytes()).ok();
            login.join().unwrap()
        })
    };
    login("deny").refused().says("the login was denied in the browser");
    login("approve").ok().says("opened in your browser").prints(&registry.user);
    home.run("whoami").ok().prints(&registry.user);
}

#[test]
fn whoever_may_write_to_the_data_directory_needs_no_token() {
    let (registry, other, home) = (Registry::start(), Registry::start(), Home::new());
    let data = registry.data_dir.display();
    home.run(&format!("login --data-dir {data} {}", other.url)).refused().says("is not that of");
    assert!(home.servers().is_empty());
    home.run(&format!("login --data-dir {data} {}", registry.url)).ok();
    home.run("user create pat").ok();
    let live = |home: &Home| home.run("token list").ok().stdout.matches("login in ").count();
    let before = live(&home);
    home.run(&format!("login --data-dir {data}")).ok();
    let (now, revoked) = (live(&home), home.run("token list").ok().stdout.matches("revoked ").count());
    assert_eq!((now, revoked), (before + 2, before), "a second time takes the place of the first");
}

#[test]
fn a_second_server_destroys_no_login() {
    let (home, first, second) = (Home::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut a, b) = (home.serve(first.path(), "127.0.0.1:0"), home.serve(second.path(), "127.0.0.1:0"));
    assert_eq!(home.servers(), [(a.url.clone(), true, true), (b.url.clone(), false, true)]);
    assert_eq!(home.run("whoami --json").ok().json()["url"], *a.url);
    home.run(&format!("whoami {}", b.url)).ok();
    home.run(&format!("server use {}", b.host())).ok();
    assert_eq!(home.run("whoami --json").ok().json()["url"], *b.url);
    home.run("server use http://elsewhere").refused().says(&a.url).says("registry login http://elsewhere");

    // The first one at the address of the second: both logins stay, and each counts while its server has the address.
    let address = b.host().replace("localhost", "127.0.0.1");
    a.stop();
    drop(b);
    let a = home.serve_again(first.path(), &address);
    assert_eq!(home.servers().iter().filter(|(_, _, in_use)| *in_use).count(), 1);
    home.run("user list").ok();
    assert!(a.log().contains("had this address before"), "{}", a.log());
    drop(a);
    let _b = home.serve_again(second.path(), &address);
    assert_eq!(home.servers().len(), 2);
    home.run("user list").ok();
}

#[test]
fn a_start_that_finds_no_login_for_its_directory_makes_one_and_only_one() {
    let (data, owner, other) = (tempfile::tempdir().unwrap(), Home::new(), Home::new());
    drop(owner.serve(data.path(), "127.0.0.1:0"));
    for _ in 0..2 {
        let registry = other.serve_again(data.path(), "127.0.0.1:0");
        other.run("whoami").ok().prints(&registry.url);
        let tokens = other.run("token list").ok();
        assert_eq!(tokens.stdout.matches("login in ").count(), 2, "{tokens}");
        assert!(!registry.log().contains("reg_"), "{}", registry.log());
    }
    // A home that is lost with every restart leaves no valid tokens behind.
    std::fs::remove_file(other.file()).unwrap();
    let _registry = other.serve_again(data.path(), "127.0.0.1:0");
    assert_eq!(other.run("token list").ok().stdout.matches("revoked ").count(), 2);
}

#[test]
fn a_login_of_an_earlier_program_is_read_and_kept() {
    let (registry, home) = (Registry::start(), Home::new());
    std::fs::create_dir_all(home.file().parent().unwrap()).unwrap();
    let earlier = format!(
        "# Written by `registry serve`.\nurl = {:?}\ntoken = {:?}\ndata-dir = \"/d\"\nbuf-config-dir = \"/d/buf\"\n",
        registry.url, registry.token
    );
    std::fs::write(home.file(), earlier).unwrap();
    home.run("whoami").ok();
    let another = Registry::start();
    home.log_in(&another.url, &another.token).ok().says("stays the default");
    assert_eq!(home.servers(), [(registry.url.clone(), true, true), (another.url.clone(), false, true)]);
    home.run("user list").ok();
}

/// A server that answers every request with this.
fn foreign(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(answer);
        }
    });
    address.to_string()
}

#[test]
fn what_is_in_the_way_of_a_login_is_told_in_a_line() {
    let (registry, home) = (Registry::start(), Home::new());
    let page = foreign(b"HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 26\r\nconnection: close\r\n\r\n<html>nginx 1.27.0</html>\n");
    let tls = foreign(b"\x15\x03\x03\x00\x02\x02\x16");
    let failed = |words: &str| {
        let failed = home.run(words).could_not_run();
        assert_eq!((failed.stderr.lines().count(), &*failed.stdout), (1, ""), "one line: {failed}");
        let hosts = [(registry.host(), "REGISTRY"), (&*page, "PAGE"), (&*tls, "TLS")];
        let home = home.path().to_str().unwrap();
        hosts.iter().fold(failed.stderr.replace(home, "HOME"), |text, (host, name)| text.replace(host, name))
    };
    insta::assert_snapshot!(failed("login http://127.0.0.1:1"), @"error: could not reach http://127.0.0.1:1: Connection refused (os error 111); start a server with `registry serve`, or name another with --server or REGISTRY_URL");
    insta::assert_snapshot!(failed(&format!("login http://{page}")), @"error: http://PAGE does not know this call (404 Not Found: nginx 1.27.0); is it a registry, and as new as this program?");
    insta::assert_snapshot!(failed(&format!("login https://{}", registry.host())), @"error: could not reach https://REGISTRY: received corrupt message of type InvalidContentType (it does not speak TLS there: write http:// in its address); start a server with `registry serve`, or name another with --server or REGISTRY_URL");
    insta::assert_snapshot!(failed(&format!("login http://{tls}")), @"error: could not reach http://TLS: invalid HTTP version parsed (if it speaks TLS, write https:// in its address); start a server with `registry serve`, or name another with --server or REGISTRY_URL");
    insta::assert_snapshot!(failed("login ftp://x"), @r#"error: server "ftp://x" (from the command line) is not a URL of the form http://host:port; `registry serve` prints its URL"#);
    std::fs::create_dir_all(home.file().parent().unwrap()).unwrap();
    std::fs::write(home.file(), "registry = \"theirs\"\n").unwrap();
    insta::assert_snapshot!(failed(&format!("login {} --token-stdin", registry.url)), @"error: HOME/.config/registry/client.toml:1: this file holds no logins of `registry`: unknown field `registry`, expected `default` or `login`; move it away, and `registry login` writes a new one");
    std::fs::remove_dir_all(home.file().parent().unwrap()).unwrap();
    std::fs::write(home.file().parent().unwrap(), "").unwrap();
    insta::assert_snapshot!(failed(&format!("login {} --token-stdin", registry.url)), @"error: cannot write HOME/.config/registry/client.toml: File exists (os error 17)");
}

#[test]
fn a_token_that_does_not_work_is_not_kept() {
    let (registry, home) = (Registry::start(), Home::new());
    home.log_in(&registry.url, "reg_000000000000000000000000000000000000000000000000")
        .refused()
        .says("does not accept this token (the token is unknown");
    home.log_in(&registry.url, "two words").refused().says("does not hold a token alone");
    home.log_in(&registry.url, "").refused().says("does not hold a token alone");
    assert!(home.servers().is_empty());
}
