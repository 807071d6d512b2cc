//! Everything that `buf` prints of our refusals, in one table: the command, the situation, the exact text.

use std::fmt::Write as _;

use crate::support::{Buf, Registry, Transcript};

/// The table as it grows.
struct Table {
    text: String,
}

impl Table {
    /// Adds what a command that fails printed. Addresses, ids and times differ from run to run.
    #[track_caller]
    fn row(&mut self, buf: &Buf, situation: &str, command: &str, run: Transcript) {
        let run = run.fails();
        let text = format!("{}{}", run.stdout, run.stderr).replace(buf.host(), "HOST");
        let _ = writeln!(self.text, "{situation}\n  $ buf {command}");
        for line in text.lines().filter(|line| !line.is_empty()) {
            let _ = writeln!(self.text, "  {}", without_ids(line));
        }
    }
}

/// Runs of 12 or more hexadecimal digits become `ID`.
fn without_ids(line: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() && !c.is_ascii_uppercase() {
            digits.push(c);
            continue;
        }
        let is_id = digits.len() >= 12 && digits.bytes().any(|b| b != b'0');
        out.push_str(if is_id { "ID" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

macro_rules! rows {
    ($table:ident, $buf:expr, $($situation:literal: $($word:literal)+;)*) => {$(
        $table.row(&$buf, $situation, concat!($($word, " "),+).trim_end(), $buf.run([$($word),+]));
    )*};
}

fn table(registry: &Registry) -> String {
    let mut table = Table { text: String::new() };
    let admin = Buf::new(registry).acme().common().pets();
    admin.write("bad/buf.yaml", "version: v2\nname: HOST/acme/Bad_Name\n");
    admin.write("bad/a.proto", "syntax = \"proto3\";\npackage a;\n");
    admin.write("nobody/buf.yaml", "version: v2\nname: HOST/nobody/common\n");
    admin.write("nobody/a.proto", "syntax = \"proto3\";\npackage a;\n");
    admin.write("gen.yaml", "version: v2\nplugins:\n  - remote: HOST/community/neoeinstein-prots\n    out: gen\n");
    admin.write(
        "option.yaml",
        "version: v2\nplugins:\n  - remote: HOST/community/neoeinstein-prost\n    out: gen\n    opt: no_such\n",
    );
    rows!(table, admin,
        "a module that is not there": "push" "common";
        "a name that is none": "push" "bad" "--create";
        "a module of nobody": "registry" "module" "create" "HOST/nobody/common";
        "pushing to an owner that is not there": "push" "nobody" "--create";
        "a dependency that is not there": "dep" "update" "pets";
        "an organization that is there": "registry" "organization" "create" "HOST/acme";
        "a plugin that is not there": "generate" "common" "--template" "gen.yaml";
        "an option that is none": "generate" "common" "--template" "option.yaml";
    );
    admin.push("common");
    admin.lock_and_push("pets");
    admin.run(["registry", "module", "create", "HOST/acme/empty"]).ok();
    admin.run(["push", "common", "--label", "old"]).ok();
    rows!(table, admin,
        "a module that is nearly there": "build" "HOST/acme/comon";
        "a label that is nearly there": "build" "HOST/acme/common:mian";
        "a commit that is not there": "build" "HOST/acme/common:00000000000040008000000000000000";
        "a module without commits": "build" "HOST/acme/empty";
        "a module that is there": "registry" "module" "create" "HOST/acme/common";
        "a module that others need": "registry" "module" "delete" "HOST/acme/common" "--force";
        "an organization with modules": "registry" "organization" "delete" "HOST/acme" "--force";
        "the default label": "registry" "module" "label" "archive" "HOST/acme/common:main";
        "an address that is none": "registry" "module" "update" "HOST/acme/common" "--url" "ftp://x";
        "a label like a commit": "push" "common" "--label" "0123456789abcdef0123456789abcdef";
        "a page that is not ours": "registry" "module" "commit" "list" "HOST/acme/common" "--page-token" "mine";
        "a crate of no commit": "registry" "sdk" "info" "--module" "HOST/acme/common" "--plugin" "HOST/community/neoeinstein-prost" "--version" "0.5.0-00000000000000-000000000000.1";
    );
    let sam = Buf::with_token(registry, Some(&registry.user_token("sam"))).common();
    rows!(table, sam,
        "a private module of others": "build" "HOST/acme/common";
        "creating in an organization of others": "push" "common" "--create";
        "changing an organization of others": "registry" "organization" "update" "HOST/acme" "--description" "x";
    );
    admin.run(["registry", "module", "update", "HOST/acme/common", "--visibility", "public"]).ok();
    rows!(table, sam,
        "pushing to a module of others": "push" "common";
        "a private module of others, told about": "registry" "module" "info" "HOST/acme/pets";
    );
    let read = registry.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let reader = Buf::with_token(registry, read["token"].as_str()).common();
    rows!(table, reader, "a token that only reads": "push" "common";);
    let nobody = Buf::with_token(registry, None).common();
    rows!(table, nobody, "no token": "push" "common";);
    let stale = Buf::with_token(registry, Some("reg_stale")).common();
    rows!(table, stale, "a token that is unknown": "push" "common";);
    elsewhere(registry, &mut table);
    table.text
}

/// Dependencies that belong to another registry, the only one beside its own that `buf` lets a module depend on.
fn elsewhere(registry: &Registry, table: &mut Table) {
    let other = Registry::start();
    Buf::new(&other).acme().common().push("common");
    let buf = Buf::between(registry, &other);
    buf.write("app/buf.yaml", &format!("version: v2\nname: HOST/acme/app\ndeps: [{}/acme/common]\n", other.host()));
    buf.write("app/app.proto", "syntax = \"proto3\";\npackage app;\nimport \"google_like/v1/money.proto\";\n");
    buf.run(["dep", "update", "app"]).ok();
    let pushed = buf.run(["push", "app", "--create"]);
    table.row(&buf, "a dependency on another registry that is not mirrored", "push app --create", pushed);
    table.text = table.text.replace(other.host(), "OTHER");
}

#[test]
fn refusals_read_well() {
    insta::assert_snapshot!(table(&Registry::start()), @r#"
    a module that is not there
      $ buf push common
      Failure: not_found: module acme/common is not in this registry
    a name that is none
      $ buf push bad --create
      Failure: invalid_argument: module name "Bad_Name" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen
    a module of nobody
      $ buf registry module create HOST/nobody/common
      Failure: not_found: there is no user or organization nobody; create it first: buf registry organization create HOST/nobody, or let `registry push --create` do both
    pushing to an owner that is not there
      $ buf push nobody --create
      Failure: not_found: there is no user or organization nobody; create it first: buf registry organization create HOST/nobody, or let `registry push --create` do both
    a dependency that is not there
      $ buf dep update pets
      Failure: module acme/common is not in this registry
    an organization that is there
      $ buf registry organization create HOST/acme
      Failure: already_exists: a user or organization acme already exists
    a plugin that is not there
      $ buf generate common --template gen.yaml
      Failure: not_found: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost, community/neoeinstein-prost-crate, community/neoeinstein-prost-serde
    an option that is none
      $ buf generate common --template option.yaml
      Failure: invalid_argument: option no_such is not known to plugin community/neoeinstein-prost:v0.5.0; it knows boxed, btree_map, bytes, compile_well_known_types, default_package_filename, disable_comments, enable_type_names, enum_attribute, extern_path, field_attribute, file_descriptor_set, flat_output_dir, message_attribute, retain_enum_prefix, skip_debug, type_attribute
    a module that is nearly there
      $ buf build HOST/acme/comon
      Failure: module acme/comon is not in this registry; did you mean acme/common?
    a label that is nearly there
      $ buf build HOST/acme/common:mian
      Failure: module acme/common has no label or commit "mian"; did you mean main?
    a commit that is not there
      $ buf build HOST/acme/common:00000000000040008000000000000000
      Failure: module acme/common has no label or commit "ID"
    a module without commits
      $ buf build HOST/acme/empty
      Failure: failed_precondition: module acme/empty has no commit on its default label main yet; push to it first
    a module that is there
      $ buf registry module create HOST/acme/common
      Failure: a module named "HOST/acme/common" already exists
    a module that others need
      $ buf registry module delete HOST/acme/common --force
      Failure: failed_precondition: module acme/common is needed by acme/pets; deprecate it instead
    an organization with modules
      $ buf registry organization delete HOST/acme --force
      Failure: failed_precondition: owner acme has 3 modules; delete them first
    the default label
      $ buf registry module label archive HOST/acme/common:main
      Failure: failed_precondition: label main is the default label of module acme/common and cannot be archived; give the module another default label first
    an address that is none
      $ buf registry module update HOST/acme/common --url ftp://x
      Command "update" is deprecated, use "buf registry module settings update" instead. However, "buf registry update" will continue to work.
      Failure: invalid_argument: url "ftp://x" is not a web address; begin it with https:// or http://
    a label like a commit
      $ buf push common --label 0123456789abcdef0123456789abcdef
      Failure: invalid_argument: label "ID" looks like a commit id; choose another name
    a page that is not ours
      $ buf registry module commit list HOST/acme/common --page-token mine
      Failure: invalid_argument: page_token is not one that this registry gave out; leave it empty to begin with the first page
    a crate of no commit
      $ buf registry sdk info --module HOST/acme/common --plugin HOST/community/neoeinstein-prost --version 0.5.0-00000000000000-000000000000.1
      Failure: not_found: module acme/common has no commit 000000000000, which SDK version 0.5.0-00000000000000-000000000000.1 names
    a private module of others
      $ buf build HOST/acme/common
      Failure: module acme/common is not in this registry
    creating in an organization of others
      $ buf push common --create
      Failure: permission_denied: you may not create modules for acme: that takes the role admin in the organization, which an admin of it can give you
    changing an organization of others
      $ buf registry organization update HOST/acme --description x
      Failure: permission_denied: you may not change organization acme: that takes the role admin in the organization, which an admin of it can give you
    pushing to a module of others
      $ buf push common
      Failure: permission_denied: you may not push to module acme/common: that takes the role writer in the organization, which an admin of it can give you
    a private module of others, told about
      $ buf registry module info HOST/acme/pets
      Failure: a module named "HOST/acme/pets" does not exist, use "buf registry module create" to create one
    a token that only reads
      $ buf push common
      Failure: permission_denied: this token may only read; use one of scope write, `registry token create --scope write` makes it
    no token
      $ buf push common
      Failure: you are not authenticated for HOST. Set the BUF_TOKEN environment variable or run "buf registry login HOST", using a Buf API token as the password. For details, visit https://buf.build/docs/bsr/authentication
    a token that is unknown
      $ buf push common
      Failure: the BUF_TOKEN environment variable is not valid for HOST. Set BUF_TOKEN to a valid Buf API token, or unset it. For details, visit https://buf.build/docs/bsr/authentication
    a dependency on another registry that is not mirrored
      $ buf push app --create
      Failure: not_found: a dependency of another registry is not in this one; import it first: registry mirror OTHER/ID
    "#);
}
