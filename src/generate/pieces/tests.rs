use std::sync::Arc;

use super::{MOST, Pieces};
use crate::generate::Catalogue;
use crate::generate::embedded::find;
use crate::generate::generator::Generator as _;
use crate::generate::request::Request;
use crate::generate::request::chunk_request::encode_chunk;
use crate::generate::request::partition;
use crate::generate::run::run;
use crate::model::testing::{module, set};
use crate::model::{DescriptorSet, Plugin};

/// All that sections are made of: enums, nested types, oneofs, extensions, comments, and names that take one another's.
const FIRST: &str = "syntax = \"proto2\"; package p.v1; import \"b.proto\";
    // An enum.
    enum Kind { KIND_A = 0; /* of it */ KIND_B = 1; }
    // The first.
    // Of two lines.
    message One {
      // A field.
      optional Two two = 1;
      optional Kind kind = 2 [default = KIND_B];
      message Inner { optional One one = 1; enum In { IN_A = 0; } }
      oneof choice { Inner inner = 3; string text = 4; }
      extensions 100 to 200;
      extend Three { optional string inner_wish = 101; }
    }
    message Two { repeated One ones = 1; map<string, Kind> kinds = 2; optional Other other = 3; }
    // The third.
    message Three { extensions 100 to 200; oneof pick { Two two = 1; } }
    message OneView {}
    message TwoOwned {}
    // A wish.
    extend One { optional string wish = 100; }
    service Shop { rpc Buy(One) returns (Two); }";
const SECOND: &str = "syntax = \"proto2\"; package p.v1; message Other { optional Last last = 1; } message Last {}
    enum Late { LATE_A = 0; } extend Other2 { optional int32 far = 100; } message Other2 { extensions 100 to 200; }";

const NEWEST: &str = "v0.9.2";

fn plugin(version: &str) -> Plugin {
    let reference = format!("anthropics/buffa:{version}").parse().unwrap();
    Catalogue::embedded().unwrap().find(&reference).unwrap().clone()
}

/// The text of the only file in pieces of at most `most`, and the number of the pieces; `None` is one call.
fn text(version: &str, descriptors: &DescriptorSet, most: Option<u64>, more: &[&str]) -> (String, usize) {
    let (plugin, module) = (plugin(version), module("acme/app"));
    let generator = find(&plugin).unwrap();
    let request = Request { descriptors, module: &module, externs: &[], options: &[] };
    let chunk = partition::whole(&request);
    let options: Vec<_> = plugin.options.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let made = |request: &Request<'_>, chunk: &partition::Chunk<'_>| {
        run(&plugin, encode_chunk(generator, request, chunk, &options).unwrap(), None, Arc::new(()))
    };
    let pieces = most.and_then(|most| Pieces::of(&generator.rates, &request, &chunk, &options, most).unwrap());
    let (mut answer, count) = match pieces {
        Some(pieces) => {
            let make =
                |piece: &super::Piece<'_>| made(&Request { descriptors: &piece.descriptors, ..request }, &piece.chunk);
            (pieces.make(&plugin, make).unwrap(), pieces.selections.len())
        }
        None => (made(&request, &chunk).unwrap(), 1),
    };
    assert!(generator.splits());
    (answer.files.pop_first().unwrap().1, count)
}

#[test]
fn what_is_made_in_pieces_is_what_one_call_makes() {
    let files = [("acme/app", "a.proto", FIRST), ("acme/app", "b.proto", SECOND)];
    let descriptors = set(&files);
    let newer = [&["gate_impls=true"][..], &["register_types=false"], &["views=false", "with_setters=false"]];
    let newest = newer.map(|more| (NEWEST, more));
    let plain = [NEWEST, "v0.8.1", "v0.7.1", "v0.6.0", "v0.5.2"].map(|version| (version, &[][..]));
    for (version, more) in plain.into_iter().chain(newest) {
        let (whole, _) = text(version, &descriptors, None, more);
        for (most, least) in [(1, 9), (3 << 20, 3), (5 << 20, 2)] {
            let (joined, count) = text(version, &descriptors, Some(most), more);
            assert!(count >= least, "{count} pieces of {most}");
            assert!(joined == whole, "{version} {more:?}, pieces of {most}:\n{}", difference(&whole, &joined));
        }
    }
    assert_eq!(text(NEWEST, &descriptors, Some(MOST), &[]).1, 1);
}

fn difference(one: &str, other: &str) -> String {
    similar::TextDiff::from_lines(one, other).unified_diff().to_string()
}

#[test]
fn what_depends_on_a_whole_package_is_made_at_once() {
    let module_of_its_name = "package p; message Oneof { message In {} } message B {} message C {}";
    let one_constant = "syntax = \"proto2\"; package p; message A { extensions 1 to 9; } message B {} \
        extend A { optional int32 a_b = 1; optional int32 aB = 2; }";
    for source in [module_of_its_name, one_constant] {
        assert_eq!(text(NEWEST, &set(&[("acme/app", "a.proto", source)]), Some(1), &[]).1, 1, "{source}");
    }
    let descriptors = set(&[("acme/app", "a.proto", "package p; message A {} message B {}")]);
    assert_eq!(text(NEWEST, &descriptors, Some(1), &["idiomatic_imports=true"]).1, 1);
    assert_eq!(text(NEWEST, &descriptors, Some(1), &[]).1, 2);
}
