//! Commands of `buf` for what this registry does not have end with one line that says so.

use crate::support::{Buf, Registry, pets};

#[test]
fn commands_for_what_is_not_here_say_what_there_is_instead() {
    let registry = Registry::start();
    registry.cli(["organization", "create", "acme"]).ok();
    let buf = Buf::new(&registry).file("pets.proto", &pets("name"));
    buf.run(["registry", "policy", "info", "HOST/acme/rules"]).fails().says("this registry keeps no policies");
    buf.write("buf.policy.yaml", "version: v2\nname: HOST/acme/rules\nlint:\n  use: [STANDARD]\n");
    buf.run(["policy", "push", "buf.policy.yaml"]).fails().says("keeps no policies");
    buf.run(["alpha", "registry", "token", "list", "HOST"]).fails().says("`registry token list`");
    registry.is_well();
}
