//! Nodes whose crates are in an object store.

use std::time::{Duration, SystemTime};

use super::Cluster;
use crate::support::object_store::{BUCKET, KEY_ID, ObjectServer, SECRET};
use crate::support::{Consumer, Database, Module, Registry, eventually, pets, registry_command, run};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

/// The place of crates on the object store.
fn place_on(objects: &ObjectServer) -> String {
    format!("s3://{BUCKET}/registry?endpoint=http://127.0.0.1:{}", objects.port())
}

/// The nodes of a cluster whose crates are there.
fn start(objects: &ObjectServer, nodes: usize) -> Cluster {
    let mut cluster = Cluster::start(0);
    for _ in 0..nodes {
        let (directory, first) = (tempfile::tempdir().unwrap(), cluster.nodes.first());
        let node = Registry::with(|options| {
            options.keep(directory.path(), first.map(|first| &*first.token));
            options.flag("store", cluster.database.address()).flag("blobs", &place_on(objects));
            options.variable("AWS_ACCESS_KEY_ID", KEY_ID).variable("AWS_SECRET_ACCESS_KEY", SECRET);
        });
        cluster.directories.push(directory);
        cluster.nodes.push(node);
    }
    cluster
}

/// The checksum of the newest version of the crate, and the path of its download.
fn newest(node: &Registry) -> (String, String) {
    let page = node.get(INDEX).ok();
    let lines = page.lines();
    let text = |key: &str| lines.last().unwrap()[key].as_str().unwrap().to_owned();
    (text("cksum"), format!("/gen/cargo/api/v1/crates/{PROST}/{}/download", text("vers")))
}

fn crates_in_the_database(cluster: &Cluster) -> i64 {
    cluster.database.connect().query_one("SELECT count(*) FROM crate_blobs", &[]).unwrap().get(0)
}

#[test]
fn cargo_takes_crates_from_every_node_and_they_are_in_the_bucket_alone() {
    let objects = ObjectServer::start();
    let cluster = start(&objects, 2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    let consumer = Consumer::new(there);
    consumer.add(PROST);
    consumer.cargo(["fetch"]).ok();
    let (checksum, _) = newest(there);
    assert!(objects.file_of(&checksum).is_file());
    assert!(there.data_dir.join("crate-cache").join(&checksum).is_file());
    assert_eq!(crates_in_the_database(&cluster), 0);
    let blobs = place_on(&objects);
    let told = |arguments: &[&str]| {
        let mut command = here.command();
        command.args(arguments).args(["--store", cluster.database.address(), "--blobs", &blobs]);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        run(&mut command)
    };
    let verified = told(&["verify"]).ok();
    assert!(verified.stdout.contains("nothing is damaged") || verified.stdout.contains("1 commit"), "{verified}");
    // As a node leaves it that ends before the transaction.
    let left = "ab".repeat(32);
    std::fs::create_dir_all(objects.file_of(&left).parent().unwrap()).unwrap();
    std::fs::write(objects.file_of(&left), "left").unwrap();
    let found = told(&["gc"]).ok();
    assert!(found.stdout.contains("and 0 objects of no crate"), "{found}");
    objects.set_stored(&left, SystemTime::now() - Duration::from_secs(25 * 60 * 60));
    objects.set_stored(&checksum, SystemTime::now() - Duration::from_secs(25 * 60 * 60));
    let found = told(&["gc"]).ok();
    assert!(found.stdout.contains("would remove") && found.stdout.contains("and 1 objects of no crate"), "{found}");
    assert!(objects.file_of(&left).is_file());
    let removed = told(&["gc", "--yes"]).ok();
    assert!(removed.stdout.contains("and 1 objects of no crate"), "{removed}");
    assert!(!objects.file_of(&left).exists() && objects.file_of(&checksum).is_file());
    std::fs::remove_file(objects.file_of(&checksum)).unwrap();
    let damaged = told(&["verify"]);
    assert!(damaged.to_string().contains("is lost: s3://acme-crates/registry"), "{damaged}");
}

#[test]
fn an_object_store_that_is_busy_is_503_and_what_waits_for_it_is_done_later() {
    let objects = ObjectServer::start();
    let cluster = start(&objects, 2);
    let (here, there) = cluster.two();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(here);
    let (_, download) = newest(there);
    objects.set_busy(true);
    let answer = there.get(&download).is(503);
    assert!(!answer.header("retry-after").is_empty());
    assert!(answer.text().contains("the registry's object store is busy"), "{}", answer.text());
    assert!(!answer.text().contains('<') && !answer.text().contains("s3://"), "{}", answer.text());
    // Other nodes have the same object store: whoever chooses between them is told that this one serves.
    eventually("it is told", || {
        there.get("/readyz?verbose").ok().text().contains("object store: the registry's object store is busy")
    });
    there.cli(["status"]).ok().prints("the registry's object store is busy");
    assert!(there.get("/metrics").ok().text().contains("\nregistry_object_store_up 0\n"));
    here.get(&download).ok();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("age")).argument("--no-wait").push(here);
    objects.set_busy(false);
    there.get(&download).ok();
    eventually("the crate is there", || there.get(INDEX).text().contains(&pushed.commit[..12]));
    let (_, download) = newest(there);
    there.get(&download).ok();
}

