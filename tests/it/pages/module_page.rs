//! The page of a module: what stands beside its documentation, and its packages.

use std::fmt::Write as _;

use crate::support::{Module, Registry, http, pets};

const MIT: &str = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n";

#[track_caller]
fn says(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[test]
fn a_module_says_how_to_add_it_how_current_it_is_and_who_uses_it() {
    let registry = Registry::start();
    let pets = || {
        let module = Module::new("acme/pets").file("LICENSE", MIT).file("README.md", "# Pets\n");
        module.argument("--visibility=public")
    };
    pets().file("pets.proto", crate::support::kennel("name")).push(&registry);
    let source = "--source-control-url=https://git.example.com/acme/pets/commit/1";
    let commit = pets().file("pets.proto", crate::support::kennel("title")).argument(source).push(&registry).commit;
    registry.cli(["module", "update", "acme/pets", "--url", "https://example.com/pets"]).ok();
    let deps = |name: &str| format!("version: v2\nname: {}/acme/{name}\ndeps: [{0}/acme/pets]\n", registry.host());
    for (name, visibility) in [("shop", "public"), ("secret", "private")] {
        let source = "syntax = \"proto3\";\nimport \"pets.proto\";\nmessage Sale { acme.pets.v1.Dog dog = 1; }\n\
                      service Till { rpc Sell(Sale) returns (Sale); }\n";
        let module = Module::new(&format!("acme/{name}")).file("buf.yaml", deps(name)).file("sale.proto", source);
        module.argument(&format!("--visibility={visibility}")).push(&registry);
    }

    let page = registry.get("/acme/pets").ok().text();
    let short = &commit[..12];
    says(
        &page,
        &[
            "acme_pets_community_neoeinstein-prost",
            &format!("-{short}.1</span>"),
            &format!("<a class=\"mono\" href=\"/acme/pets/commits/main\">{short}</a>"),
            "<span class=\"quiet small\">by admin-user, ",
            ">breaks: 2 in JSON, 1 in Rust</a>",
            "href=\"https://git.example.com/acme/pets/commit/1\"",
            "href=\"https://example.com/pets\"",
            "<a href=\"/acme/pets/files/main/LICENSE\">MIT</a>",
            "<dt>Labels</dt><dd><a href=\"/acme/pets/commits/main\">1</a></dd>",
            "<a href=\"/acme/shop\">acme/shop</a>",
            "<a href=\"/acme/secret\">acme/secret</a>",
        ],
    );

    registry.cli(["user", "create", "pat"]).ok();
    let created = registry.cli(["token", "create", "--user", "pat", "--json"]).ok().json();
    let token = format!("authorization: Bearer {}", created["token"].as_str().unwrap());
    let strangers = http::send(&registry.url, "GET", "/acme/pets", vec![token.clone()], &[]).ok().text();
    says(&strangers, &["<a href=\"/acme/shop\">acme/shop</a>"]);
    assert!(!strangers.contains("secret"), "{strangers}");
    let plugins = registry.get("/plugins?word=tonic").ok().text();
    let link = |name: &str| format!("<a href=\"/acme/{name}/sdks\">acme/{name}</a>");
    says(&plugins, &[&format!("Used by {}, {}, {}</p>", link("pets"), link("secret"), link("shop"))]);
    let headers = vec![token];
    let plugins = http::send(&registry.url, "GET", "/plugins?word=tonic", headers, &[]).ok().text();
    says(&plugins, &[&format!("Used by {}, {}</p>", link("pets"), link("shop"))]);

    let drawn = registry.get("/acme/shop/dependencies/main").ok().text();
    says(&drawn, &["<path d=\"M", "<title>acme/pets</title>", ">acme/pets</text></a>", "class=\"this\""]);
}

#[test]
fn without_a_readme_the_packages_are_the_page_and_many_are_told_apart() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let small = registry.get("/acme/pets").ok().text();
    says(&small, &["href=\"/acme/pets/docs/main/acme.pets.v1\">acme.pets.v1</a>", "A <code>README.md</code> beside"]);
    assert!(!small.contains("package-group"), "{small}");
    says(&small, &["<h3 class=\"names-head\">Messages</h3>", "href=\"/acme/pets/docs/main/acme.pets.v1#Dog\">Dog</a>"]);

    let many = (0..200).map(|at| format!("// Number {at}.\nmessage M{at} {{}}\n")).collect::<String>();
    let source = format!("syntax = \"proto3\";\npackage acme.crowd;\n{many}");
    Module::new("acme/crowd").file("acme/crowd/m.proto", source).push(&registry);
    let crowd = registry.get("/acme/crowd").ok().text();
    says(&crowd, &["200 messages"]);
    assert!(!crowd.contains("names-head"), "its package has a page of its own: {crowd}");

    let mut module = Module::new("acme/many");
    for at in 0..60 {
        let (group, mut source) = (if at % 2 == 0 { "cloud" } else { "ads" }, String::new());
        writeln!(source, "syntax = \"proto3\";\npackage acme.{group}.p{at};\nmessage M {{}}").unwrap();
        module = module.file(&format!("acme/{group}/p{at}/m.proto"), source);
    }
    module.push(&registry);
    let large = registry.get("/acme/many").ok().text();
    says(
        &large,
        &[
            "<dt>Packages</dt><dd><a href=\"#packages\">60</a></dd>",
            "<span class=\"mono\">acme.ads</span> <span class=\"quiet small\">30 packages</span>",
            "<span class=\"mono\">acme.cloud</span>",
            "href=\"/acme/many/docs/main/acme.cloud.p42\"",
        ],
    );
}

#[test]
fn each_release_says_what_changed_since_the_one_before_it() {
    let registry = Registry::start();
    let push = |field: &str, label: &str| {
        let module = Module::new("acme/pets").file("pets.proto", pets(field));
        module.argument(&format!("--label={label}")).push(&registry).commit
    };
    let first = push("name", "main");
    push("colour", "next");
    let second = push("title", "main");
    let page = registry.get("/acme/pets/commits/main").ok().text();
    let link = format!("href=\"/acme/pets/compare/{first}/{second}\">what changed since <span class=\"mono\">");
    says(
        &page,
        &[&link, "breaks: 2 in JSON, 1 in Rust", "<summary class=\"quiet\">digest</summary>", "admin-user pushed"],
    );
}

#[test]
fn the_home_page_begins_with_what_was_pushed_last_and_ends_with_what_is_deprecated() {
    let registry = Registry::start();
    for name in ["acme/aa", "acme/bb", "acme/cc"] {
        // Messages of one name in two modules are not what this is about.
        let source = format!("syntax = \"proto3\";\npackage {};\nmessage M {{}}\n", name.replace('/', "."));
        Module::new(name).file(&format!("{name}/m.proto"), source).push(&registry);
    }
    registry.cli(["module", "deprecate", "acme/cc"]).ok();
    let order = |path: &str| {
        let page = registry.get(path).ok().text();
        let mut at: Vec<_> =
            ["aa", "bb", "cc"].map(|name| (page.find(&format!("<h3><a href=\"/acme/{name}\">")).unwrap(), name)).into();
        at.sort_unstable();
        at.into_iter().map(|(_, name)| name).collect::<String>()
    };
    assert_eq!(order("/"), "bbaacc");
    assert_eq!(order("/?by=name"), "aabbcc");
}
