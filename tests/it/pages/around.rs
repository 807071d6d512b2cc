//! What stands around the pages: extensions and references in the documentation, the search, badges, and the files that
//! browsers and crawlers ask for.

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, pets};

fn page(registry: &Registry, token: Option<&str>, path: &str) -> Answer {
    let token = token.map(|token| format!("authorization: Bearer {token}"));
    let headers = token.into_iter().chain(["accept: text/html".to_owned()]).collect();
    http::send(&registry.url, "GET", path, headers, &[])
}

fn read(registry: &Registry, path: &str) -> String {
    page(registry, Some(&registry.token), path).ok().text()
}

const OPTIONS: &str = "syntax = \"proto2\";
package acme.options;
import \"google/protobuf/descriptor.proto\";
extend google.protobuf.FieldOptions {
// Says who answers. See [Level][acme.options.Level], [name][acme.options.Note.name],
// [Level.HIGH], [options][google.protobuf.FieldOptions] and [nothing][acme.None].
optional string team = 50001 [default = \"<b>\"]; }
message Note {
  optional string name = 1;
  extensions 100 to 199;
  extend Note { repeated Level levels = 100; }
}
enum Level { LOW = 0; HIGH = 1; }
";

#[test]
fn extensions_are_declarations_and_comments_refer_to_others() {
    let registry = Registry::start();
    Module::new("acme/options").file("options.proto", OPTIONS).push(&registry);
    let docs = read(&registry, "/acme/options/docs/main/acme.options");
    for part in [
        "<article class=\"symbol\" id=\"team\">",
        "<article class=\"symbol\" id=\"Note.levels\">",
        "custom option</span>",
        "default &#60;b&#62;",
        "<a href=\"#Level\">Level</a>",
        "<a href=\"#Note.name\">name</a>",
        "<a href=\"#Level.HIGH\">Level.HIGH</a>",
        "[nothing][acme.None]",
        "<p class=\"menu-head\">Extensions</p>",
        "google/protobuf/descriptor.proto\">google.protobuf.FieldOptions</a>",
    ] {
        assert!(docs.contains(part), "{part} is not in {docs}");
    }
    assert!(read(&registry, "/acme/options").contains("1 message, 1 enum, 1 extension"));
}

#[test]
fn the_search_finds_files_and_puts_the_best_module_first() {
    let registry = Registry::start();
    Module::new("acme/a-pets").file("other/kennel.proto", pets("name")).push(&registry);
    Module::new("acme/pets").file("pets.proto", pets("name").replace("Dog", "PetsDog")).push(&registry);
    let found = read(&registry, "/search?q=pets");
    let at = |part: &str| found.find(part).unwrap_or_else(|| panic!("{part} is not in {found}"));
    assert!(at("acme/<mark>pets</mark>") < at("acme/a-<mark>pets</mark>"), "{found}");
    assert!(at("<h2>Modules</h2>") < at("<h2>Types</h2>") && at("<h2>Types</h2>") < at("<h2>Files</h2>"));
    assert!(found.contains("acme.pets.v1.<mark>Pets</mark>Dog"), "{found}");
    let file = read(&registry, "/search?q=Kennel.pro");
    assert!(
        file.contains("href=\"/acme/a-pets/files/main/other/kennel.proto\">other/<mark>kennel.pro</mark>to</a>"),
        "{file}"
    );
    let hostile = read(&registry, "/search?q=%3Cscript%3E");
    assert!(!hostile.contains("<script>"), "{hostile}");
}

#[test]
fn badges_name_what_is_newest_to_those_who_may_read_it() {
    let registry = Registry::with(|options| _ = options.flag("anonymous-reads", "true"));
    for (module, visibility) in [("acme/pets", "public"), ("acme/secret", "private")] {
        let visibility = format!("--visibility={visibility}");
        Module::new(module).file("pets.proto", pets("name")).argument(&visibility).push(&registry);
    }
    let commit = Module::new("acme/pets").file("pets.proto", pets("other")).push(&registry).commit;
    let badge = page(&registry, None, "/badge/acme/pets.svg").ok();
    assert_eq!(badge.header("content-type"), "image/svg+xml");
    assert!(badge.text().contains("acme/pets") && badge.text().contains(&commit[..12]), "{}", badge.text());
    let crates = page(&registry, None, "/badge/acme_pets_community_neoeinstein-prost.svg").ok().text();
    assert!(crates.contains(&format!("-{}.1</text>", &commit[..12])), "{crates}");
    // A private module is as one that is not there, but for its name.
    for kind in ["acme/NAME", "acme_NAME_community_neoeinstein-prost"] {
        let refused = |name: &str| {
            let answer = page(&registry, None, &format!("/badge/{}.svg", kind.replace("NAME", name))).is(404);
            answer.text().replace(name, "NAME")
        };
        assert_eq!(refused("secret"), refused("nosuch"));
        page(&registry, Some(&registry.token), &format!("/badge/{}.svg", kind.replace("NAME", "secret"))).ok();
    }
    page(&registry, None, "/badge/acme/pets.png").is(404);
}

#[test]
fn programs_find_an_icon_the_rules_for_crawlers_and_a_description() {
    let registry = Registry::start();
    let icon = page(&registry, None, "/favicon.ico").ok();
    assert_eq!(icon.header("content-type"), "image/vnd.microsoft.icon");
    assert_eq!(icon.body[..6], [0, 0, 1, 0, 1, 0]);
    assert!(page(&registry, None, "/robots.txt").ok().text().contains("Disallow: /*/*/raw/\n"));
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["module", "update", "acme/pets", "--description", "All <pets>"]).ok();
    let shown = read(&registry, "/acme/pets");
    assert!(shown.contains("<meta property=\"og:title\" content=\"acme/pets\">"), "{shown}");
    assert!(shown.contains("<meta property=\"og:description\" content=\"All &#60;pets&#62;\">"), "{shown}");
    registry.cli(["module", "deprecate", "acme/pets", "--message", "Use <acme/animals>."]).ok();
    let deprecated = read(&registry, "/acme/pets/files/main");
    assert!(deprecated.contains("This module is deprecated.</strong> Use &#60;acme/animals&#62;."), "{deprecated}");
    let version = format!("registry {}", env!("CARGO_PKG_VERSION"));
    assert!(shown.contains(&version) && !page(&registry, None, "/login").ok().text().contains(&version));
    assert!(read(&registry, "/help").contains("/badge/acme/pets.svg"));
}
