//! The Rust names and types on documentation pages are those that the generators write: a project uses every one of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;

use crate::support::{Consumer, Module, Registry};

/// Names that Rust, prost and buffa write in different ways.
const SOURCE: &str = r#"syntax = "proto3";
package acme.type.V1;
import "google/protobuf/any.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "other.proto";
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
message Types {
  optional sint64 signed = 1;
  repeated string words = 2;
  map<string, HTTPRule.Inner2Part.XMLDeep> inner = 3;
  map<fixed32, bytes> raw = 4;
  map<bool, Colour> colours = 5;
  Types itself = 6;
  repeated Types more = 7;
  Chain chain = 8;
  acme.other.Money money = 10;
  google.protobuf.Any any = 11;
  google.protobuf.Value value = 12;
  google.protobuf.NullValue null = 13;
  google.protobuf.StringValue wrapped = 14;
  repeated google.protobuf.Empty nothing = 15;
  optional Colour colour = 16;
  repeated Colour palette = 17;
  optional bytes small = 18;
  oneof choice {
    Types again = 20;
    Chain link = 21;
    acme.other.Money price = 22;
    bytes blob = 23;
    Colour shade = 24;
    google.protobuf.DoubleValue number = 25;
  }
}
message Chain { Types back = 1; }
"#;

/// The same rules in another syntax, and in another package of the module.
const OTHER: &str = r#"syntax = "proto2";
package acme.other;
message Money {
  required int64 amount = 1;
  optional Unit unit = 2 [default = CENT];
  required Money change = 3;
  optional bytes note = 4;
  repeated group Coin = 5 { optional uint32 worth = 1; }
  optional group Purse = 6 { optional Money content = 1; }
  enum Unit { CENT = 0; EURO = 1; }
}
"#;

/// A name as a page shows it: the import line, and what it makes known, or a member of that.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    import: String,
    short: String,
    /// Whether it stands where fields of messages do.
    field: bool,
    /// What follows it: `: String`, `(String)` or nothing.
    of: String,
}

impl Name {
    /// The type of a field, or what a variant holds.
    fn value(&self) -> &str {
        match self.of.strip_prefix(": ") {
            Some(value) => value,
            None => self.of.trim_start_matches('(').trim_end_matches(')'),
        }
    }
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
            let field = message && row.contains("<td") && !row.contains("inside");
            for code in row.split("<code data-copy=\"").skip(1) {
                let (import, rest) = code.split_once('"').unwrap();
                let short = between(rest, ">", "</code>").unwrap().to_owned();
                let heading = import.ends_with(&format!("{short};"));
                let of = rest.split_once("</code>").unwrap().1.strip_prefix(r#"<code class="of">"#);
                let of = of.map_or("", |of| of.split_once("</code>").unwrap().0);
                let of = of.replace("&#60;", "<").replace("&#62;", ">");
                names.insert(Name { import: import.to_owned(), short, field: field && !heading, of });
            }
        }
    }
    names
}

/// A program that does not compile unless all names are right, and all types.
fn program(names: &BTreeSet<Name>) -> String {
    let mut text = String::from("#![allow(unused, non_upper_case_globals)]\n");
    text += "mod known { pub use prost::bytes::Bytes; pub use std::collections::HashMap; }\n";
    for (at, name) in names.iter().enumerate() {
        let member = if name.import.ends_with(&format!("::{};", name.short)) {
            String::new()
        } else if name.field {
            let (owner, field) = name.short.split_once("::").unwrap();
            format!("fn f(of: {owner}) {{ let _{} = of.{field}; }}", name.of)
        } else if name.short.contains("Client::") {
            // A client is generic: what its functions are called is looked up in its source.
            String::new()
        } else if name.of.is_empty() {
            format!("fn f() {{ let _ = {}; }}", name.short)
        } else {
            format!("fn f(value: {}) {{ let _ = {}(value); }}", name.value(), name.short)
        };
        let scope = "use crate::known::*; use acme_pets_community_neoeinstein_prost::acme::{self, PACKAGE::*};";
        let package = if name.import.contains("::other::") { "other" } else { "r#type::v1" };
        writeln!(text, "mod n{at} {{ {} {} {member} }}", scope.replace("PACKAGE", package), name.import).unwrap();
    }
    text + "fn main() {}\n"
}

