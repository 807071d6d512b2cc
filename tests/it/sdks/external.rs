//! Plugins by configuration: programs of their own, which make crates like the embedded ones, and which are not
//! trusted to behave.

use std::time::Duration;

use crate::support::{Buf, Consumer, Module, Programs, Registry, Transcript, pets, registry_command, run};

/// What `acme/dto` answers for the module of [`dogs`].
const DTO: &str = "/// By acme/dto.
#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
pub struct Dog {
    #[prost(string, tag = \"1\")]
    pub name: ::prost::alloc::string::String,
}
";

const PROST: &str = "deps = [{ name = \"prost\", requirement = \"0.14.1\" }]\ndescription = \"Plain structs.\"\n";

fn dogs() -> Module {
    Module::new("acme/pets").file("acme/pets/v1/pets.proto", pets("name"))
}

fn registry(programs: &Programs, eager: &[&str], flags: &[(&str, &str)]) -> Registry {
    let config = programs.config();
    Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", &eager.join(","));
        for (name, value) in flags {
            options.flag(name, value);
        }
    })
}

/// A plugin that looks at the request before it answers.
fn dto() -> Programs {
    let script = "cat >request || exit 7
grep -q acme/pets/v1/pets.proto request || exit 8
grep -q 'flat,prefix=x' request || exit 9
[ \"$(ls -A)\" = request ] || exit 10
cat HERE/answer";
    let keys = format!("{PROST}options = [\"flat\", \"prefix=x\"]\nopts = [\"flat\", \"prefix\"]\n");
    Programs::new().answer("answer", &[("acme.pets.v1.rs", DTO)]).script("dto", script, &keys)
}

#[test]
fn a_program_makes_crates_that_cargo_adds_and_builds() {
    let programs = dto();
    let registry = registry(&programs, &[], &[]);
    dogs().push(&registry);
    let consumer = Consumer::new(&registry).file(
        "src/main.rs",
        "fn main() {\n    let dog = acme_pets_acme_dto::acme::pets::v1::Dog { name: \"Rex\".into() };\n    \
         println!(\"{}\", dog.name);\n}\n",
    );
    // Nobody asked for it before cargo does.
    consumer.add("acme_pets_acme_dto");
    assert!(consumer.locked("acme_pets_acme_dto").starts_with("1.0.0-2"));
    consumer.run().prints("Rex");
    registry.cli(["plugin", "list"]).ok().prints("acme/dto").prints("prost 0.14.1");
    let page = registry.get("/plugins").ok().text();
    assert!(page.contains("acme/dto") && page.contains("Plain structs.") && page.contains("flat, prefix=x"), "{page}");
    registry.cli(["sdk", "version", "acme/pets", "--plugin", "acme/dto"]).ok().prints("1.0.0-2");
}

fn template(plugin: &str, option: &str) -> String {
    format!("version: v2\nplugins:\n  - remote: HOST/acme/{plugin}\n    out: gen\n    opt: [{option}]\n")
}

#[test]
fn a_program_answers_buf_generate() {
    let programs = dto();
    let registry = registry(&programs, &[], &[]);
    let buf = Buf::new(&registry).acme().module("acme/pets", &[]);
    buf.write("pets/acme/pets/v1/pets.proto", &pets("name"));
    buf.write("gen.yaml", &template("dto", "flat, prefix=x"));
    buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
    assert_eq!(buf.read("gen/acme.pets.v1.rs"), DTO);
    buf.write("gen.yaml", &template("dto", "flat, prfix=x"));
    let refused = buf.run(["generate", "pets", "--template", "gen.yaml"]).fails();
    refused.says("option prfix is not known to plugin acme/dto:v1.0.0; did you mean prefix?");
    buf.write("gen.yaml", &template("dto", "flat"));
    let failed = buf.run(["generate", "pets", "--template", "gen.yaml"]).fails();
    failed.says("plugin acme/dto:v1.0.0 failed: it ended with exit status: 9 and said nothing");
}

#[test]
fn a_program_that_misbehaves_fails_its_crate_and_nothing_else() {
    let programs = Programs::new()
        .script("hangs", "(while sleep 0.1; do date +%N >HERE/alive; done) & cat >/dev/null; sleep 100", "")
        .script("crashes", "echo one >&2; echo the table is full >&2; kill -SEGV $$", "")
        .script("chats", "cat >/dev/null; yes nonsense | head -c 100000 >&2; echo the end >&2; exit 3", "")
        .script("babbles", "cat >/dev/null; echo This is not Protobuf.", "")
        .script("floods", "yes", "")
        .script("eats", "cat >/dev/null; head -c 300000000 /dev/zero | tail -c 250000000 >/dev/null; exit $?", "")
        .script("calls", "cat >/dev/null; ls /sys/class/net >&2; exit 4", "")
        .answering("climbs", &[("../x.rs", "")], "")
        .answering("roots", &[("/tmp/x.rs", "")], "")
        .answering("lies", &[("acme.pets.v1.rs", "pub struct {")], "")
        .answering("forgets", &[], "")
        .answering("works", &[("acme.pets.v1.rs", "pub struct Dog;")], "");
    let names =
        ["hangs", "crashes", "chats", "babbles", "floods", "eats", "climbs", "roots", "lies", "forgets", "works"];
    let eager: Vec<_> = names.iter().map(|name| format!("acme/{name}")).collect();
    let eager: Vec<_> = eager.iter().map(String::as_str).collect();
    let limits = [
        ("plugin-timeout", "6"),
        ("max-plugin-answer-bytes", "1MiB"),
        ("max-plugin-bytes", "128MiB"),
        ("push-wait", "60"),
    ];
    let registry = registry(&programs, &eager, &limits);
    let pushed = dogs().push(&registry);
    let failure = |name: &str| {
        let failure = pushed.failure(&format!("acme/{name}")).to_owned();
        assert!(failure.contains(&format!("plugin acme/{name}:v1.0.0 ")), "{failure}");
        failure
    };
    let says = |name: &str, text: &str| {
        let failure = failure(name);
        assert!(failure.contains(text), "{name}: {failure}");
    };
    says("hangs", "failed: it did not end within 6 seconds; `--plugin-timeout` gives plugins more time");
    says("crashes", "failed: it ended with signal: 11 (SIGSEGV)");
    says("crashes", "said: one\nthe table is full");
    says("chats", "failed: it ended with exit status: 3 and said: nonsense\n");
    says("chats", "the end");
    says(
        "babbles",
        "failed: its answer begins with \"This is not Protobuf.\\n\" and is not a google.protobuf.compiler.",
    );
    says("floods", "failed: its answer is larger than 1048576 bytes; `--max-plugin-answer-bytes` allows more");
    says("eats", "failed: it ended with ");
    says("climbs", "it made a file called \"../x.rs\"; names must be relative and stay inside the output");
    says("roots", "it made a file called \"/tmp/x.rs\"; names must be relative and stay inside the output");
    says("lies", "made file acme.pets.v1.rs, which is not valid Rust: ");
    says(
        "forgets",
        "made no file \"acme.pets.v1.rs\" for package \"acme.pets.v1\", so its types would be missing: it made nothing",
    );
    pushed.sdk("acme/works");
    let alive = || std::fs::read_to_string(programs.path("alive")).unwrap();
    let then = alive();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(alive(), then, "what a plugin had started went on without it");
}

#[test]
fn a_program_that_answers_otherwise_than_before_is_reported() {
    let script = "cat >/dev/null
if [ -e HERE/again ]; then cat HERE/two; else touch HERE/again; cat HERE/one; fi";
    let programs = Programs::new()
        .answer("one", &[("acme.pets.v1.rs", "pub struct Dog;")])
        .answer("two", &[("acme.pets.v1.rs", "pub struct Cat;")])
        .script("moody", script, "")
        .answering("steady", &[("acme.pets.v1.rs", "pub struct Dog;")], "");
    let registry = registry(&programs, &[], &[]);
    let buf = Buf::new(&registry).acme().module("acme/pets", &[]);
    buf.write("pets/acme/pets/v1/pets.proto", &pets("name"));
    for _ in 0..2 {
        for plugin in ["moody", "steady"] {
            buf.write("gen.yaml", &template(plugin, ""));
            buf.run(["generate", "pets", "--template", "gen.yaml"]).ok();
        }
    }
    let log = registry.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("for the same request changed")).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("acme/moody:v1.0.0"), "{log}");
    let page = registry.get("/plugins").ok().text();
    assert_eq!(page.matches("Its output for the same request changed").count(), 1, "{page}");
}

