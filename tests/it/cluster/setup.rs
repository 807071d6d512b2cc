//! The setting `--store`: what it takes, what it shows, and what it refuses.

use super::Cluster;
use crate::support::{Database, Registry};

/// What a start on `store` says; it must not succeed.
#[track_caller]
pub(super) fn refused(store: &str, flags: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::registry_command(home.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--store", store, "--data-dir"]).arg(directory.path());
    command.args(flags.iter().map(|(name, value)| format!("--{name}={value}")));
    let told = crate::support::run(&mut command).could_not_run();
    assert_eq!(told.stderr.trim_end().lines().count(), 1, "{told}");
    assert!(!told.stderr.contains("s3cret"), "{told}");
    told.stderr.clone()
}

#[test]
fn a_store_that_cannot_be_used_is_one_line() {
    let database = Database::new();
    for (store, told) in [
        ("/var/lib/registry", "is no address of a store; write postgres://USER@HOST/NAME"),
        ("mysql://me:s3cret@db/acme", "\"mysql://me@db/acme\" is no address of a store"),
        ("postgres://db/acme", "names no user"),
        ("postgres://registry:s3cret@127.0.0.1:1/acme", "cannot be reached"),
        (&database.address().replace("/it_", "/nobody_made_"), "does not exist"),
    ] {
        let line = refused(store, &[]);
        assert!(line.contains(told), "{store}: {line}");
    }
    let home = tempfile::tempdir().unwrap();
    let told = crate::support::registry_command(home.path())
        .args(["serve", "--await-restore", "--data-dir", "x", "--store", database.address()])
        .output()
        .unwrap();
    let line = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.code() == Some(2) && line.contains("registry migrate"), "{line}");
    let line = refused(database.address(), &[("max-store-bytes", "1GiB")]);
    assert!(line.contains("max-store-bytes") && line.contains("--store names another"), "{line}");
    let line = refused(database.address(), &[("backup-dir", "/backups")]);
    assert!(line.contains("backup-dir") && line.contains("pg_dump"), "{line}");
}

#[test]
fn a_database_of_something_else_or_of_a_newer_program_is_left_alone() {
    let database = Database::new();
    let mut beside = database.connect();
    beside.batch_execute("CREATE TABLE customers (name TEXT)").unwrap();
    assert!(refused(database.address(), &[]).contains("is not a database of a registry"));
    beside.batch_execute("DROP TABLE customers").unwrap();
    let cluster = Cluster::on(database, 1);
    cluster.nodes[0].is_well();
    beside.batch_execute("UPDATE registry_format SET format = 999, oldest_program = 999").unwrap();
    let line = refused(cluster.database.address(), &[]);
    assert!(line.contains("has format 999"), "{line}");
}

#[test]
fn the_configuration_shows_the_store_without_its_password() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::registry_command(home.path());
    command.args(["config"]).env("REGISTRY_STORE", "postgres://me:s3cret@db/acme?sslmode=verify-full");
    let shown = crate::support::run(&mut command).ok();
    assert!(shown.stdout.contains("postgres://me@db/acme?sslmode=verify-full"), "{shown}");
    assert!(!shown.stdout.contains("s3cret"), "{shown}");
}

#[test]
fn commands_on_a_data_directory_take_the_store_in_its_place() {
    let cluster = Cluster::start(1);
    let node = &cluster.nodes[0];
    crate::support::Module::new("acme/pets").file("pets.proto", crate::support::pets("name")).push(node);
    let store = ["--store", cluster.database.address()];
    let verified = node.cli(["verify", "--regenerate"].into_iter().chain(store)).ok();
    assert!(verified.stdout.contains("nothing is damaged") || verified.stdout.contains("1 commit"), "{verified}");
    let found = node.cli(["gc"].into_iter().chain(store)).ok();
    assert!(found.stdout.contains("would remove 0 ended sessions"), "{found}");
    node.cli(["repair"].into_iter().chain(store)).ok();
    let told = node.cli(["backup", "registry.db"].into_iter().chain(store)).could_not_run();
    assert!(told.stderr.contains("pg_dump"), "{told}");
    let empty = Database::new();
    let told = node.cli(["verify", "--store", empty.address()]).could_not_run();
    assert!(told.stderr.contains("holds no registry"), "{told}");
    let token = |command: &[&str]| {
        let mut arguments = vec!["token"];
        arguments.extend(command);
        let mut run = node.command();
        run.args(arguments).arg("--data-dir").arg(&node.data_dir).env("REGISTRY_STORE", cluster.database.address());
        crate::support::run(&mut run).ok()
    };
    let made = token(&["create", "--scope", "read", "--json"]).json();
    assert!(made["token"].as_str().unwrap().starts_with("reg_"), "{made}");
    assert!(token(&["list"]).stdout.contains("read"));
}

