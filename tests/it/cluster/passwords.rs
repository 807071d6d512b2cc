//! How a server signs in to its database: where the password is, and what is said without it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::setup::refused;
use crate::support::{Database, PostgresServer, Registry, eventually, registry_command, run};

/// A database on a server that asks everybody for a password, with a connection of somebody who has it.
fn with_password(server: &PostgresServer, password: &str) -> (Database, postgres::Client) {
    let database = Database::on(server);
    let mut beside = database.connect();
    set_password(&mut beside, password);
    std::fs::write(server.socket_dir().join("pg_hba.conf"), "local all all scram-sha-256\n").unwrap();
    beside.batch_execute("SELECT pg_reload_conf()").unwrap();
    eventually("the server asks for it", || postgres::Client::connect(database.address(), postgres::NoTls).is_err());
    (database, beside)
}

fn set_password(beside: &mut postgres::Client, password: &str) {
    beside.batch_execute(&format!("ALTER ROLE registry PASSWORD '{password}'")).unwrap();
}

fn write(file: &Path, password: &str) {
    std::fs::write(file, format!("*:*:*:registry:{password}\n")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_password_that_is_changed_in_its_file_holds_without_a_restart() {
    let (server, directory) = (PostgresServer::start(), tempfile::tempdir().unwrap());
    let (database, mut beside) = with_password(&server, "first");
    let line = refused(database.address(), &[]);
    assert!(line.contains("it asks for a password; set PGPASSWORD, or write it into ~/.pgpass"), "{line}");
    let file = directory.path().join("passwords");
    write(&file, "first");
    let data = directory.path().join("data");
    let node = Registry::with(|options| {
        options.keep(&data, None).flag("store", database.address());
        options.variable("PGPASSFILE", file.to_str().unwrap());
    });
    let is_served = || node.get("/gen/cargo/config.json").status == 200;
    assert!(is_served());
    set_password(&mut beside, "second");
    beside
        .batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        .unwrap();
    eventually("it cannot sign in", || !is_served());
    write(&file, "second");
    eventually("it has read the file again", is_served);
}

#[test]
fn a_server_without_tls_is_told_with_what_to_write() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The answer of a PostgreSQL without TLS to whoever asks for it.
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut asked = [0; 8];
            std::io::Read::read_exact(&mut connection, &mut asked).unwrap();
            std::io::Write::write_all(&mut connection, b"N").unwrap();
        }
    });
    let line = refused(&format!("postgres://registry:s3cret@127.0.0.1:{port}/acme?sslmode=require"), &[]);
    assert!(
        line.contains("it has no TLS; where the network is trusted, write sslmode=prefer or sslmode=disable"),
        "{line}"
    );
}

#[test]
fn commands_name_the_database_itself_and_say_what_is_missing_by_its_flag() {
    let (database, home) = (Database::new(), tempfile::tempdir().unwrap());
    let data = home.path().join("data");
    let node = Registry::with(|options| _ = options.keep(&data, None).flag("store", database.address()));
    let anywhere = |words: &[&str]| run(registry_command(home.path()).args(words));
    let store = ["--store", database.address()];
    let made = anywhere(&[&["token", "create", "--scope", "read", "--json"], &store[..]].concat()).ok().json();
    let headers = vec![format!("authorization: Bearer {}", made["token"].as_str().unwrap())];
    assert_eq!(crate::support::http::send(&node.url, "GET", "/gen/cargo/config.json", headers, &[]).status, 200);
    let id = made["id"].as_str().unwrap();
    assert!(anywhere(&[&["token", "list"], &store[..]].concat()).ok().stdout.contains(&id[..8]));
    anywhere(&[&["token", "revoke", id], &store[..]].concat()).ok();
    assert!(
        anywhere(&[&["audit", "--action", "token.revoke"], &store[..]].concat()).ok().stdout.contains("token.revoke")
    );
    let told = anywhere(&[&["login", &node.url, "--data-dir", data.to_str().unwrap()], &store[..]].concat()).ok();
    assert!(told.stdout.contains("logged in to"), "{told}");
    anywhere(&["migrate", "--from", "nowhere", "--to", database.address()])
        .could_not_run()
        .says("holds no registry; name what is to be moved with --from");
}
