//! `registry mirror`: a module of one registry comes to another with its commit ids, digests and dependencies.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::support::{Buf, Consumer, DIGESTS, MONEY, Module, Registry, Transcript};

/// A registry with common, and pets that imports it, as `buf` pushed them; and another, empty one.
struct Two {
    first: Registry,
    second: Registry,
    buf: Buf,
    common: String,
    pets: String,
}

impl Two {
    fn start() -> Self {
        let first = Registry::start();
        let buf = Buf::new(&first).acme().common().pets();
        let (common, pets) = (buf.push("common"), buf.lock_and_push("pets"));
        Self { first, second: Registry::start(), buf, common, pets }
    }

    fn mirror(&self, what: &str) -> Transcript {
        self.second.mirror(&self.first, what)
    }
}

#[test]
fn a_module_comes_with_its_commits_its_dependencies_and_its_digests() {
    let two = Two::start();
    let report = two.mirror("acme/pets").ok().json();
    let commits: Vec<_> = report["commits"].as_array().unwrap().iter().map(|taken| taken["commit"].clone()).collect();
    assert_eq!(commits, [two.common.as_str(), two.pets.as_str()]);
    assert_eq!(report["changed"], true);
    // With nothing but the second registry, `buf` finds the digests right.
    let buf = Buf::new(&two.second).module("acme/mall", &["acme/pets"]);
    buf.write("mall/mall.proto", "syntax = \"proto3\";\nimport \"acme/pets/v1/pets.proto\";\npackage mall;\n");
    buf.run(["dep", "update", "mall"]).ok();
    let lock = buf.read("mall/buf.lock");
    for (name, commit, digest) in [("common", &two.common, DIGESTS[0]), ("pets", &two.pets, DIGESTS[1])] {
        let entry = format!("  - name: HOST/acme/{name}\n    commit: {commit}\n    digest: {digest}\n");
        assert!(lock.contains(&entry), "{entry} is missing in {lock}");
    }
    buf.forget();
    buf.run(["build", "mall"]).ok();
    buf.forget();
    buf.run(["build", "HOST/acme/pets"]).ok();
}

#[test]
fn crates_have_the_same_versions_on_both_and_build() {
    let two = Two::start();
    two.mirror("acme/pets").ok();
    let version = |registry: &Registry| registry.cli(["sdk", "version", "acme/pets"]).ok().stdout;
    assert_eq!(version(&two.first), version(&two.second));
    let consumer = Consumer::new(&two.second).file(
        "src/main.rs",
        "use acme_pets_community_neoeinstein_prost::acme::pets::v1::Pet;\n\
         fn main() { println!(\"{}\", Pet::default().price.is_none()); }\n",
    );
    consumer.cargo(["add", "--quiet", "--registry", "buf", "acme_pets_community_neoeinstein-prost"]).ok();
    consumer.build();
    consumer.run().prints_exactly("true");
}

#[test]
fn mirroring_again_changes_nothing_and_says_so() {
    let two = Two::start();
    let text = |what: &str| {
        let wanted = format!("{}/{what}", two.first.host());
        two.second.cli(["mirror", &wanted, "--from", &two.first.url, "--source-token", &two.first.token]).ok()
    };
    text("acme/pets").prints(&format!("acme/pets:{} imported, now main", two.pets)).prints("cargo add --registry buf");
    let again = text("acme/pets").prints(&format!("acme/pets:{} was here\n", two.pets));
    again.says("nothing changed: all of it was here already");
    assert_eq!(two.mirror("acme/pets").ok().json()["changed"], false);
    // A new commit there is a new commit here.
    two.buf.write("pets/LICENSE", "MIT\n");
    let new = two.buf.push("pets");
    text("acme/pets").prints(&format!("acme/pets:{new} imported, now main"));
    let head = Buf::new(&two.second).run(["registry", "module", "commit", "resolve", "HOST/acme/pets"]).ok();
    head.prints(&new);
}

