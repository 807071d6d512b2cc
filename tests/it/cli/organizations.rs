//! A team on the command line: people become members of an organization, and their roles widen and end.

use crate::support::{Module, Registry, Transcript, pets, run};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

/// A registry with acme/pets, and pat, who was created on the command line.
fn with_pat() -> (Registry, String) {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["user", "create", "pat"]).ok().prints("next: registry token create --user pat");
    let token = registry.cli(["token", "create", "--user", "pat", "--json"]).ok().json();
    (registry, token["token"].as_str().unwrap().to_owned())
}

fn by(registry: &Registry, token: &str, line: &str) -> Transcript {
    run(registry.command().args(line.split(' ')).args(["--token", token]))
}

#[test]
fn a_role_opens_an_organization_and_its_end_closes_it() {
    let (registry, pat) = with_pat();
    let set = |role: &str| registry.cli(["organization", "member", "set", "acme", "pat", "--role", role]).ok();
    by(&registry, &pat, "module info acme/pets").refused();
    set("reader").prints("pat is now reader of acme");
    set("reader").prints("pat is already reader of acme");
    by(&registry, &pat, "module info acme/pets").ok();
    by(&registry, &pat, "module create acme/more").refused().says("you may not create modules for acme");
    by(&registry, &pat, "organization member list acme").ok().prints("pat").prints("reader");
    set("admin");
    by(&registry, &pat, "module create acme/more").ok();
    by(&registry, &pat, "organization member remove acme pat").ok().prints("pat is not a member of acme any more");
    by(&registry, &pat, "module info acme/pets").refused();
    let headers = vec![format!("authorization: Bearer {pat}")];
    assert_eq!(crate::support::http::send(&registry.url, "GET", INDEX, headers, &[]).status, 422);
}

#[test]
fn members_are_managed_by_admins_who_do_not_leave_it_to_nobody() {
    let (registry, pat) = with_pat();
    for line in ["member list acme", "member add acme pat --role admin", "member remove acme pat"] {
        by(&registry, &pat, &format!("organization {line}")).refused().says("of acme");
    }
    by(&registry, &pat, "user create sam").refused().says("you may not create users");
    let boss = registry.user.clone();
    let leave = ["organization", "member", "remove", "acme", &boss];
    registry
        .cli(leave)
        .refused()
        .says(&format!("{boss} is the last admin of acme; give another member the role admin first"));
    registry.cli(["organization", "member", "add", "acme", "pat", "--role", "admin"]).ok();
    registry.cli(leave).ok();
    registry.cli(["organization", "member", "set", "acme", "nobody", "--role", "reader"]).refused().says("nobody");
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "owner"]).could_not_run().says("reader");
    registry.cli(["organization", "create", "acme"]).refused().says("already exists");
    registry.cli(["organization", "list"]).ok().prints("acme");
    registry.cli(["user", "list"]).ok().prints("administrator").prints("pat");
}
