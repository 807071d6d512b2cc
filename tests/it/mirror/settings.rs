//! What a mirror takes over beside commits: texts, state and visibility always; organization, members and interests
//! when it is asked to.

use serde_json::{Value, json};

use crate::mirror::module::of_another_kind;
use crate::support::{Module, Registry, Transcript, eventually, pets};

const TONIC: &str = "community/neoeinstein-tonic";
const BUFFA: &str = "anthropics/buffa";

/// A registry with acme/pets, which says much of itself: pat is a writer of acme, ada a reader, and both its labels are
/// kept generated with a plugin.
fn source() -> Registry {
    let source = Registry::start();
    for user in ["pat", "ada"] {
        source.cli(["user", "create", user]).ok();
    }
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&source);
    Module::new("acme/pets").file("pets.proto", pets("other")).argument("--label=next").push(&source);
    let cli = |line: &[&str]| drop(source.cli(line).ok());
    cli(&["module", "update", "acme/pets", "--description", "Dogs and cats", "--url", "https://pets.example"]);
    cli(&["organization", "update", "acme", "--description", "The zoo"]);
    cli(&["organization", "member", "set", "acme", "pat", "--role", "writer"]);
    cli(&["organization", "member", "set", "acme", "ada", "--role", "reader"]);
    cli(&["sdk", "generate", "acme/pets", "--plugin", BUFFA]);
    cli(&["sdk", "generate", "acme/pets", "--plugin", TONIC, "--label", "next"]);
    source
}

fn mirror(target: &Registry, source: &Registry, more: &[&str]) -> Transcript {
    let wanted = format!("{}/acme/pets", source.host());
    let line = ["mirror", &wanted, "--from", &source.url, "--source-token", &source.token, "--json"];
    target.cli(line.iter().chain(more))
}

fn phrases(report: &Value, field: &str) -> Vec<String> {
    report[field].as_array().unwrap().iter().map(|phrase| phrase.as_str().unwrap().to_owned()).collect()
}

fn info(registry: &Registry) -> Value {
    registry.cli(["module", "info", "acme/pets", "--json"]).ok().json()
}

fn members(registry: &Registry) -> Vec<(String, String)> {
    let list = registry.cli(["organization", "member", "list", "acme", "--json"]).ok().json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|member| (text(&member["user"]), text(&member["role"]))).collect()
}

