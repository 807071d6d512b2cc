//! Crates of `local/protovalidate` accept and reject messages by the rules that stand in the sources.

use crate::support::{Consumer, Module, Registry, run, validate_protos};

const PLUGIN: &str = "local/protovalidate";

const TYPES: &str = r#"edition = "2023";
package acme.type;
import "buf/validate/validate.proto";
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }
message Range {
  enum Type { TYPE_UNSPECIFIED = 0; TYPE_OPEN = 1; }
  message Bound { int32 at = 1 [(buf.validate.field).int32.gt = 0]; }
  Bound low = 1;
  Bound high = 2;
}
"#;

const USERS: &str = r#"syntax = "proto3";
package acme.users.v1;
import "acme/type/types.proto";
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
message User {
  option (buf.validate.message).cel = {
    id: "user.nickname"
    message: "a nickname is not the name"
    expression: "this.nickname != this.name"
  };
  string name = 1 [(buf.validate.field).string = { min_len: 2, max_len: 8 }];
  string nickname = 2;
  string code = 3 [(buf.validate.field).string.pattern = "^[a-z]{3}$"];
  string email = 4 [(buf.validate.field).string.email = true];
  uint32 age = 5 [(buf.validate.field).uint32 = { gte: 18, lt: 150 }];
  acme.type.Range range = 6 [(buf.validate.field).required = true];
  repeated string tags = 7 [(buf.validate.field).repeated = { min_items: 1, items: { string: { min_len: 1 } } }];
  map<string, int32> marks = 8 [(buf.validate.field).map = { max_pairs: 1, values: { int32: { lte: 5 } } }];
  acme.type.Color color = 9 [(buf.validate.field).enum.defined_only = true];
  acme.type.Range.Type kind = 10 [(buf.validate.field).enum.defined_only = true];
  google.protobuf.Timestamp born = 11 [(buf.validate.field).timestamp.lt_now = true];
  oneof contact {
    option (buf.validate.oneof).required = true;
    string phone = 12 [(buf.validate.field).string.len = 4];
    Type.Address address = 13;
  }
  message Type { message Address { string street = 1 [(buf.validate.field).cel = {
    id: "street.number" message: "a street has a number" expression: "this.matches('[0-9]')" }]; } }
}
"#;

/// Pushes the rules' own module, a module that uses them, and one that depends on both.
fn push(registry: &Registry) {
    let mut rules = registry.command();
    rules.arg("push").arg(validate_protos()).args(["--create", "--module", "bufbuild/protovalidate"]);
    run(&mut rules).ok();
    let types = Module::new("acme/type")
        .file("buf.yaml", "version: v2\ndeps: [localhost/bufbuild/protovalidate]\n")
        .file("acme/type/types.proto", TYPES);
    let users = Module::new("acme/people")
        .file("buf.yaml", "version: v2\ndeps: [localhost/bufbuild/protovalidate, localhost/acme/type]\n")
        .file("acme/users/v1/users.proto", USERS);
    for module in [types, users] {
        module.push(registry).sdk(PLUGIN);
    }
}

const MAIN: &str = r#"use acme_type_local_protovalidate::acme::r#type::{Color, Range, range};
use acme_people_local_protovalidate::acme::users::v1::{
    __buffa::{oneof::user::Contact, view::UserView},
    User, user,
};
use buffa::{Message, MessageView};
use buffa_types::google::protobuf::Timestamp;
use protovalidate_buffa::Validate;

fn bound(at: i32) -> range::Bound {
    range::Bound { at: Some(at), ..Default::default() }
}

fn valid() -> User {
    let address = user::r#type::Address { street: "Elm 3".into(), ..Default::default() };
    User {
        name: "Ada".into(),
        nickname: "A".into(),
        code: "abc".into(),
        email: "ada@example.com".into(),
        age: 36,
        range: Range { low: bound(1).into(), ..Default::default() }.into(),
        tags: vec!["t".into()],
        marks: [("m".into(), 5)].into_iter().collect(),
        color: Color::COLOR_RED.into(),
        kind: range::Type::TYPE_OPEN.into(),
        born: Timestamp { seconds: 1, ..Default::default() }.into(),
        contact: Some(Contact::Address(address.into())),
        ..Default::default()
    }
}

/// The violations of a message, which are those of its view.
fn violations(user: &User) -> Vec<String> {
    let told = |result: Result<(), protovalidate_buffa::ValidationError>| match result {
        Ok(()) => Vec::new(),
        Err(error) => {
            assert!(error.compile_error.is_none() && error.runtime_error.is_none(), "{error:?}");
            error.violations.iter().map(|found| format!("{} {}", found.field, found.rule_id)).collect()
        }
    };
    let encoded = user.encode_to_vec();
    let of_view = told(UserView::decode_view(&encoded).unwrap().validate());
    let mut found = told(user.validate());
    assert_eq!(found, of_view);
    found.sort();
    found
}

fn main() {
    assert_eq!(violations(&valid()), Vec::<String>::new());
    let address = user::r#type::Address { street: "Elm".into(), ..Default::default() };
    let invalid = User {
        name: "A".into(),
        nickname: "A".into(),
        code: "ABC".into(),
        email: "ada".into(),
        age: 17,
        tags: vec!["".into()],
        marks: [("m".into(), 6)].into_iter().collect(),
        color: buffa::EnumValue::from(7),
        kind: buffa::EnumValue::from(7),
        born: Timestamp { seconds: 1 << 36, ..Default::default() }.into(),
        contact: Some(Contact::Address(address.into())),
        ..Default::default()
    };
    violations(&invalid).iter().for_each(|violation| println!("{violation}"));
    let empty = User { range: Range { high: bound(-1).into(), ..Default::default() }.into(), ..Default::default() };
    println!("--");
    violations(&empty).iter().for_each(|violation| println!("{violation}"));
}
"#;

#[test]
fn messages_are_accepted_and_rejected_by_their_rules() {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", PLUGIN));
    push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", MAIN);
    consumer.add("acme_type_local_protovalidate").add("acme_people_local_protovalidate");
    // The module of the rules has a crate as any other, though nothing refers to it.
    consumer.add("bufbuild_protovalidate_local_protovalidate");
    consumer.add_public("buffa", "").add_public("buffa-types", "");
    consumer.cargo(["add", "--quiet", "protovalidate-buffa", "--no-default-features"]).ok();
    consumer.build();
    let printed = consumer.run().stdout;
    for violation in [
        " user.nickname",
        "age uint32.gte_lt",
        "born timestamp.lt_now",
        "code string.pattern",
        "color enum.defined_only",
        "address.street street.number",
        "email string.email",
        "kind enum.defined_only",
        "marks[\"m\"] int32.lte",
        "name string.min_len",
        "range required",
        "tags[0] string.min_len",
        "contact required",
        "range.high.at int32.gt",
        "tags repeated.min_items",
    ] {
        assert!(printed.lines().any(|line| line == violation), "no {violation:?} in {printed}");
    }
    let page = registry.get(&format!("/acme/people/docs/main/acme.users.v1?plugin={PLUGIN}")).ok().text();
    assert!(page.contains("use acme_people_local_protovalidate::acme::users::v1::User;"), "{page}");
    let page = registry.get("/acme/type/docs/main/acme.type").ok().text();
    assert!(page.contains("(buf.validate.field) = "), "{page}");
}
