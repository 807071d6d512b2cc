//! Sources that are made to cost much: each ends in crates or in words, and the server answers whoever comes next.

use crate::support::{Buf, Module, Registry, Transcript, pets};

/// What a refusal may be long: fifty findings of a thousand bytes, and where they are.
const MOST_WORDS: usize = 80_000;

/// One registry for several bombs: what the first leaves behind must not harm the next.
struct Range {
    registry: Registry,
}

impl Range {
    /// Without plugins: this is about what a push may cost before anything is generated.
    fn new() -> Self {
        Self { registry: Registry::with(|options| _ = options.flag("eager-plugins", "")) }
    }

    #[track_caller]
    fn push(&self, module: Module) -> Transcript {
        let pushed = module.try_push(&self.registry);
        assert!(pushed.stderr.len() < MOST_WORDS, "{} bytes of words", pushed.stderr.len());
        assert_eq!(self.registry.get("/readyz").status, 200);
        Module::new("acme/after").file("a.proto", pets("name")).push(&self.registry);
        let log = self.registry.log();
        assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
        pushed
    }

    #[track_caller]
    fn refuses(&self, source: &str, expected: &str) {
        self.push(Module::new("acme/bomb").file("a.proto", source)).refused().says(expected);
    }

    #[track_caller]
    fn takes(&self, source: &str) {
        self.push(Module::new("acme/bomb").file("a.proto", source)).ok();
    }
}

/// `text` of every number below `count`.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// A message that is an option and can hold itself.
const OPTION: &str = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
    message O { optional O o = 1; repeated O all = 2; }
    extend google.protobuf.FileOptions { optional O o = 50000; }\n";

#[test]
fn nesting_is_refused_with_the_flag_that_changes_it() {
    let range = Range::new();
    let (levels, limit) = (10_000, "more than the limit of 30; the server's --max-nesting changes the limit");
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(levels), close.repeat(levels));
    for source in [
        format!("syntax = \"proto3\"; {}", nested("message M {", "}")),
        format!("syntax = \"proto2\"; message M {{ {} }}", nested("optional group G = 1 {", "}")),
        format!("edition = \"2024\"; {}", nested("message M {", "}")),
        format!("{OPTION} option (o) = {{ {} }};", nested("o {", "}")),
        format!("{OPTION} option (o) = {{ {} }};", nested("o <", ">")),
        format!("{OPTION} option (o) = {{ all: {} }};", nested("[", "]")),
        format!("{OPTION} option (o){} = {{}};", ".o".repeat(100_000)),
        format!("syntax = \"proto3\"; message M {{ {} a = 1; }}", nested("map<int32, ", ">")),
    ] {
        range.refuses(&source, limit);
    }
}

#[test]
fn very_many_members_are_taken_or_counted() {
    let range = Range::new();
    let numbers = |at: usize| 20_000 + at;
    let message = |members: &str| format!("syntax = \"proto3\"; message M {{ {members} }}");
    range.takes(&message(&each(100_000, |at| format!("int32 f{at} = {};", numbers(at)))));
    range.takes(&message(&each(100_000, |at| format!("optional int32 f{at} = {};", numbers(at)))));
    range.takes(&message(&format!("oneof o {{ {} }}", each(10_000, |at| format!("int32 f{at} = {};", numbers(at))))));
    range.takes(&message(&each(10_000, |at| format!("oneof o{at} {{ int32 f{at} = {}; }}", numbers(at)))));
    range.refuses(
        &format!("syntax = \"proto3\"; enum E {{ {} }}", each(100_000, |at| format!("E_{at} = {at};"))),
        "enum E has 100000 values; at most 50000 are supported",
    );
}

#[test]
fn a_hundred_thousand_mistakes_are_not_all_told() {
    let range = Range::new();
    let message = |members: String| format!("syntax = \"proto3\"; message M {{ {members} }}");
    for (source, expected) in [
        (message(each(100_000, |at| format!("X f{at} = {};", 20_000 + at))), "name 'X' is not defined"),
        (message(each(100_000, |at| format!("int32 f{at} = 1;"))), "field number '1' is already used"),
        (message("reserved \"a\";".repeat(100_000)), "name \"a\" is reserved twice"),
        (message(each(100_000, |at| format!("option x{at} = 1;"))), "option field 'x0' is not defined"),
        (each(100_000, |at| format!("import \"x{at}.proto\";")), "import \"x0.proto\" was not found"),
        ("message M {}".repeat(100_000), "name 'M' is defined twice"),
        (format!("edition = \"2023\"; message M {{ {} }}", "optional A a = 1;".repeat(100_000)), "`optional` is not"),
    ] {
        range.refuses(&source, expected);
    }
}

#[test]
fn names_and_texts_of_a_megabyte_are_refused_in_a_few_words() {
    let range = Range::new();
    let long = "x".repeat(1_000_000);
    for (source, expected) in [
        (format!("message {long} {{}}"), "the full name has 1000000 bytes; at most 1024 are supported"),
        (format!("package {long};"), "at most 1024 are supported"),
        (format!("syntax = \"proto3\"; message M {{ {long} a = 1; }}"), "is not defined"),
        (format!("import \"{long}\";"), "was not found in this module"),
        (format!("option {long} = 1;"), "is not defined"),
        (format!("message M {{ optional int32 a = 1 [default = \"{long}\"]; }}"), "expected value to be an integer"),
        (format!("enum E {{ A = 0; }} message M {{ optional E a = 1 [default = {long}]; }}"), "invalid default value"),
        (format!("option java_package = \"{}\";", "é".repeat(1_000_000)), "bytes beyond ASCII; at most 262144"),
    ] {
        range.refuses(&source, expected);
    }
}

fn files(count: usize, text: impl Fn(usize) -> String) -> Module {
    (0..count).fold(Module::new("acme/bomb"), |module, at| module.file(&format!("f{at}.proto"), text(at)))
}

#[test]
fn imports_may_be_a_long_chain_and_meet_again_and_again() {
    let range = Range::new();
    let import = |at: usize| if at == 0 { String::new() } else { format!("import \"f{}.proto\";", at - 1) };
    range.push(files(10_000, |at| format!("syntax = \"proto3\"; {}", import(at)))).ok();
    // Each file is reached in twice as many ways as the one before.
    let diamond = |at: usize| match at {
        0 | 1 => "syntax = \"proto3\";".to_owned(),
        _ => {
            let below = at - at % 2 - 2;
            format!("import public \"f{below}.proto\"; import public \"f{}.proto\";", below + 1)
        }
    };
    range.push(files(120, diamond)).ok();
}

#[test]
fn public_imports_that_multiply_are_refused() {
    let range = Range::new();
    let import = |at: usize| if at == 0 { String::new() } else { format!("import public \"f{}.proto\";", at - 1) };
    range.push(files(3_000, import)).refused().says("public imports make too many files visible");
    let all = |at: usize| each(at.min(200), |back| format!("import public \"f{}.proto\";", at - 1 - back));
    range.push(files(700, all)).refused().says("public imports make too many files visible");
}

#[test]
fn buf_is_told_what_is_too_large() {
    let range = Range::new();
    let buf = Buf::new(&range.registry).acme().module("acme/bomb", &[]);
    buf.write("bomb/a.proto", &format!("syntax = \"proto3\"; message {} {{}}", "M".repeat(10_000)));
    buf.run(["push", "bomb", "--create"]).fails().says("the full name has 10000 bytes; at most 1024 are supported");
    buf.write("bomb/a.proto", &pets("name"));
    buf.push("bomb");
}
