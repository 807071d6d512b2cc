//! `buf registry module`: create, info, settings, deprecate, delete.

use crate::support::{Buf, Registry};

#[test]
fn a_module_is_created_told_changed_and_deleted() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    let create = ["registry", "module", "create", "HOST/acme/common", "--visibility", "public"];
    buf.run(create).ok().prints("Created");
    buf.run(create).fails().says("already exists");
    let info = || buf.run(["registry", "module", "info", "HOST/acme/common", "--format", "json"]).ok().json();
    let told = info();
    assert_eq!(told["name"], "common", "{told}");
    assert_eq!(told["default_label_name"], "main", "{told}");
    assert_eq!(told["state"], "MODULE_STATE_ACTIVE", "{told}");
    let update = ["registry", "module", "settings", "update", "HOST/acme/common"];
    let [a, b, c, d, e] = update;
    buf.run([a, b, c, d, e, "--description", "Money", "--url", "https://acme.example", "--visibility", "private"]).ok();
    buf.run([a, b, c, d, e, "--default-label-name", "trunk"]).ok();
    assert_eq!(info()["default_label_name"], "trunk");
    // Nothing to change, and an empty text, are fine.
    buf.run(["registry", "module", "update", "HOST/acme/common", "--description", ""]).ok();
    buf.run([a, b, c, d, e, "--url", "not an address"]).fails().says("invalid_argument");
    let stranger = Buf::with_token(&registry, Some(&registry.user_token("sam")));
    stranger.run(["registry", "module", "info", "HOST/acme/common"]).fails().says("does not exist");
    buf.run(["registry", "module", "delete", "HOST/acme/common", "--force"]).ok();
    buf.run(["registry", "module", "info", "HOST/acme/common"]).fails().says("does not exist");
    buf.run(["registry", "module", "delete", "HOST/acme/common", "--force"]).fails().says("does not exist");
}

#[test]
fn a_deprecated_module_warns_those_who_download_it() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    buf.forget();
    buf.run(["build", "HOST/acme/common"]).ok().says_nothing();
    let warning = format!("{}/acme/common is deprecated", buf.host());
    buf.run(["registry", "module", "deprecate", "HOST/acme/common"]).ok();
    buf.forget();
    buf.run(["build", "HOST/acme/common"]).ok().says(&warning);
    buf.run(["registry", "module", "undeprecate", "HOST/acme/common"]).ok();
    buf.forget();
    buf.run(["build", "HOST/acme/common"]).ok().says_nothing();
}

#[test]
fn a_module_that_others_need_is_kept() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    let delete = ["registry", "module", "delete", "HOST/acme/common", "--force"];
    buf.run(delete).fails().says("failed_precondition").says("acme/pets");
    buf.run(["registry", "module", "delete", "HOST/acme/pets", "--force"]).ok();
    buf.run(delete).ok();
}

#[test]
fn names_are_checked_here_because_buf_does_not() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    for name in ["Upper", "under_score", "a", "-a", "a-", "1a", &"x".repeat(101), "modules", "settings"] {
        let name = format!("HOST/acme/{name}");
        buf.run(["registry", "module", "create", "--", &name]).fails().says("invalid_argument");
    }
    buf.run(["registry", "module", "create", "HOST/nobody/common"]).fails().says("nobody");
}
