//! Every change leaves one record in the audit log, in the transaction of the change; whatever changes nothing leaves
//! none. What can change anything comes from the program, so nothing new escapes.

use std::collections::BTreeSet;

use super::database::{Database, Record};
use super::fill::fill;
use super::forms::FORMS;
use super::rpcs::{CHANGES, READS};
use crate::access;
use crate::support::{Answer, Module, Registry, http, pets, run};

/// What a request leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// Nothing: no record, and everything as it was.
    Nothing,
    /// One record of this action, of something that changes nothing that lasts.
    Record(&'static str),
    /// A change, and one record of this action.
    Change(&'static str),
}
use Leaves::{Change, Nothing};

/// A registry with `acme/pets` and its crate.
fn world() -> (Registry, Database) {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", "community/neoeinstein-prost"));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let database = Database::of(&registry);
    (registry, database)
}

/// Does `request`, and checks what it leaves.
#[track_caller]
fn check(row: &str, database: &Database, leaves: Leaves, request: impl FnOnce()) {
    database.wait_for_workers();
    let (before, known) = (database.content(), database.records(0).len());
    request();
    database.wait_for_workers();
    let records: Vec<_> = database.records(known);
    let expected = match leaves {
        Nothing => vec![],
        Leaves::Record(action) | Change(action) => vec![action],
    };
    let actions: Vec<_> = records.iter().map(|record: &Record| record.action.as_str()).collect();
    assert_eq!(actions, expected, "the records of {row}");
    assert_eq!(database.content() != before, matches!(leaves, Change(_)), "whether {row} changed anything");
}

/// Does `request` twice: while no record can be stored, which must fail and leave nothing, and once more.
#[track_caller]
fn check_both_ways(row: &str, database: &Database, leaves: Leaves, request: impl Fn() -> u16, ok: u16) {
    if leaves != Nothing {
        check(row, database, Nothing, || {
            let status = database.without_audit_log(&request);
            assert_eq!(status, 500, "{row}, which cannot be recorded");
        });
    }
    check(row, database, leaves, || assert_eq!(request(), ok, "{row}"));
}

fn post(registry: &Registry, method: &str, request: &str) -> Answer {
    let headers = vec![registry.authorization(), "content-type: application/json".into()];
    http::send(&registry.url, "POST", &format!("/{method}"), headers, request.as_bytes())
}

#[test]
fn every_rpc_that_changes_something_leaves_one_record_or_changes_nothing() {
    let (registry, database) = world();
    for (method, request, leaves) in CHANGES {
        let request = fill(request, &registry, &database);
        let send = || {
            let answer = post(&registry, method, &request);
            assert!(matches!(answer.status, 200 | 500), "{method} {request}: {}", answer.text());
            answer.status
        };
        check_both_ways(method, &database, *leaves, send, 200);
    }
    let without_actor = database.records(0).into_iter().filter(|record| !record.has_actor);
    let actions: BTreeSet<_> = without_actor.map(|record| record.action).collect();
    assert_eq!(actions, ["token.create", "user.create"].map(str::to_owned).into(), "the first start alone is nobody's");
}

#[test]
fn an_rpc_that_reads_changes_nothing() {
    let (registry, database) = world();
    let commit = fill("<PETS>", &registry, &database);
    let version = fill("<VERSION>", &registry, &database);
    for (method, request) in access::requests().filter(|(method, _)| READS.contains(method)) {
        let request = request.replace("OWNER", "acme").replace("MODULE", "pets").replace("COMMIT", &commit);
        let request = request.replace("CRATE", "acme_pets_community_neoeinstein-prost").replace("VERSION", &version);
        check(method, &database, Nothing, || drop(post(&registry, method, &request)));
    }
}

#[test]
fn every_rpc_has_a_row() {
    let methods: BTreeSet<_> = registry::serve::methods().into_iter().collect();
    let rows = CHANGES.iter().map(|(method, ..)| *method).chain(READS.iter().copied());
    assert_eq!(
        methods,
        rows.map(str::to_owned).collect(),
        "the RPCs of the program and the tables of this test differ"
    );
}

#[test]
fn every_form_that_changes_something_leaves_one_record_or_changes_nothing() {
    let (registry, database) = world();
    registry.cli(["user", "create", "sam"]).ok();
    let cookie = std::cell::RefCell::new(String::new());
    for (_, path, fields, ok, leaves) in FORMS {
        let fields = fill(fields, &registry, &database);
        let send = || {
            let mut headers = vec![registry.authorization()];
            headers.push("content-type: application/x-www-form-urlencoded".into());
            headers.push(format!("cookie: {}", cookie.borrow()));
            let answer = http::send(&registry.url, "POST", path, headers, fields.as_bytes());
            if answer.status != *ok && answer.status != 500 {
                panic!("POST {path} {fields}: {} {}", answer.status, answer.text());
            }
            if let Some((pair, _)) = answer.header("set-cookie").split_once(';') {
                cookie.replace(pair.to_owned());
            }
            answer.status
        };
        check_both_ways(&format!("POST {path} {fields}"), &database, *leaves, send, *ok);
    }
}

#[test]
fn every_recorded_action_can_be_asked_for() {
    let registry = Registry::start();
    let recorded = CHANGES.iter().map(|(.., leaves)| leaves).chain(FORMS.iter().map(|(.., leaves)| leaves));
    let actions: BTreeSet<_> = recorded
        .filter_map(|leaves| match leaves {
            Nothing => None,
            Leaves::Record(action) | Change(action) => Some(*action),
        })
        .collect();
    assert!(actions.len() > 30, "{actions:?}");
    for action in actions {
        registry.cli(["audit", "--action", action]).ok();
    }
}

#[test]
fn every_form_has_a_row() {
    let forms: BTreeSet<_> = registry::serve::forms().into_iter().collect();
    let rows: BTreeSet<_> = FORMS.iter().map(|(pattern, ..)| *pattern).collect();
    assert_eq!(forms, rows, "the forms of the program and the table of this test differ");
}

#[test]
fn tokens_on_the_data_directory_leave_their_records_too() {
    let (registry, database) = world();
    let local = |arguments: &[&str]| {
        let mut command = registry.command();
        command.env_remove("REGISTRY_URL").env_remove("REGISTRY_TOKEN").arg("token").args(arguments);
        u16::from(run(command.arg("--data-dir").arg(&registry.data_dir)).succeeded()) * 200
    };
    let local = |arguments: &[&str]| if local(arguments) == 200 { 200 } else { 500 };
    let create = || local(&["create", "--note", "audited"]);
    check_both_ways("token create --data-dir", &database, Change("token.create"), create, 200);
    let id = fill("<TOKEN_ID>", &registry, &database);
    let revoke = || local(&["revoke", &id]);
    check_both_ways("token revoke --data-dir", &database, Change("token.revoke"), revoke, 200);
    check("token revoke --data-dir, again", &database, Nothing, || assert_eq!(revoke(), 200));
}

#[test]
fn cargos_first_request_is_recorded_once() {
    let (registry, database) = world();
    let index = || registry.get("/gen/cargo/ac/me/acme_pets_anthropics_buffa").status;
    check("an index request without a record", &database, Nothing, || {
        assert_eq!(database.without_audit_log(index), 503);
    });
    check("an index request", &database, Change("interest.add"), || assert_eq!(index(), 200));
    check("an index request, again", &database, Nothing, || assert_eq!(index(), 200));
}
