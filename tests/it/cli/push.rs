//! `registry push` before it reaches a server: what it refuses to read, and what it cannot reach.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Module, Programs, Registry, Transcript, eventually, pets, registry_command, run};

/// Pushes to a port where nobody listens.
fn push(module: &Module, arguments: &[&str]) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    let mut command = registry_command(home.path());
    run(command.arg("push").arg(module.directory()).args(arguments).args(["--server", "http://127.0.0.1:1"]))
}

#[test]
fn what_is_no_module_is_refused() {
    push(&Module::new("acme/pets"), &["--module", "acme/pets"]).refused().says("no .proto files found");
    let nameless = Module::new("acme/pets").file("a.proto", "");
    push(&nameless, &[]).refused().says("--module OWNER/NAME");
    let strange = Module::new("acme/pets").file("a.proto", "").file("buf.yaml", "version: v2\nnmae: x\n");
    push(&strange, &[]).refused().says("buf.yaml:2");
}

#[test]
fn names_are_checked_before_anything_is_read() {
    let module = Module::new("acme/pets").file("a.proto", "");
    push(&module, &["--module", "acme"]).could_not_run().says("owner/name");
    push(&module, &["--module", "acme/Pets"]).could_not_run().says("lower-case");
    push(&module, &["--module", "acme/pets", "--label", "a:b"]).could_not_run().says("may not hold");
    push(&module, &["--module", "acme/pets", "--visibility", "public"]).could_not_run().says("--create");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let module = Module::new("acme/pets").file("a.proto", "");
    push(&module, &["--module", "acme/pets"]).could_not_run().says("http://127.0.0.1:1");
    let elsewhere = registry_command(module.directory()).args(["push", "nowhere", "--server", "http://x"]).output();
    assert_eq!(elsewhere.unwrap().status.code(), Some(2));
}

#[test]
fn findings_name_files_as_they_are_seen_from_the_working_directory() {
    let registry = Registry::start();
    let yaml = "version: v2\nmodules:\n  - path: proto\n    name: localhost/acme/pets\n";
    let module = Module::new("acme/pets")
        .file("buf.yaml", yaml)
        .file("proto/pets.proto", "syntax = \"proto3\";\nmessage Dog { Cat cat = 1; }\n");
    let directory = module.directory().to_str().unwrap();
    let push =
        |arguments: &[&str]| registry.cli(["-C", directory, "push", "--create"].iter().chain(arguments).copied());
    push(&[]).refused().says("error: proto/pets.proto:2:15: name 'Cat' is not defined\n");
    let finding = serde_json::json!(
        { "path": "proto/pets.proto", "line": 2, "column": 15, "message": "name 'Cat' is not defined" }
    );
    assert_eq!(*push(&["--json"]).refused().findings(), serde_json::json!([finding]));
    let dry = registry.cli(["-C", directory, "push", "--dry-run"]).refused();
    dry.says("error: proto/pets.proto:2:15:");
    registry.cli(["-C", directory, "compare", "acme/pets", "./proto"]).refused();
}

#[test]
fn dependencies_are_asked_for_at_once() {
    let registry = Registry::with(|options| _ = options.flag("log-level", "debug"));
    let names = ["one", "two", "three"];
    for name in names {
        let module = Module::new(&format!("acme/{name}"));
        module.file(&format!("{name}.proto"), format!("syntax = \"proto3\";\npackage {name};\n")).push(&registry);
    }
    let deps = names.map(|name| format!("{}/acme/{name}", registry.host())).join(", ");
    let yaml = format!("version: v2\nname: {}/acme/top\ndeps: [{deps}]\n", registry.host());
    let imports = names.map(|name| format!("import \"{name}.proto\";\n")).concat();
    let top = Module::new("acme/top").file("buf.yaml", yaml);
    let top = top.file("top.proto", format!("syntax = \"proto3\";\npackage top;\n{imports}"));
    let is_call = |line: &&str| line.contains("CommitService/GetCommits") && line.contains("status=200");
    let asked = || registry.log().lines().filter(is_call).count();
    let before = asked();
    top.push(&registry);
    assert_eq!(asked() - before, 1, "{}", registry.log());
}

