//! The Rust names on documentation pages are those that the generators write: a project imports every one of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;

use crate::support::{Consumer, Module, Registry};

/// Names that Rust, prost and buffa write in different ways.
const SOURCE: &str = r#"syntax = "proto3";
package acme.type.V1;
message HTTPRule {
  string userName = 1;
  int32 type = 2;
  oneof kind { string self = 3; Inner2Part some_part = 4; }
  enum Kind { KIND_UNSPECIFIED = 0; KIND_FAST = 1; kind_slow = 2; }
  message Inner2Part {
    message XMLDeep { bytes a_b = 1; }
    oneof how_much { XMLDeep deepest = 1; Kind inner_kind = 2; }
    enum Kind { option allow_alias = true; ZERO = 0; KIND_NONE = 0; KIND_TYPE = 1; }
  }
}
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_SELF = 1; COLOURED = 2; }
service PetStore {
  rpc GetHTTPRule(HTTPRule) returns (HTTPRule);
  rpc Type(HTTPRule) returns (stream HTTPRule);
}
"#;

/// A name as a page shows it: the import line, and what it makes known, or a member of that.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    import: String,
    short: String,
    /// Whether it stands where fields of messages do.
    field: bool,
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inside, _)| inside)
}

/// All names on a page.
fn names(page: &str) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    for article in page.split("<article").skip(1) {
        let message = article.contains(r#"<span class="kind">message</span>"#);
        for row in article.split_inclusive("</tr>") {
            let field = message && row.contains("<td") && !row.contains("oneof") && !row.contains("inside");
            for code in row.split("<code data-copy=\"").skip(1) {
                let (import, rest) = code.split_once('"').unwrap();
                let short = between(rest, ">", "</code>").unwrap().to_owned();
                let heading = import.ends_with(&format!("{short};"));
                names.insert(Name { import: import.to_owned(), short, field: field && !heading });
            }
        }
    }
    names
}

/// A program that does not compile unless all names are right.
fn program(names: &BTreeSet<Name>) -> String {
    let mut text = String::from("#![allow(unused, non_upper_case_globals)]\n");
    for (at, name) in names.iter().enumerate() {
        let member = if name.import.ends_with(&format!("::{};", name.short)) {
            String::new()
        } else if name.field {
            let (owner, field) = name.short.split_once("::").unwrap();
            format!("fn f(of: {owner}) {{ let _ = of.{field}; }}")
        } else if name.short.contains("Client::") {
            // A client is generic: what its functions are called is looked up in its source.
            String::new()
        } else {
            format!("fn f() {{ let _ = {}; }}", name.short)
        };
        writeln!(text, "mod n{at} {{ {} {member} }}", name.import).unwrap();
    }
    text + "fn main() {}\n"
}

/// A registry with a module of [`SOURCE`], and the names that its page shows for a plugin.
fn shown(plugin: &str) -> (Registry, BTreeSet<Name>) {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", SOURCE).push(&registry);
    let page = registry.get(&format!("/acme/pets/docs/main/acme.type.V1?plugin={plugin}")).ok().text();
    let names = names(&page);
    // Types, fields, variants, values, calls.
    assert!(names.len() >= 27, "{names:?}");
    (registry, names)
}

#[test]
fn every_rust_name_of_the_docs_is_in_the_crates() {
    let (registry, names) = shown("community/neoeinstein-tonic");
    let consumer = Consumer::new(&registry).file("src/main.rs", &program(&names));
    consumer.add("acme_pets_community_neoeinstein-prost").add("acme_pets_community_neoeinstein-tonic");
    consumer.cargo(["check", "--quiet"]).ok();
    let archive = registry.get("/gen/archive/acme/pets/community/neoeinstein-tonic/main.tar.gz").ok().body;
    let stubs = file(&archive, "src/acme.type.V1.tonic.rs");
    for call in names.iter().filter_map(|name| name.short.split_once("Client::")).map(|(_, call)| call) {
        assert!(stubs.contains(&format!("pub async fn {call}(")), "no client has the function {call}");
    }
}

/// Crates of buffa and Connect are not built here, their runtimes are many: their source is read.
#[test]
fn every_rust_name_of_buffa_and_connect_is_in_their_source() {
    let (registry, names) = shown("connectrpc/rust");
    let mut declared = BTreeSet::new();
    for plugin in ["anthropics/buffa", "connectrpc/rust"] {
        let name = format!("acme_pets_{}", plugin.replace('/', "_"));
        registry.get(&format!("/gen/cargo/ac/me/{name}")).ok();
        let archive = registry.get(&format!("/gen/archive/acme/pets/{plugin}/main.tar.gz")).ok().body;
        let source = file(&archive, "src/acme.type.V1.rs");
        let path = format!("{name}::acme::r#type::v1");
        collect(&syn::parse_file(&source).unwrap().items, &path, &mut declared);
    }
    for name in names {
        let import = name.import.trim_start_matches("use ").trim_end_matches(';').to_owned();
        assert!(declared.contains(&import), "{import} is not in the crate");
        // Where a type is only made known, its members stand elsewhere.
        let member = format!("::{}", name.short);
        assert!(declared.iter().any(|path| path.ends_with(&member)), "{member} is not in the crate");
    }
}

/// The text of one file of a crate.
fn file(archive: &[u8], wanted: &str) -> String {
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(archive));
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut entry = entries.find(|entry| entry.path().unwrap().ends_with(wanted)).expect(wanted);
    let mut text = String::new();
    entry.read_to_string(&mut text).unwrap();
    text
}

/// Paths of all that is public in `items`, with fields, variants and functions below their types.
fn collect(items: &[syn::Item], path: &str, found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            syn::Item::Struct(item) => {
                let named = item.fields.iter().filter_map(|field| field.ident.as_ref());
                found.extend(named.map(|field| format!("{path}::{}::{field}", item.ident)));
                found.insert(format!("{path}::{}", item.ident));
            }
            syn::Item::Enum(item) => {
                found.extend(item.variants.iter().map(|variant| format!("{path}::{}::{}", item.ident, variant.ident)));
                found.insert(format!("{path}::{}", item.ident));
            }
            syn::Item::Trait(item) => drop(found.insert(format!("{path}::{}", item.ident))),
            syn::Item::Use(item) => {
                let mut tree = &item.tree;
                while let syn::UseTree::Path(inner) = tree {
                    tree = &inner.tree;
                }
                if let syn::UseTree::Name(name) = tree {
                    found.insert(format!("{path}::{}", name.ident));
                }
            }
            syn::Item::Impl(item) if item.trait_.is_none() => members(item, path, found),
            syn::Item::Mod(item) => {
                let inner = item.content.as_ref().map_or(&[][..], |(_, items)| items);
                collect(inner, &format!("{path}::{}", item.ident), found);
            }
            _ => {}
        }
    }
}

/// What is public in the implementation of a type: functions, and constants that stand for values.
fn members(item: &syn::ItemImpl, path: &str, found: &mut BTreeSet<String>) {
    let syn::Type::Path(own) = &*item.self_ty else { return };
    let own = &own.path.segments.last().unwrap().ident;
    for item in &item.items {
        let name = match item {
            syn::ImplItem::Fn(function) => &function.sig.ident,
            syn::ImplItem::Const(constant) => &constant.ident,
            _ => continue,
        };
        found.insert(format!("{path}::{own}::{name}"));
    }
}