/// Starts a server that is expected not to start.
fn start(config: &str) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("registry.toml"), config).unwrap();
    let arguments = ["serve", "--ephemeral", "--listen", "127.0.0.1:0", "--config", "registry.toml"];
    run(registry_command(home.path()).args(arguments)).could_not_run()
}

#[test]
fn a_plugin_that_cannot_work_is_refused_at_the_start() {
    let plugin = |name: &str, version: &str, rest: &str| {
        format!("[[plugin]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
    };
    let dto = |rest: &str| plugin("acme/dto", "v1.0.0", rest);
    start(&plugin("community/neoeinstein-prost", "v0.5.0", "command = \"sh\""))
        .says("plugin community/neoeinstein-prost:v0.5.0 is built into this program");
    start(&format!("{0}{0}", dto("command = \"sh\""))).says("the plugin catalogue holds acme/dto:v1.0.0 twice");
    start(&dto("command = \"no-such-plugin --fast\""))
        .says("the command of plugin acme/dto:v1.0.0 cannot be run: \"no-such-plugin\" is in no directory of PATH");
    start(&dto("command = [\"/no/such/plugin\"]")).says("there is no file /no/such/plugin");
    start(&dto("command = \"./registry.toml\"")).says("registry.toml is not an executable file");
    start(&dto("command = \"sh\"\noption = [\"a\"]"))
        .says("registry.toml:5: unknown key \"option\"; did you mean \"options\"?");
    start(&dto("command = \"sh\"\noptions = [\"flt\"]\nopts = [\"flat\"]"))
        .says("option flt is not known to plugin acme/dto:v1.0.0; did you mean flat?");
    start(&dto("command = \"sh\"\nplugin-deps = [\"acme/none:v1.0.0\"]"))
        .says("plugin acme/dto:v1.0.0 of the catalogue depends on acme/none:v1.0.0");
    start(&dto("")).says("registry.toml:1: [[plugin]]: missing field `command`");
}