/// A registry with a module of [`SOURCE`], and the names that its page shows for a plugin.
fn shown(plugin: &str) -> (Registry, BTreeSet<Name>) {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", SOURCE).file("other.proto", OTHER).push(&registry);
    let page = |package| registry.get(&format!("/acme/pets/docs/main/{package}?plugin={plugin}")).ok().text();
    let found = names(&(page("acme.type.V1") + &page("acme.other")));
    // Types, fields, variants, values, calls.
    assert!(found.len() >= 70, "{found:?}");
    let typed = found.iter().filter(|name| !name.of.is_empty()).count();
    assert!(typed >= 40, "{typed} types: {found:?}");
    (registry, found)
}

#[test]
fn every_rust_name_of_the_docs_is_in_the_crates() {
    let (registry, names) = shown("community/neoeinstein-tonic");
    let consumer = Consumer::new(&registry).file("src/main.rs", &program(&names));
    consumer.add("acme_pets_community_neoeinstein-prost").add("acme_pets_community_neoeinstein-tonic");
    let manifest = consumer.read("Cargo.toml");
    consumer.write("Cargo.toml", &(manifest + "prost = \"0.14.1\"\nprost-types = \"0.14.1\"\n"));
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
    for (plugin, package, modules) in [
        ("anthropics/buffa", "acme.type.V1", "acme::r#type::v1"),
        ("anthropics/buffa", "acme.other", "acme::other"),
        ("connectrpc/rust", "acme.type.V1", "acme::r#type::v1"),
    ] {
        let name = format!("acme_pets_{}", plugin.replace('/', "_"));
        registry.get(&format!("/gen/cargo/ac/me/{name}")).ok();
        let archive = registry.get(&format!("/gen/archive/acme/pets/{plugin}/main.tar.gz")).ok().body;
        let source = file(&archive, &format!("src/{package}.rs"));
        collect(&syn::parse_file(&source).unwrap().items, &format!("{name}::{modules}"), &mut declared);
    }
    for name in names {
        let import = name.import.trim_start_matches("use ").trim_end_matches(';').to_owned();
        assert!(declared.contains(&import), "{import} is not in the crate");
        // Where a type is only made known, its members stand elsewhere.
        let member = format!("::{}{}", name.short, plain(&name.of));
        assert!(declared.iter().any(|path| path.ends_with(&member)), "{member} is not in the crate");
    }
}

/// A type without the modules in its paths.
fn plain(shown: &str) -> String {
    let mut plain = String::new();
    for part in shown.split_inclusive(['<', '>', '(', ')', ',', ' ']) {
        plain += part.rsplit("::").next().unwrap();
    }
    plain
}

/// The same of a type in the source; `own` is what `Self` means there.
fn written(written: &syn::Type, own: &syn::Ident) -> String {
    let syn::Type::Path(path) = written else { return "()".into() };
    let last = path.path.segments.last().unwrap();
    let name = if last.ident == "Self" { own.to_string() } else { last.ident.to_string() };
    let syn::PathArguments::AngleBracketed(inner) = &last.arguments else { return name };
    let inner = inner.args.iter().map(|argument| match argument {
        syn::GenericArgument::Type(inner) => self::written(inner, own),
        _ => String::new(),
    });
    format!("{name}<{}>", inner.collect::<Vec<_>>().join(", "))
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
                for (field, name) in item.fields.iter().filter_map(|field| Some((field, field.ident.as_ref()?))) {
                    found.insert(format!("{path}::{}::{name}", item.ident));
                    found.insert(format!("{path}::{}::{name}: {}", item.ident, written(&field.ty, &item.ident)));
                }
                found.insert(format!("{path}::{}", item.ident));
            }
            syn::Item::Enum(item) => {
                for variant in &item.variants {
                    let name = format!("{path}::{}::{}", item.ident, variant.ident);
                    let held = variant.fields.iter().map(|field| written(&field.ty, &item.ident));
                    found.insert(format!("{name}({})", held.collect::<Vec<_>>().join(", ")));
                    found.insert(name);
                }
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
