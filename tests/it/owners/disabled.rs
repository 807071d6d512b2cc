//! Users who are disabled: they keep what they are members of, and nothing that they show is accepted.

use crate::support::{Answer, Buf, Module, Registry, http, pets};

const INDEX: &str = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";

fn get(registry: &Registry, path: &str, header: &str) -> Answer {
    http::send(&registry.url, "GET", path, vec![header.to_owned()], &[])
}

#[test]
fn a_disabled_user_is_refused_at_once_on_every_face() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let token = registry.user_token("pat");
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    let bearer = format!("authorization: Bearer {token}");
    let signed_in = http::send(&registry.url, "POST", "/login", vec![], format!("token={token}").as_bytes()).is(303);
    let cookie = format!("cookie: {}", signed_in.header("set-cookie").split(';').next().unwrap());
    let buf = Buf::with_token(&registry, Some(&token)).file("buf.yaml", "version: v2\nname: HOST/acme/pets\n");
    buf.write("pets.proto", &pets("name"));
    buf.run(["push"]).ok();
    let statuses = || {
        let sign_in = http::send(&registry.url, "POST", "/login", vec![], format!("token={token}").as_bytes());
        let page = get(&registry, "/acme/pets", &cookie);
        [get(&registry, INDEX, &bearer).status, page.status, sign_in.status]
    };
    assert_eq!(statuses(), [200, 200, 303]);
    registry.cli(["user", "disable", "pat"]).ok().prints_exactly("disabled pat");
    assert_eq!(statuses(), [401; 3]);
    assert!(get(&registry, INDEX, &bearer).text().contains("user pat is disabled"));
    let as_pat = |line: &str| registry.cli(line.split(' ').chain(["--token", token.as_str()]));
    as_pat("whoami").refused().says("user pat is disabled");
    buf.write("pets.proto", &pets("title"));
    buf.run(["push"]).fails();
    // Another token helps as little, and the membership is still there.
    let other = registry.cli(["token", "create", "--user", "pat", "--json"]).ok().json();
    let other = format!("authorization: Bearer {}", other["token"].as_str().unwrap());
    assert_eq!(get(&registry, INDEX, &other).status, 401);
    registry.cli(["organization", "member", "list", "acme"]).ok().prints("pat");
    registry.cli(["user", "list"]).ok().prints("disabled");
    assert!(registry.get("/admin").ok().text().contains("Enable pat"));
    registry.cli(["user", "enable", "pat"]).ok().prints_exactly("enabled pat");
    assert_eq!(statuses(), [200, 200, 303]);
}

#[test]
fn administrators_alone_disable_and_the_last_of_them_stays() {
    let registry = Registry::start();
    let token = registry.user_token("pat");
    let as_pat = |user: &str| registry.cli(["user", "disable", user, "--token", token.as_str()]);
    as_pat("pat").refused().says("you may not disable and enable users");
    as_pat(&registry.user).refused();
    registry.cli(["user", "disable", &registry.user]).refused().says("the only administrator of the registry");
    registry.cli(["user", "disable", "nobody"]).refused().says("nobody");
    registry.is_well();
}