/// What a platform answers to whoever asks for credentials with this token, on a port of this machine.
fn platform(token: &'static str) -> u16 {
    use std::io::{BufRead as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let lines = std::io::BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            let is_known = head.iter().any(|line| line.eq_ignore_ascii_case(&format!("authorization: {token}")));
            let given = serde_json::json!({
                "AccessKeyId": KEY_ID,
                "SecretAccessKey": SECRET,
                "Token": "of-a-session",
                "Expiration": "2099-01-01T00:00:00Z",
            });
            let (status, body) =
                if is_known { ("200 OK", given.to_string()) } else { ("403 Forbidden", String::new()) };
            let length = body.len();
            write!(connection, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .unwrap();
        }
    });
    port
}

#[test]
fn credentials_come_from_the_platform_that_the_server_runs_on() {
    let (objects, database, directory) = (ObjectServer::start(), Database::new(), tempfile::tempdir().unwrap());
    let (token_file, port) = (directory.path().join("token"), platform("token-of-the-pod"));
    let start = || {
        Registry::try_with(|options| {
            options.keep(&directory.path().join("data"), None).flag("store", database.address());
            options.flag("blobs", &place_on(&objects));
            options
                .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("http://127.0.0.1:{port}/v1/credentials"))
                .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file.to_str().unwrap());
        })
    };
    std::fs::write(&token_file, "another").unwrap();
    let told = start().map(drop).unwrap_err();
    assert!(told.contains("the container service gives no credentials for it: it answers 403"), "{told}");
    std::fs::write(&token_file, "token-of-the-pod").unwrap();
    let node = start().unwrap();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&node);
    let (checksum, path) = newest(&node);
    assert!(objects.file_of(&checksum).is_file());
    node.get(&path).ok();
}

#[test]
fn a_server_with_another_place_for_crates_does_not_start_beside_those_that_run() {
    let objects = ObjectServer::start();
    let cluster = start(&objects, 1);
    let (directory, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = registry_command(home.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--store", cluster.database.address(), "--data-dir"]);
    let told = run(command.arg(directory.path())).could_not_run();
    let place = format!("keeps new crates in s3://{BUCKET}/registry, this one would in the database");
    assert!(told.stderr.contains(&place) && told.stderr.contains("give all servers the same --blobs"), "{told}");
}

#[test]
fn an_object_store_that_cannot_be_used_is_one_line() {
    let objects = ObjectServer::start();
    let database = Database::new();
    let endpoint = format!("?endpoint=http://127.0.0.1:{}", objects.port());
    let refused = |flags: &[(&str, &str)], secret: &str| {
        let (directory, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut command = registry_command(home.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(directory.path());
        command.args(flags.iter().map(|(name, value)| format!("--{name}={value}")));
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", secret);
        let told = run(&mut command).could_not_run();
        assert_eq!(told.stderr.trim_end().lines().count(), 1, "{told}");
        assert!(!told.stderr.contains("s3cret") && !told.stderr.contains(SECRET), "{told}");
        told.stderr.clone()
    };
    let store = ("store", database.address());
    let place = place_on(&objects);
    let line = refused(&[("blobs", &place)], SECRET);
    assert!(line.contains("a data directory holds its crates itself"), "{line}");
    let line = refused(&[store, ("blobs", &place)], "s3cret");
    assert!(line.contains("403 SignatureDoesNotMatch") && line.contains("s3://acme-crates/registry"), "{line}");
    let line = refused(&[store, ("blobs", &format!("s3://other-crates{endpoint}"))], SECRET);
    assert!(line.contains("there is no bucket of s3://other-crates at http://127.0.0.1:"), "{line}");
    let line = refused(&[store, ("blobs", "s3://acme-crates?endpoint=http://127.0.0.1:1")], SECRET);
    assert!(line.contains("cannot be reached: Connection refused"), "{line}");
    let line = refused(&[store, ("blobs", "s3://acme-crates?region=eu-west-1")], "");
    assert!(line.contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), "{line}");
}

#[test]
fn crates_move_into_the_bucket_with_a_registry_and_out_of_it_again() {
    let (objects, database) = (ObjectServer::start(), Database::new());
    let (data, away, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = Registry::with(|options| _ = options.keep(data.path(), None));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&first);
    let (token, page, (checksum, path)) = (first.token.clone(), first.get(INDEX).ok().text(), newest(&first));
    first.stop();
    let back = away.path().join("registry");
    let migrate = |from: &str, to: &str| {
        let mut command = registry_command(home.path());
        command.args(["migrate", "--from", from, "--to", to, "--blobs", &place_on(&objects)]);
        run(command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET)).ok()
    };
    migrate(data.path().to_str().unwrap(), database.address());
    assert!(objects.file_of(&checksum).is_file());
    let rows: i64 = database.connect().query_one("SELECT count(*) FROM crate_blobs", &[]).unwrap().get(0);
    assert_eq!(rows, 0);
    migrate(database.address(), back.to_str().unwrap());
    drop(objects);
    let last = Registry::with(|options| _ = options.keep(&back, Some(&token)));
    assert_eq!(last.get(INDEX).ok().text(), page);
    assert_eq!(registry::model::Sha256Digest::of(&last.get(&path).ok().body).to_string(), checksum);
}
