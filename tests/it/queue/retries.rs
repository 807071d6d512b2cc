//! Failed crates: a temporary failure is retried; a crate that ends the process several times is not.

use std::path::Path;

use crate::support::{Module, Programs, Registry, eventually, pets, signal};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_acme_dto";

/// Notes that it was started, waits for the file `pid`, and ends that process if it does not say `none`.
const DEADLY: &str = "cat >request
echo run >>HERE/runs
while [ -d HERE ] && [ ! -s HERE/pid ]; do sleep 0.01; done
[ \"$(cat HERE/pid)\" = none ] || { kill -KILL \"$(cat HERE/pid)\"; sleep 60; }
cat HERE/answer";

/// Notes that it was started, and waits for the word to go on.
const SLOW: &str = "cat >request
echo run >>HERE/runs
while [ -d HERE ] && [ ! -e HERE/go ]; do sleep 0.01; done
cat HERE/answer";

fn programs(script: &str) -> Programs {
    Programs::new().answer("answer", &[("acme.pets.v1.rs", "pub struct Dog;")]).script("dto", script, "")
}

fn start(programs: &Programs, data: &Path, token: Option<&str>) -> Registry {
    let config = programs.config();
    Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", "acme/dto").flag("push-wait", "0").keep(data, token);
    })
}

fn runs(programs: &Programs) -> usize {
    std::fs::read_to_string(programs.path("runs")).unwrap_or_default().lines().count()
}

/// State and message of the only crate of acme/pets.
fn sdk(registry: &Registry) -> (String, String) {
    let listed = registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json();
    let text = |key: &str| listed[0][key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("message"))
}

#[test]
fn a_crate_that_ends_the_process_three_times_is_given_up_until_somebody_asks() {
    let (programs, data) = (programs(DEADLY), tempfile::tempdir().unwrap());
    let mut registry = start(&programs, data.path(), None);
    let token = registry.token.clone();
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    for _ in 0..3 {
        std::fs::write(programs.path("pid"), registry.process().id().to_string()).unwrap();
        registry.process().wait().unwrap();
        std::fs::remove_file(programs.path("pid")).unwrap();
        registry = start(&programs, data.path(), Some(&token));
    }
    eventually("it is given up", || sdk(&registry).0 == "failed");
    let message = sdk(&registry).1;
    let asking = format!("registry sdk retry acme/pets --commit {}", pushed.commit);
    assert!(message.contains("ended 3 times") && message.contains(&asking), "{message}");
    assert_eq!(runs(&programs), 3);
    registry.get(INDEX).is(422);

    std::fs::write(programs.path("pid"), "none").unwrap();
    registry.cli(asking.split(' ').skip(1)).ok().prints("served");
    assert_eq!((runs(&programs), registry.get(INDEX).is(200).lines().len()), (4, 1));
}

#[test]
fn an_ordinary_restart_is_nothing_to_give_a_crate_up_for() {
    let (programs, data) = (programs(SLOW), tempfile::tempdir().unwrap());
    let mut registry = start(&programs, data.path(), None);
    let token = registry.token.clone();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    for restarts in 0..4 {
        eventually("it is being made", || runs(&programs) == restarts + 1);
        registry.signal("TERM");
        eventually("it is given back", || registry.log().contains("the next start makes"));
        // Like a service manager that has waited long enough.
        signal(registry.process().id(), "KILL");
        registry.process().wait().unwrap();
        registry = start(&programs, data.path(), Some(&token));
    }
    std::fs::write(programs.path("go"), "").unwrap();
    eventually("it is made", || sdk(&registry).0 == "served");
}

#[test]
fn what_the_store_could_not_read_is_tried_again_by_itself() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::with(|options| {
        options.keep(data.path(), None).flag("eager-plugins", "");
    });
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    // Read errors cannot be ordered; a table that is not there fails in the same way.
    let database = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    database.execute_batch("ALTER TABLE commit_files RENAME TO lost").unwrap();
    let page = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";
    let refused = registry.get(page).is(503).text();
    assert!(refused.contains("could not be generated") && refused.contains("tried again by itself"), "{refused}");
    database.execute_batch("ALTER TABLE lost RENAME TO commit_files").unwrap();
    eventually("the crate is made without being asked for", || sdk(&registry).0 == "served");
    assert_eq!(registry.get(page).is(200).lines().len(), 1);
}

#[test]
fn a_program_that_could_not_be_started_is_tried_again_and_one_that_refuses_is_not() {
    let programs = programs("cat >request; cat HERE/answer").script("no", "echo no; echo no >>HERE/runs; exit 1", "");
    let (config, data) = (programs.config(), tempfile::tempdir().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let missing = temporary.path().join("later");
    let with = format!("TMPDIR={}", missing.display());
    let registry = Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", "acme/dto,acme/no").keep(data.path(), None);
        options.under(&["env", &with]);
    });
    let pushed = Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let message = pushed.failure("acme/dto");
    assert!(message.contains("could not start plugin acme/dto") && message.contains("tried again"), "{message}");
    std::fs::create_dir(&missing).unwrap();
    eventually("the crate is made", || registry.get(INDEX).status == 200);
    eventually("the other has refused", || runs(&programs) > 0);
    // Longer than it would be until a second try.
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(runs(&programs), 1, "a refusal is final");
}