#[test]
fn servers_leave_each_other_s_logins() {
    let cluster = Cluster::start(1);
    let first = &cluster.nodes[0];
    let accepts = |token: &str| {
        let headers = vec![format!("authorization: Bearer {token}")];
        crate::support::http::send(&first.url, "GET", "/gen/cargo/config.json", headers, &[]).status == 200
    };
    // The same place for logins on several machines is what a home of the same name is.
    let home = tempfile::tempdir().unwrap();
    let start = |directory: &std::path::Path| {
        Registry::with(|options| {
            options.keep(directory, Some(&first.token)).flag("store", cluster.database.address());
            options.variable("XDG_CONFIG_HOME", home.path().to_str().unwrap());
        })
    };
    let directories = [0; 2].map(|_| tempfile::tempdir().unwrap());
    let _second = start(directories[0].path());
    let logins = std::fs::read_to_string(home.path().join("registry/client.toml")).unwrap();
    let token = logins.lines().find_map(|line| line.strip_prefix("token = ")).unwrap().trim_matches('"').to_owned();
    assert!(accepts(&token));
    std::fs::remove_file(home.path().join("registry/client.toml")).unwrap();
    let _third = start(directories[1].path());
    assert!(accepts(&token), "another server began, and kept its login under the same path");
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_have_one_first_user() {
    for _ in 0..3 {
        let database = Database::new();
        let starts: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                let (directory, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
                let mut command = crate::support::registry_command(home.path());
                command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--store", database.address()]);
                command.arg("--data-dir").arg(directory.path()).stdout(std::process::Stdio::piped());
                let mut process = command.stderr(std::process::Stdio::null()).spawn().unwrap();
                let mut line = String::new();
                std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line)
                    .unwrap();
                process.kill().unwrap();
                process.wait().unwrap();
                line
            };
            let starts: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(starts.iter().all(|line| line.contains("\"url\":")), "{starts:?}");
        let users: i64 = database.connect().query_one("SELECT count(*) FROM owners", &[]).unwrap().get(0);
        assert_eq!((users, starts.iter().filter(|line| line.contains("\"user\":\"")).count()), (1, 1), "{starts:?}");
    }
}

#[test]
fn the_directory_of_a_server_on_a_shared_database_is_no_new_registry_without_it() {
    let (mut cluster, home) = (Cluster::start(1), tempfile::tempdir().unwrap());
    cluster.nodes[0].stop();
    let node = &cluster.nodes[0];
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "list"], &["login"]] {
        let mut run = crate::support::registry_command(home.path());
        run.args(command).arg("--data-dir").arg(&node.data_dir);
        let told = crate::support::run(&mut run).could_not_run();
        assert!(told.stderr.contains("name that with --store"), "{told}");
    }
    assert!(!node.data_dir.join("registry.db").exists());
}

#[test]
fn a_first_start_says_where_data_is_kept() {
    let (database, directory) = (Database::new(), tempfile::tempdir().unwrap());
    let node = Registry::with(|options| {
        options.keep(directory.path(), None).flag("store", database.address());
    });
    assert!(!directory.path().join("registry.db").exists(), "the data directory holds no database");
    assert!(node.get("/readyz").ok().text().contains("ready"));
}