#[test]
fn an_older_commit_does_not_take_the_newest_away() {
    let two = Two::start();
    two.buf.write("pets/LICENSE", "MIT\n");
    let new = two.buf.push("pets");
    two.mirror("acme/pets").ok();
    let version = || two.second.cli(["sdk", "version", "acme/pets"]).ok().stdout;
    let newest = version();
    two.mirror(&format!("acme/pets:{}", two.pets)).ok();
    assert_eq!(version(), newest);
    assert!(newest.contains(&new[..12]), "{newest}");
    // Its crate is there for those who ask for it, and sorts below.
    let old = two.second.cli(["sdk", "version", "acme/pets", "--commit", &two.pets]).ok().stdout;
    assert!(old < newest && !old.contains("00000000000000"), "{old}");
}

#[test]
fn a_label_other_than_the_default_one_stays_that() {
    let two = Two::start();
    two.buf.write("pets/LICENSE", "MIT\n");
    two.buf.run(["push", "pets", "--label", "next"]).ok();
    two.mirror("acme/pets").ok();
    let report = two.mirror("acme/pets:next").ok().json();
    let taken = report["commits"].as_array().unwrap().last().unwrap();
    assert_eq!(taken["moved_labels"], json!(["next"]));
    let version = two.second.cli(["sdk", "version", "acme/pets", "--label", "next"]).ok().stdout;
    assert!(version.contains("-00000000000000-"), "it is no release: {version}");
    let released = two.second.cli(["sdk", "version", "acme/pets"]).ok().stdout;
    assert!(released.contains(&two.pets[..12]), "{released}");
}

#[test]
fn several_modules_and_all_labels_come_in_one_go() {
    let two = Two::start();
    two.buf.run(["push", "pets", "--tag", "v1"]).ok();
    two.buf.write("pets/LICENSE", "MIT\n");
    two.buf.run(["push", "pets", "--label", "next"]).ok();
    two.buf.run(["push", "pets", "--label", "old"]).ok();
    two.buf.run(["registry", "module", "label", "archive", "HOST/acme/pets:old"]).ok();
    let source = ["--from", &two.first.url, "--source-token", &two.first.token, "--json"];
    let wanted = ["common", "pets"].map(|module| format!("{}/acme/{module}", two.first.host()));
    let mirror = |more: &[&str]| {
        let line = ["mirror"].iter().chain(source.iter()).copied().chain(wanted.iter().map(String::as_str));
        two.second.cli(line.chain(more.iter().copied()).collect::<Vec<_>>()).ok().json()
    };
    let report = mirror(&[]);
    assert_eq!(report["commits"].as_array().unwrap().len(), 3, "common, and pets with common: {report}");
    mirror(&["--all-labels"]);
    let labels = two.second.cli(["label", "list", "acme/pets", "--archived", "--json"]).ok().json();
    let mut names: Vec<_> = labels.as_array().unwrap().iter().map(|label| label["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["main", "next", "v1"]);
    // What the default label shares with another one is a release.
    let version = two.second.cli(["sdk", "version", "acme/pets", "--label", "v1"]).ok().stdout;
    assert!(version.contains(&two.pets[..12]) && !version.contains("00000000000000"), "{version}");
}

#[test]
fn a_dependency_brings_the_commits_that_it_was_built_with() {
    let two = Two::start();
    two.buf.write("common/LICENSE", "MIT\n");
    let new = two.buf.push("common");
    // Shop takes the new common, but its pets was built with the old one: pets' digest is made of that.
    let shop = "syntax = \"proto3\";\npackage shop.v1;\nimport \"acme/pets/v1/pets.proto\";\n\
                import \"google_like/v1/money.proto\";\n\
                message Shop { acme.pets.v1.Pet pet = 1; google_like.v1.Money till = 2; }\n";
    two.buf.write("shop/buf.yaml", "version: v2\nname: HOST/acme/shop\ndeps: [HOST/acme/pets, HOST/acme/common]\n");
    two.buf.write("shop/shop/v1/shop.proto", shop);
    let shop = two.buf.lock_and_push("shop");
    let report = two.mirror("acme/shop").ok().json();
    let commits: Vec<_> =
        report["commits"].as_array().unwrap().iter().map(|taken| taken["commit"].as_str().unwrap()).collect();
    assert_eq!(commits.len(), 4, "{report}");
    assert!(commits.contains(&two.common.as_str()) && commits.contains(&new.as_str()), "{report}");
    assert_eq!(commits[3], shop);
    Buf::new(&two.second).run(["build", "HOST/acme/shop"]).ok();
}

/// The request that takes in what `registry` holds of a commit without dependencies.
fn import_of(registry: &Registry, module: &str, commit: &str) -> Value {
    let request = json!({ "values": [{ "resourceRef": { "id": commit } }] });
    let content = registry.call("buf.registry.module.v1.DownloadService/Download", &request).ok().json();
    let content = &content["contents"][0];
    json!({
        "module": { "owner": "acme", "name": module },
        "commitId": commit,
        "createTime": content["commit"]["createTime"],
        "digest": content["commit"]["digest"]["value"],
        "files": content["files"],
    })
}

/// The address of somebody in the middle, who changes what comes back from `registry`.
pub(crate) fn in_the_middle(registry: &Registry, from: &'static str, to: &'static str) -> String {
    between(registry, ("", ""), (from, to))
}

/// The address of a registry of another kind: `registry` without the services that are this registry's own.
pub(crate) fn of_another_kind(registry: &Registry) -> String {
    between(registry, ("/registry.v1.", "/registry.v0."), ("", ""))
}

/// The address of a server that passes everything on to `registry`, with one text for another in each direction.
fn between(registry: &Registry, up: (&'static str, &'static str), down: (&'static str, &'static str)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = registry.host().to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(&target).unwrap();
            let (upwards, back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || pass_on(upwards, server, up));
            std::thread::spawn(move || pass_on(back, client, down));
        }
    });
    url
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, (old, new): (&str, &str)) {
    assert_eq!(old.len(), new.len(), "lengths stand in the headers");
    let mut part = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut part) {
        for at in 0..length.saturating_sub(old.len()) {
            if !old.is_empty() && part[at..].starts_with(old.as_bytes()) {
                part[at..at + new.len()].copy_from_slice(new.as_bytes());
            }
        }
        if to.write_all(&part[..length]).is_err() {
            return;
        }
    }
}

