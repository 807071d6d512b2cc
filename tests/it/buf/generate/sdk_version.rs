//! `buf registry sdk`: which version of a crate a module and a plugin make.

use crate::support::{Buf, Registry};

const PLUGIN: &str = "HOST/community/neoeinstein-prost";

fn version(buf: &Buf, module: &str, plugin: &str) -> String {
    buf.run(["registry", "sdk", "version", "--module", module, "--plugin", plugin]).ok().stdout.trim().to_owned()
}

#[test]
fn versions_name_the_commit_and_whether_it_is_released() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    buf.write("common/LICENSE", "MIT\n");
    let next = crate::support::commit(&buf.run(["push", "common", "--label", "next"]).ok());
    let released = version(&buf, "HOST/acme/common", PLUGIN);
    assert!(released.starts_with("0.5.0-2") && released.ends_with(&format!("-{}.1", &first[..12])), "{released}");
    for module in ["HOST/acme/common:main", &format!("HOST/acme/common:{first}")] {
        assert_eq!(version(&buf, module, &format!("{PLUGIN}:v0.5.0")), released);
    }
    let unreleased = format!("0.5.0-00000000000000-{}.1", &next[..12]);
    assert_eq!(version(&buf, "HOST/acme/common:next", PLUGIN), unreleased);
    let unknown = ["registry", "sdk", "version", "--module", "HOST/acme/common", "--plugin", "HOST/community/nothing"];
    buf.run(unknown).fails().says("community/nothing");
    let old = &format!("{PLUGIN}:v0.0.1");
    buf.run(["registry", "sdk", "version", "--module", "HOST/acme/common", "--plugin", old]).fails().says("v0.0.1");
}

#[test]
fn a_version_is_taken_apart() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    let released = version(&buf, "HOST/acme/common", PLUGIN);
    let [a, b, c, d] = ["registry", "sdk", "info", "--module"];
    let told = buf.run([a, b, c, d, "HOST/acme/common", "--plugin", PLUGIN, "--format", "json"]).ok();
    assert!(told.stdout.contains(&first) && told.stdout.contains(&released), "{told}");
    let parsed = buf.run([a, b, c, d, "HOST/acme/common", "--plugin", PLUGIN, "--version", &released]).ok();
    parsed.prints(&format!("Commit: {first}")).prints("Version:  v0.5.0").prints("Revision: 1");
    buf.write("common/LICENSE", "MIT\n");
    buf.push("common");
    // Of another commit than the label's, of another plugin version, of no commit, no version.
    let main = [a, b, c, d, "HOST/acme/common:main", "--plugin", PLUGIN, "--version", &released];
    buf.run(main).fails().says("invalid_argument").says(&first[..12]);
    let plugin = &format!("{PLUGIN}:v0.4.0");
    buf.run([a, b, c, d, "HOST/acme/common", "--plugin", plugin, "--version", &released]).fails().says("v0.4.0");
    for wrong in ["0.5.0-00000000000000-000000000000.1", "1.0.0", &released.replace("0.5.0-2", "0.5.0-3")] {
        buf.run([a, b, c, d, "HOST/acme/common", "--plugin", PLUGIN, "--version", wrong]).fails();
    }
}