/// The actions of the audit log whose names begin with one of `kinds`.
fn audited(registry: &Registry, kinds: &[&str]) -> Vec<String> {
    let events = registry.cli(["audit", "--json"]).ok().stdout;
    let events: Vec<Value> = serde_json::from_str(&events)
        .unwrap_or_else(|_| events.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    let actions = events.iter().map(|event| event["action"].as_str().unwrap().to_owned());
    let mut actions: Vec<_> = actions.filter(|action| kinds.iter().any(|kind| action.starts_with(kind))).collect();
    actions.sort_unstable();
    actions
}

#[test]
fn texts_and_state_follow_and_rights_do_not_without_being_asked_for() {
    let (source, target) = (source(), Registry::start());
    target.cli(["user", "create", "pat"]).ok();
    let report = mirror(&target, &source, &[]).ok().json();
    assert_eq!(
        phrases(&report, "changes"),
        ["acme/pets has another description", "acme/pets has another url"],
        "{report}"
    );
    let here = info(&target);
    assert_eq!((&here["description"], &here["url"]), (&json!("Dogs and cats"), &json!("https://pets.example")));
    let members = members(&target);
    assert_eq!(members.len(), 1, "{members:?}");
    assert_eq!(target.cli(["interest", "list", "acme/pets", "--json"]).ok().json(), json!([]));
    let kinds = ["module.update", "organization.member", "organization.update", "interest"];
    assert_eq!(audited(&target, &kinds), ["module.update"]);
    // Again: nothing.
    assert_eq!(mirror(&target, &source, &[]).ok().json()["changed"], false);
    assert_eq!(audited(&target, &kinds), ["module.update"]);
    // An empty text there leaves the one that is here; the state follows both ways.
    source.cli(["module", "update", "acme/pets", "--description", ""]).ok();
    source.cli(["module", "deprecate", "acme/pets"]).ok();
    assert_eq!(phrases(&mirror(&target, &source, &[]).ok().json(), "changes"), ["acme/pets is deprecated"]);
    assert_eq!(info(&target)["description"], "Dogs and cats");
}

#[test]
fn a_mirror_becomes_private_by_itself_and_public_only_when_asked() {
    let (source, target) = (source(), Registry::start());
    let visibility = |registry: &Registry| info(registry)["visibility"].as_str().unwrap().to_owned();
    let set = |to: &str| drop(source.cli(["module", "update", "acme/pets", "--visibility", to]).ok());
    set("public");
    mirror(&target, &source, &[]).ok();
    assert_eq!(visibility(&target), "public");
    set("private");
    assert_eq!(phrases(&mirror(&target, &source, &[]).ok().json(), "changes"), ["acme/pets is private"]);
    assert_eq!(visibility(&target), "private");
    set("public");
    let report = mirror(&target, &source, &[]).ok();
    let report = report.says("not taken over: acme/pets is public there and private here").json();
    assert_eq!(phrases(&report, "left_out"), ["acme/pets is public there and private here"]);
    assert_eq!(visibility(&target), "private");
    mirror(&target, &source, &["--with", "visibility"]).ok();
    assert_eq!(visibility(&target), "public");
    // Whoever chooses the visibility keeps the choice.
    set("private");
    mirror(&target, &source, &["--visibility", "public"]).ok();
    assert_eq!(visibility(&target), "public");
}

#[test]
fn members_and_interests_come_when_asked_and_what_cannot_come_is_told() {
    let (source, target) = (source(), Registry::start());
    target.cli(["user", "create", "pat"]).ok();
    let everything = ["--with", "organization,members,interests"];
    let report = mirror(&target, &source, &everything).ok().json();
    let changes = phrases(&report, "changes");
    for change in [
        "pat is writer of acme",
        "acme has another description",
        "label main of acme/pets is kept generated with anthropics/buffa",
    ] {
        assert!(changes.iter().any(|told| told == change), "{change}: {report}");
    }
    let left_out = phrases(&report, "left_out");
    assert!(left_out.iter().any(|told| told == "ada, reader of acme there, is no user here"), "{report}");
    assert!(left_out.iter().any(|told| told.contains("has no label or commit \"next\"")), "{report}");
    assert!(members(&target).contains(&("pat".into(), "writer".into())));
    assert!(!target.cli(["user", "list"]).ok().stdout.contains("ada"));
    // What the source keeps generated is made here, and with the next push to the label too.
    let version = |registry: &Registry, plugin: &str, label: &str| {
        registry.cli(["sdk", "version", "acme/pets", "--plugin", plugin, "--label", label]).ok().stdout
    };
    eventually("it is made", || target.cli(["sdk", "version", "acme/pets", "--plugin", BUFFA]).succeeded());
    assert_eq!(version(&target, BUFFA, "main"), version(&source, BUFFA, "main"));
    // With the other label, its interest comes too; what was taken over is not told again.
    let all = [&everything[..], &["--all-labels"]].concat();
    let report = mirror(&target, &source, &all).ok().json();
    assert_eq!(phrases(&report, "changes"), [format!("label next of acme/pets is kept generated with {TONIC}")]);
    assert_eq!(phrases(&report, "left_out"), ["ada, reader of acme there, is no user here"]);
    // A member who is one here alone stays; a role follows, down as well as up.
    target.cli(["user", "create", "eve"]).ok();
    target.cli(["organization", "member", "set", "acme", "eve", "--role", "reader"]).ok();
    source.cli(["organization", "member", "set", "acme", "pat", "--role", "reader"]).ok();
    let report = mirror(&target, &source, &everything).ok().json();
    assert_eq!(phrases(&report, "changes"), ["pat is reader of acme, was writer"]);
    assert!(members(&target).contains(&("eve".into(), "reader".into())));
    let kinds = ["organization.member", "organization.update", "interest"];
    let told = [
        "interest.add",
        "interest.add",
        "organization.member.add",
        "organization.member.add",
        "organization.member.role",
        "organization.update",
    ];
    assert_eq!(audited(&target, &kinds), told);
}

#[test]
fn whoever_mirrors_keeps_their_role_and_others_may_not_take_over() {
    let (source, target) = (source(), Registry::start());
    let pat = target.user_token("pat");
    let with = ["--with", "members", "--token", &pat];
    // pat makes the organization, so administers it; there pat is a writer.
    let report = mirror(&target, &source, &with).ok().json();
    let kept = "pat mirrors, and keeps the own role; writer of acme there";
    assert!(phrases(&report, "left_out").iter().any(|told| told == kept), "{report}");
    mirror(&target, &source, &with).ok();
    let sam = target.user_token("sam");
    target.cli(["organization", "member", "set", "acme", "sam", "--role", "writer"]).ok();
    mirror(&target, &source, &["--with", "members", "--token", &sam]).refused();
    assert!(members(&target).contains(&("sam".into(), "writer".into())));
}

#[test]
fn a_source_that_does_not_tell_is_said_and_the_commits_come() {
    let (source, target) = (source(), Registry::start());
    // ren reads the public module, and belongs to nothing there.
    source.cli(["module", "update", "acme/pets", "--visibility", "public"]).ok();
    let ren = source.user_token("ren");
    let wanted = format!("{}/acme/pets", source.host());
    let line = ["mirror", &wanted, "--from", &source.url, "--source-token", &ren, "--with", "members", "--json"];
    let report = target.cli(line).ok().json();
    let left_out = phrases(&report, "left_out");
    assert!(left_out.iter().any(|told| told.starts_with("members of acme: the other registry refused")), "{report}");
    assert_eq!(report["commits"].as_array().unwrap().len(), 1);
    let mistake = ["mirror", &wanted, "--with", "roles"];
    target.cli(mistake).could_not_run().says("visibility, organization, members and interests");
}

#[test]
fn a_registry_of_another_kind_is_mirrored_as_far_as_it_tells() {
    let (source, target) = (source(), Registry::start());
    let url = of_another_kind(&source);
    let wanted = format!("{}/acme/pets", source.host());
    let line = ["mirror", &wanted, "--from", &url, "--source-token", &source.token, "--json"];
    let report = target.cli(line.iter().chain(&["--with", "organization,members,interests"])).ok().json();
    let changes = ["acme/pets has another description", "acme/pets has another url", "acme has another description"];
    assert_eq!(phrases(&report, "changes"), changes);
    let left_out = [
        "members of acme: the other registry knows no such thing",
        "interests in acme/pets: the other registry knows no such thing",
    ];
    assert_eq!(phrases(&report, "left_out"), left_out);
    assert_eq!(report["commits"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_said_of_a_module_follows_on_a_schedule() {
    let source = source();
    let file = source.home().join("mirrors.toml");
    let table = format!(
        "[[mirror]]\nmodule = \"{}/acme/pets\"\nevery = \"1s\"\nfrom = \"{}\"\nwith = [\"organization\", \"interests\"]\n",
        source.host(),
        source.url
    );
    std::fs::write(&file, table).unwrap();
    let target = Registry::with(|options| {
        options.flag("config", file.to_str().unwrap()).variable("REGISTRY_SOURCE_TOKEN", &source.token);
    });
    let has_module = || target.cli(["module", "info", "acme/pets"]).succeeded();
    eventually("the text is there", || has_module() && info(&target)["description"] == "Dogs and cats");
    eventually("its interest is there", || {
        target.cli(["interest", "list", "acme/pets"]).ok().stdout.contains("anthropics/buffa")
    });
    source.cli(["module", "update", "acme/pets", "--description", "Cats and dogs"]).ok();
    eventually("the new text is there", || info(&target)["description"] == "Cats and dogs");
    let kinds = ["module.update", "organization.update", "interest"];
    assert_eq!(audited(&target, &kinds), ["interest.add", "module.update", "module.update", "organization.update"]);
    assert!(target.log().contains("not taken over: module acme/pets has no label or commit"), "{}", target.log());
}