#[test]
fn what_was_changed_on_the_way_is_refused_and_nothing_is_left() {
    let two = Two::start();
    let wanted = format!("{}/acme/pets", two.first.host());
    let from = |url: &str| two.second.cli(["mirror", &wanted, "--from", url, "--source-token", &two.first.token]);
    let refused = from(&in_the_middle(&two.first, "int64 units", "int64 cents")).refused();
    refused.says(&format!("commit {} should have digest {}", two.common, DIGESTS[0]));
    assert_eq!(two.second.cli(["module", "list", "--json"]).ok().json(), json!([]));
    two.second.call(GET_ORGANIZATIONS, &json!({ "organizationRefs": [{ "name": "acme" }] })).is(404);
    // The middle alone does no harm.
    from(&in_the_middle(&two.first, "int64 none!", "int64 none?")).ok();
}

const GET_ORGANIZATIONS: &str = "buf.registry.owner.v1.OrganizationService/GetOrganizations";

const IMPORT: &str = "registry.v1.MirrorService/ImportCommit";

#[test]
fn content_that_was_tampered_with_is_refused() {
    use base64::Engine as _;
    let two = Two::start();
    two.second.cli(["mirror", &format!("{}/acme/pets", two.first.host()), "--from", &two.first.url]).refused();
    two.second
        .call(
            "buf.registry.owner.v1.OrganizationService/CreateOrganizations",
            &json!({ "values": [{ "name": "acme" }] }),
        )
        .ok();
    two.second.cli(["module", "create", "acme/common"]).ok();
    let good = import_of(&two.first, "common", &two.common);
    let mut bad = good.clone();
    let text = MONEY.replace("units", "cents");
    bad["files"][1]["content"] = base64::engine::general_purpose::STANDARD.encode(text).into();
    let refused = two.second.call(IMPORT, &bad).is(400).text();
    assert!(refused.contains(&format!("should have digest {}", DIGESTS[0])), "{refused}");
    let mut pruned = good.clone();
    pruned["files"].as_array_mut().unwrap().remove(0);
    two.second.call(IMPORT, &pruned).is(400);
    assert_eq!(two.second.cli(["sdk", "list", "acme/common", "--json"]).ok().json(), json!([]));
    two.second.call(IMPORT, &good).ok();
    // The id is taken now: neither other content nor another module gets it.
    let mut other = good.clone();
    other["digest"] = base64::engine::general_purpose::STANDARD.encode([7; 64]).into();
    let refused = two.second.call(IMPORT, &other).is(409).text();
    assert!(refused.contains("is in this registry already, with other content"), "{refused}");
    two.second.cli(["module", "create", "acme/other"]).ok();
    two.second.call(IMPORT, &import_of(&two.first, "other", &two.common)).is(409);
}

