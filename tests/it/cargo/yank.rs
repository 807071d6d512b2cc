//! Yanking: cargo does not choose the version any more, and projects with it in their lock file still build.

use registry::store::{Member, Role, Store, StoreOptions};

use crate::support::{Answer, Consumer, Module, Registry, Request, http, kennel, run};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const TONIC: &str = "acme_pets_community_neoeinstein-tonic";

/// Pushes a Dog with this field; the version of its crates.
fn push(registry: &Registry, field: &str) -> String {
    let pushed = Module::new("acme/pets").file("pets.proto", kennel(field)).push(registry);
    pushed.sdk("community/neoeinstein-prost").version.clone()
}

fn uses(field: &str) -> String {
    format!(
        "use acme_pets_community_neoeinstein_prost::acme::pets::v1::Dog;\n\
         fn main() {{ println!(\"{{}}\", Dog {{ {field}: \"Rex\".into() }}.{field}); }}\n"
    )
}

fn page(registry: &Registry, name: &str) -> Answer {
    Request::get(&format!("/gen/cargo/ac/me/{name}")).with_token_of(registry).send(registry).is(200)
}

/// Whether the index says that the version is yanked.
fn is_yanked(registry: &Registry, name: &str, version: &str) -> bool {
    let lines = page(registry, name).lines();
    lines.iter().find(|line| line["vers"] == version).unwrap()["yanked"] == true
}

/// The version that a new project gets.
fn chosen(registry: &Registry) -> String {
    let consumer = Consumer::new(registry);
    consumer.add(PROST);
    consumer.locked(PROST)
}

#[test]
fn a_yanked_version_is_not_chosen_but_goes_on_for_those_who_have_it() {
    let registry = Registry::start();
    let (good, mistake) = (push(&registry, "name"), push(&registry, "nmae"));
    let project = Consumer::new(&registry).file("src/main.rs", &uses("nmae"));
    project.add(PROST);
    assert_eq!(project.locked(PROST), mistake);
    let download = format!("/gen/cargo/api/v1/crates/{PROST}/{mistake}/download");
    let (bytes, etag) = (registry.get(&download).body, page(&registry, PROST).header("etag").to_owned());

    registry.cli(["sdk", "yank", PROST, &mistake]).ok().prints(&format!("{PROST} {mistake} is yanked"));
    assert!(is_yanked(&registry, PROST, &mistake) && !is_yanked(&registry, PROST, &good));
    assert!(!is_yanked(&registry, TONIC, &mistake), "another crate of the same version");
    assert_ne!(page(&registry, PROST).header("etag"), etag);
    assert_eq!(registry.get(&download).body, bytes);
    assert_eq!(chosen(&registry), good);
    let pinned = Consumer::new(&registry);
    let line = format!("{PROST} = {{ version = \"={mistake}\", registry = \"buf\" }}\n");
    pinned.write("Cargo.toml", &(pinned.read("Cargo.toml") + &line));
    pinned.cargo(["generate-lockfile"]).fails().says("yanked");

    // Another machine, with nothing but the project's files.
    let elsewhere = Consumer::new(&registry).file("src/main.rs", &uses("nmae"));
    elsewhere.write("Cargo.toml", &project.read("Cargo.toml"));
    elsewhere.write("Cargo.lock", &project.read("Cargo.lock"));
    elsewhere.cargo(["build", "--quiet", "--locked"]).ok();
    elsewhere.run().prints("Rex");

    registry.cli(["sdk", "unyank", PROST, &mistake]).ok().prints("is not yanked any more");
    assert_eq!(page(&registry, PROST).header("etag"), etag, "the page is what it was");
    assert_eq!(chosen(&registry), mistake);
}

#[test]
fn a_module_stands_for_all_its_crates_of_the_version() {
    let registry = Registry::start();
    let version = push(&registry, "name");
    let yanked = registry.cli(["sdk", "yank", "acme/pets", &version, "--json"]).ok().json();
    assert_eq!(yanked.as_array().unwrap().len(), 2, "{yanked}");
    assert!(is_yanked(&registry, PROST, &version) && is_yanked(&registry, TONIC, &version));
    registry.cli(["sdk", "list", "acme/pets"]).ok().prints("yanked");
    registry.cli(["sdk", "yank", "--undo", "acme/pets", &version, "--plugin", "community/neoeinstein-prost"]).ok();
    assert!(!is_yanked(&registry, PROST, &version) && is_yanked(&registry, TONIC, &version));
    let other = version.replace("0.5.0", "0.5.1");
    registry.cli(["sdk", "yank", "acme/pets", &other]).refused().says(&format!("of version {other}"));
}

#[test]
fn the_page_yanks_for_admins_who_say_so_twice() {
    let registry = Registry::start();
    let version = push(&registry, "name");
    let path = "/acme/pets/sdks/main:community/neoeinstein-prost";
    let sam = registry.user_token("sam");
    let send = |token: &str, form: &str| {
        let headers = vec![
            format!("authorization: Bearer {token}"),
            "content-type: application/x-www-form-urlencoded".into(),
            "sec-fetch-site: same-origin".into(),
        ];
        http::send(&registry.url, "POST", path, headers, form.as_bytes())
    };
    assert!(send(&registry.token, "do=yank").is(400).text().contains("nothing was yanked"));
    send(&sam, "do=yank&sure=yes").is(404);
    join(&registry, "sam", Role::Writer);
    assert!(send(&sam, "do=yank&sure=yes").is(403).text().contains("takes the role admin"));
    let seen = |token: &str| {
        let headers = vec![format!("authorization: Bearer {token}")];
        http::send(&registry.url, "GET", path, headers, &[]).ok().text()
    };
    assert!(!seen(&sam).contains("id=\"yank\"") && !is_yanked(&registry, PROST, &version));

    send(&registry.token, "do=yank&sure=yes").is(303);
    assert!(is_yanked(&registry, PROST, &version) && !is_yanked(&registry, TONIC, &version));
    assert!(seen(&sam).contains("Yanked.") && !seen(&sam).contains("value=\"unyank\""));
    send(&sam, "do=unyank").is(403);
    send(&registry.token, "do=unyank").is(303);
    assert!(!is_yanked(&registry, PROST, &version));
}

/// Makes a user a member of acme.
fn join(registry: &Registry, user: &str, role: Role) {
    let store = Store::open(&registry.data_dir, StoreOptions::default()).unwrap();
    let owner = |name: &str| store.owner(&name.parse().unwrap()).unwrap().unwrap().id;
    store
        .transaction("test", |tx| tx.set_member(&Member { organization: owner("acme"), user: owner(user), role }))
        .unwrap();
}

#[test]
fn only_an_admin_may_yank() {
    let registry = Registry::start();
    let version = push(&registry, "name");
    let token = registry.user_token("sam");
    let by_sam = |command: &str| {
        let mut line = registry.command();
        run(line.args(["sdk", command, PROST, &version, "--token", &token]))
    };
    by_sam("yank").refused().says("acme/pets is not in this registry");
    for role in [Role::Reader, Role::Writer] {
        join(&registry, "sam", role);
        by_sam("yank").refused().says("you may not yank SDKs of module acme/pets: that takes the role admin");
        assert!(!is_yanked(&registry, PROST, &version));
    }
    join(&registry, "sam", Role::Admin);
    by_sam("yank").ok();
    assert!(is_yanked(&registry, PROST, &version));
    by_sam("unyank").ok();
    assert!(!is_yanked(&registry, PROST, &version));
}
