//! `buf registry organization`.

use crate::support::{Buf, Registry};

#[test]
fn an_organization_is_created_told_changed_and_deleted() {
    let registry = Registry::start();
    let buf = Buf::new(&registry);
    buf.run(["registry", "organization", "create", "HOST/acme"]).ok().prints("Created");
    buf.run(["registry", "organization", "create", "HOST/acme"]).fails().says("already_exists");
    let info = buf.run(["registry", "organization", "info", "HOST/acme", "--format", "json"]).ok().json();
    assert_eq!(info["name"], "acme", "{info}");
    let update =
        ["registry", "organization", "update", "HOST/acme", "--description", "We", "--url", "https://acme.example"];
    buf.run(update).ok();
    buf.run(["registry", "organization", "update", "HOST/acme"]).ok();
    buf.run(["registry", "organization", "delete", "HOST/acme", "--force"]).ok();
    buf.run(["registry", "organization", "info", "HOST/acme"]).fails().says("does not exist");
    buf.run(["registry", "organization", "delete", "HOST/acme", "--force"]).fails().says("does not exist");
}

#[test]
fn an_organization_with_modules_is_kept() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.push("common");
    let delete = ["registry", "organization", "delete", "HOST/acme", "--force"];
    buf.run(delete).fails().says("failed_precondition");
    buf.run(["registry", "module", "delete", "HOST/acme/common", "--force"]).ok();
    buf.run(delete).ok();
}

#[test]
fn organizations_belong_to_their_admins() {
    let registry = Registry::start();
    Buf::new(&registry).acme();
    let sam = Buf::with_token(&registry, Some(&registry.user_token("sam")));
    sam.run(["registry", "organization", "update", "HOST/acme", "--description", "Mine"])
        .fails()
        .says("permission_denied");
    sam.run(["registry", "organization", "delete", "HOST/acme", "--force"]).fails().says("permission_denied");
    sam.run(["registry", "organization", "create", "HOST/sams-own"]).ok();
    for name in ["HOST/Acme", "HOST/a_b", "HOST/x"] {
        sam.run(["registry", "organization", "create", name]).fails().says("invalid_argument");
    }
}
