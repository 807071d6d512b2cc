//! `buf breaking` against what is in this registry.

use crate::support::{Buf, MONEY, Registry};

#[test]
fn a_change_that_breaks_is_found() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    let breaking = MONEY.replace("int64 units = 1", "string units = 1");
    buf.write("common/google_like/v1/money.proto", &breaking);
    let against = format!("HOST/acme/common:{first}");
    for reference in ["HOST/acme/common", "HOST/acme/common:main", &against] {
        buf.run(["breaking", "common", "--against", reference]).fails().prints("changed type from");
    }
    buf.run(["breaking", "common", "--against-registry"]).fails().prints("changed type from");
    buf.write("common/google_like/v1/money.proto", &MONEY.replace("units = 1;", "units = 1; int32 nanos = 2;"));
    buf.run(["breaking", "common", "--against-registry"]).ok();
}

#[test]
fn a_module_without_commits_has_nothing_to_break() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["registry", "module", "create", "HOST/acme/common"]).ok();
    buf.run(["breaking", "common", "--against-registry"]).ok();
    buf.run(["breaking", "common", "--against", "HOST/acme/common"]).fails().says("has no commit");
}