/// A registry whose pushes also make a crate of acme/slow, with this script, and whose replies wait for no crate.
fn with_plugin(script: &str) -> (Programs, Registry) {
    let programs = Programs::new().script("slow", script, "");
    let config = programs.config();
    let registry = Registry::with(|options| {
        let options = options.flag("config", &config).flag("push-wait", "0");
        options.flag("eager-plugins", "community/neoeinstein-prost,acme/slow");
    });
    (programs, registry)
}

#[test]
fn a_push_says_how_many_declarations_it_changed() {
    let registry = Registry::start();
    let push = |text: String| Module::new("acme/pets").file("pets.proto", text).try_push(&registry).ok();
    let first = push(pets("name"));
    assert_eq!(first.json()["modules"][0]["changes"], serde_json::json!([]));
    let more = push(pets("name") + "message Cat {}\nmessage Cow {}\n").says("acme/pets: 2 messages added; see http");
    assert_eq!(more.json()["modules"][0]["changes"], serde_json::json!(["2 messages added"]));
}

#[test]
fn a_failed_crate_fails_a_push_only_if_that_is_wanted() {
    let (_programs, registry) = with_plugin("sleep 1; echo no >&2; exit 3");
    let pets = Module::new("acme/pets").file("pets.proto", pets("name"));
    let unknown = pets.try_push(&registry).ok().json();
    assert_eq!((&unknown["ok"], &unknown["modules"][0]["unchanged"]), (&true.into(), &false.into()), "{unknown}");
    let waited = pets.argument("--wait").try_push(&registry).ok().says("warning: acme_pets_acme_slow");
    assert_eq!(waited.json()["ok"], false);
    assert_eq!(waited.json()["modules"][0]["unchanged"], true);
    waited.says("acme/pets is unchanged");
    let failed =
        pets_again(&registry, &["--fail-on-sdk"]).refused().says("error: acme_pets_acme_slow").with_code("refused");
    assert_eq!(failed.json()["ok"], false);
    pets_again(&registry, &["--fail-on-sdk", "--no-wait"])
        .could_not_run()
        .says("cannot be used with")
        .with_code("usage");
}

/// A push of acme/pets with these arguments.
fn pets_again(registry: &Registry, arguments: &[&str]) -> Transcript {
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    arguments.iter().fold(module, |module, argument| module.argument(argument)).try_push(registry)
}

#[test]
fn a_push_that_does_not_wait_ends_with_the_line_to_follow() {
    let (_programs, registry) = with_plugin("sleep 30");
    let pushed = pets_again(&registry, &["--no-wait"]).ok();
    let commit = pushed.json()["modules"][0]["commit"].as_str().unwrap().to_owned();
    pushed.says(&format!("`registry sdk status acme/pets --commit {commit} --wait`"));
}

#[test]
fn errors_of_json_have_the_code_of_the_server() {
    let registry = Registry::start();
    registry.cli(["module", "info", "acme/none", "--json"]).refused().with_code("not_found");
    registry
        .cli(["module", "info", "acme/none", "--json", "--server", "http://127.0.0.1:1"])
        .could_not_run()
        .with_code("unreachable");
    let broken = Module::new("acme/pets").file("pets.proto", "syntax").try_push(&registry);
    broken.refused().says("pets.proto:1").with_code("invalid_argument");
}

#[test]
fn a_directory_that_is_not_the_root_of_its_packages_is_told_with_the_command() {
    let registry = Registry::start();
    let project = Module::new("acme/pets")
        .file("proto/acme/pets/v1/pets.proto", pets("name"))
        .file("node_modules/x/x.proto", "syntax = \"proto3\";\n")
        .file(".cache/y.proto", "no source");
    let pushed = project.try_push(&registry).ok();
    let root = project.directory().join("proto");
    let command = format!("registry push {} --module acme/pets", root.display());
    pushed
        .says("proto/acme/pets/v1/pets.proto has package acme.pets.v1")
        .says(&command)
        .says("left out")
        .says("node_modules");
    let mut below = registry.command();
    let below = run(below.current_dir(project.directory()).args(["push", "proto", "--module", "acme/pets"])).ok();
    assert!(!below.says("see http").stderr.contains("package acme.pets.v1"));
}

