//! Rights: private modules, tokens of scope read, no token.

use crate::support::{Buf, Registry};

#[test]
fn a_private_module_is_not_there_for_others() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    let sam = Buf::with_token(&registry, Some(&registry.user_token("sam"))).common().pets();
    let missing = "module acme/common is not in this registry";
    sam.run(["build", "HOST/acme/common"]).fails().says(missing);
    sam.run(["dep", "update", "pets"]).fails().says(missing);
    sam.run(["push", "common"]).fails().says(missing);
    sam.run(["registry", "module", "info", "HOST/acme/common"]).fails().says("does not exist");
    sam.run(["registry", "module", "delete", "HOST/acme/common", "--force"]).fails().says("does not exist");
    // Creating it tells no more than that sam may not create modules there.
    sam.run(["push", "common", "--create"]).fails().says("permission_denied");
}

#[test]
fn a_public_module_is_read_by_all_and_written_by_few() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["push", "common", "--create", "--create-visibility", "public"]).ok();
    let sam = Buf::with_token(&registry, Some(&registry.user_token("sam"))).common();
    sam.run(["build", "HOST/acme/common"]).ok();
    sam.run(["push", "common"]).fails().says("permission_denied").says("push to module acme/common");
    sam.run(["registry", "module", "deprecate", "HOST/acme/common"]).fails().says("permission_denied");
    sam.run(["registry", "module", "label", "archive", "HOST/acme/common:main"]).fails().says("permission_denied");
}

#[test]
fn a_token_that_reads_does_not_push() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    let created = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let reader = Buf::with_token(&registry, created["token"].as_str()).common();
    reader.run(["build", "HOST/acme/common"]).ok();
    reader.run(["push", "common"]).fails().says("permission_denied").says("--scope write");
}

#[test]
fn without_a_token_nothing_is_read_unless_the_registry_is_open() {
    let registry = Registry::start();
    Buf::new(&registry).acme().common().run(["push", "common", "--create", "--create-visibility", "public"]).ok();
    Buf::with_token(&registry, None).run(["build", "HOST/acme/common"]).fails().says("buf registry login");

    let open = Registry::with(|options| {
        options.flag("anonymous-reads", "true");
    });
    let buf = Buf::new(&open).acme().common().pets();
    buf.run(["push", "common", "--create", "--create-visibility", "public"]).ok();
    buf.lock_and_push("pets");
    let nobody = Buf::with_token(&open, None).common();
    nobody.run(["build", "HOST/acme/common"]).ok();
    nobody.run(["build", "HOST/acme/pets"]).fails().says("module acme/pets is not in this registry");
    nobody.run(["push", "common"]).fails().says("buf registry login");
    Buf::with_token(&open, Some("reg_stale")).run(["build", "HOST/acme/common"]).fails();
}