#[test]
fn a_commit_waits_for_those_that_it_needs() {
    let two = Two::start();
    two.mirror("acme/common").ok();
    two.second.cli(["module", "create", "acme/pets"]).ok();
    let mut pets = import_of(&two.first, "pets", &two.pets);
    pets["dependencies"] = json!([{ "commitId": "00000000000040008000000000000001", "direct": true }]);
    let refused = two.second.call(IMPORT, &pets).is(400).text();
    assert!(refused.contains("depends on commit 00000000000040008000000000000001, which is not in"), "{refused}");
    // Without its dependency it is not what the digest was made of.
    pets["dependencies"] = json!([]);
    two.second.call(IMPORT, &pets).is(400);
    pets["dependencies"] = json!([{ "commitId": two.pets, "direct": true }]);
    two.second.call(IMPORT, &pets).is(400);
    pets["dependencies"] = json!([{ "commitId": two.common, "direct": true }]);
    two.second.call(IMPORT, &pets).ok();
}

#[test]
fn writing_is_not_enough_to_say_what_a_commit_is_called() {
    let two = Two::start();
    two.mirror("acme/common").ok();
    let sam = two.second.user_token("sam");
    let wanted = format!("{}/acme/pets", two.first.host());
    let common = ["--from", &two.first.url, "--source-token", &two.first.token, "--token", &sam];
    two.second.cli(["mirror", &wanted].iter().chain(&common)).refused();
    two.second.cli(["module", "info", "acme/pets"]).refused();
}

#[test]
fn a_source_that_fails_is_named() {
    let two = Two::start();
    let wanted = format!("{}/acme/pets", two.first.host());
    let mirror = |more: &[&str]| two.second.cli(["mirror", &wanted].iter().chain(more));
    mirror(&["--from", &two.first.url]).refused().says("needs a token").says("--source-token");
    mirror(&["--from", &two.first.url, "--source-token", "reg_x"]).refused().says("does not accept the token");
    mirror(&["--from", "http://127.0.0.1:1"]).could_not_run().says("to mirror from").says("--from");
    two.mirror("acme/none").refused().says("the registry to mirror from refused: module acme/none is not in");
    two.second.cli(["mirror", "acme/pets"]).could_not_run().says("HOST/OWNER/MODULE");
}

#[test]
fn a_directory_comes_in_as_any_push() {
    let registry = Registry::start();
    let sources = Module::new("unused/unused").file("google_like/v1/money.proto", MONEY);
    let directory = sources.directory().to_str().unwrap();
    let mirror = |wanted: &str| registry.cli(["mirror", wanted, "--from", directory, "--json"]);
    let pushed = mirror("buf.build/googleapis/money").ok().json();
    assert_eq!(pushed["modules"][0]["module"], "googleapis/money");
    let again = mirror("buf.build/googleapis/money").ok().json();
    assert_eq!(again["modules"][0]["commit"], pushed["modules"][0]["commit"]);
    mirror("buf.build/googleapis/money:next").ok();
    registry.cli(["label", "list", "googleapis/money"]).ok().prints("next");
    let elsewhere = registry.cli(["mirror", "buf.build/googleapis/money", "--from", "buf.build"]);
    elsewhere.could_not_run().says("--from buf.build is neither a directory nor an address");
    mirror("buf.build/00112233445566778899aabbccddeeff")
        .refused()
        .says("a directory is one module and holds no commits");
}