#[test]
fn a_name_in_buf_yaml_needs_no_host() {
    let registry = Registry::start();
    let module =
        Module::new("acme/pets").file("pets.proto", pets("name")).file("buf.yaml", "version: v2\nname: acme/pets\n");
    let push = |arguments: &[&str]| run(registry.command().arg("push").arg(module.directory()).args(arguments));
    push(&["--create"]).ok().prints("acme/pets:");
    push(&["--create", "--visibility", "private"]).ok();
    push(&["--create", "--visibility", "public"])
        .refused()
        .says("registry module update acme/pets --visibility public");
}

#[test]
fn a_watched_directory_is_pushed_with_each_save_until_it_is_gone() {
    let registry = Registry::start();
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    module.push(&registry);
    let mut watch = registry.command();
    let watch = watch.arg("push").arg(module.directory()).args(["--module", "acme/pets", "--watch", "--no-wait"]);
    let log = registry.home().join("watch.log");
    let stderr = std::fs::File::create(&log).unwrap();
    let mut watch = watch.args(["--label", "draft"]).stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
    let said = || std::fs::read_to_string(&log).unwrap();
    let head = || registry.cli(["label", "list", "acme/pets"]).ok().stdout;
    eventually("the first state is pushed", || head().contains("draft"));
    let first = head();
    std::fs::write(module.directory().join("pets.proto"), "syntax").unwrap();
    eventually("the mistake is said", || said().contains("pets.proto:1"));
    std::fs::write(module.directory().join("pets.proto"), pets("title")).unwrap();
    eventually("the next save is pushed", || head() != first);
    drop(module);
    assert_eq!(watch.wait().unwrap().code(), Some(2), "{}", said());
    assert_eq!(said().matches("pets.proto:1").count(), 1, "a mistake is said once: {}", said());
    assert!(said().contains("is gone; nothing is watched any more"), "{}", said());
}

/// The address of a relay to the registry, which is gone when a client calls `method`.
fn relay(registry: &Registry, method: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, server) = (format!("http://{}", listener.local_addr().unwrap()), registry.host().to_owned());
    std::thread::spawn(move || {
        let gone = Arc::new(AtomicBool::new(false));
        for client in listener.incoming() {
            let (mut client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            if gone.load(Ordering::Relaxed) {
                return;
            }
            let (mut back, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut back, &mut to_client));
            let (gone, mut server) = (Arc::clone(&gone), server);
            std::thread::spawn(move || {
                let mut part = [0; 64 << 10];
                while let Ok(length @ 1..) = client.read(&mut part) {
                    if String::from_utf8_lossy(&part[..length]).contains(method) {
                        gone.store(true, Ordering::Relaxed);
                        break;
                    }
                    server.write_all(&part[..length]).unwrap();
                }
                let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
            });
        }
    });
    url
}

#[test]
fn a_push_that_is_stored_is_a_success_although_its_crates_cannot_be_listed() {
    let registry = Registry::start();
    for (wait, name) in [(None, "pets"), (Some("--wait"), "shop")] {
        let module = Module::new(&format!("acme/{name}")).file("pets.proto", pets("name"));
        let home = tempfile::tempdir().unwrap();
        let mut command = registry_command(home.path());
        command.arg("push").arg(module.directory()).args(["--create", "--module", &format!("acme/{name}")]).args(wait);
        command.args(["--server", &relay(&registry, "SdkService/ListSdks"), "--token", &registry.token]);
        let pushed = run(&mut command);
        let pushed = if wait.is_none() { pushed.ok() } else { pushed.could_not_run() };
        pushed.prints(&format!("acme/{name}:")).says("the push is stored, but its crates could not be listed");
        registry.cli(["label", "list", &format!("acme/{name}")]).ok().prints("main");
    }
}
