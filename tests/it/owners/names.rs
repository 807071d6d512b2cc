//! Names of organizations that were deleted: nothing of the old modules reaches whoever has the name next, and for a
//! while nobody else gets it.

use serde_json::json;

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, Transcript, eventually, pets, run};

const CRATE: &str = "acme_pets_community_neoeinstein-prost";
const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

fn delete(registry: &Registry) {
    let module = json!({ "moduleRefs": [{ "name": { "owner": "acme", "module": "pets" } }] });
    registry.call("buf.registry.module.v1.ModuleService/DeleteModules", &module).ok();
    let organization = json!({ "organizationRefs": [{ "name": "acme" }] });
    registry.call("buf.registry.owner.v1.OrganizationService/DeleteOrganizations", &organization).ok();
}

fn anonymous(registry: &Registry, path: &str) -> Answer {
    http::send(&registry.url, "GET", path, vec![], &[])
}

fn by(registry: &Registry, token: &str, line: &str) -> Transcript {
    run(registry.command().args(line.split(' ')).args(["--token", token]))
}

/// A module with one version, private unless `arguments` say otherwise.
fn push(registry: &Registry, token: &str, field: &str, arguments: &[&str]) -> String {
    let module = Module::new("acme/pets").file("pets.proto", pets(field));
    let mut command = registry.command();
    command.arg("push").arg(module.directory()).args(["--create", "--module", "acme/pets", "--token", token]);
    run(command.args(arguments)).ok();
    by(registry, token, "sdk version acme/pets").ok().stdout.trim().to_owned()
}

#[test]
fn an_old_private_crate_does_not_reach_the_next_owner_of_its_name() {
    let registry = Registry::with(|options| {
        options.flag("anonymous-reads", "true").flag("name-rest", "0");
    });
    let pat = registry.user_token("pat");
    let old = push(&registry, &registry.token, "secret", &[]);
    let download = |version: &str| format!("/gen/cargo/api/v1/crates/{CRATE}/{version}/download");
    // Everything that is kept of it is kept now.
    for path in [INDEX.to_owned(), download(&old), "/acme/pets/descriptor/main".into()] {
        registry.get(&path).ok();
    }
    assert_eq!(anonymous(&registry, &download(&old)).status, 404);
    delete(&registry);
    let new = push(&registry, &pat, "public", &["--visibility=public"]);
    eventually("the new crate is there", || anonymous(&registry, &download(&new)).status == 200);
    assert_eq!(anonymous(&registry, &download(&old)).status, 404);
    assert_eq!(registry.get(&download(&old)).status, 404);
    let page = anonymous(&registry, INDEX).ok().text();
    assert!(page.contains(&new) && !page.contains(&old), "{page}");
    let descriptor = anonymous(&registry, "/acme/pets/descriptor/main").ok().text();
    assert!(descriptor.contains("public") && !descriptor.contains("secret"));
}

#[test]
fn the_name_of_a_deleted_organization_rests() {
    let registry = Registry::start();
    let (pat, ada) = (registry.user_token("pat"), registry.user_token("ada"));
    registry.cli(["organization", "create", "acme"]).ok();
    registry.cli(["organization", "member", "set", "acme", "ada", "--role", "admin"]).ok();
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    let organization = |name: &str| {
        let request = json!({ "organizationRefs": [{ "name": name }] });
        registry.call("buf.registry.owner.v1.OrganizationService/GetOrganizations", &request).json()
    };
    let id = organization("acme")["organizations"][0]["id"].clone();
    push(&registry, &registry.token, "name", &[]);
    delete(&registry);
    let refused = by(&registry, &pat, "organization create acme").refused();
    assert!(refused.stderr.contains("rests until") && refused.stderr.contains("--name-rest"), "{refused}");
    registry.cli(["user", "create", "acme"]).refused().says("registry organization free acme");
    by(&registry, &pat, "organization deleted").refused();
    registry.cli(["organization", "deleted"]).ok().prints("acme");

    // Whoever administered it has it back at once, as the same one.
    by(&registry, &ada, "organization create acme").ok();
    assert_eq!(organization("acme")["organizations"][0]["id"], id);
    push(&registry, &ada, "name", &[]);
    registry.cli(["organization", "deleted", "--json"]).ok().prints("[]");

    delete(&registry);
    by(&registry, &pat, "organization free acme").refused().says("administrator of the registry");
    registry.cli(["organization", "free", "acme"]).ok().prints("anybody can take the name acme now");
    registry.cli(["organization", "free", "acme"]).refused().says("does not rest");
    by(&registry, &pat, "organization create acme").ok();
}
