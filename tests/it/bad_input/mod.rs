//! What is not acceptable is refused in words that a stranger understands, nothing of it is stored, and the server
//! goes on. Each table is one snapshot: the situation, then what was said.

mod names;
mod nul;
mod raw_texts;
mod sources;
mod uploads;

use std::fmt::Write as _;

use crate::support::{Module, Registry, Transcript, pets, upload};

/// Refusals in the order in which they came.
struct Refusals<'a> {
    registry: &'a Registry,
    before: String,
    text: String,
}

impl<'a> Refusals<'a> {
    /// Of a registry that has acme/pets already: what could be damaged.
    fn of(registry: &'a Registry) -> Self {
        Module::new("acme/pets").file("pets.proto", pets("name")).push(registry);
        Self { registry, before: stored(registry), text: String::new() }
    }

    /// Notes what was said, and checks that nothing else happened.
    #[track_caller]
    fn note(&mut self, situation: &str, said: &str) -> &mut Self {
        assert_eq!(stored(self.registry), self.before, "{situation} changed what is stored");
        assert_eq!(self.registry.get("/readyz").status, 200, "the server is not well after {situation}");
        let port = self.registry.url.rsplit(':').next().unwrap();
        writeln!(self.text, "{situation}:\n{}\n", said.trim_end().replace(port, "PORT")).unwrap();
        self
    }

    /// A push of a directory, refused with exit code 1.
    #[track_caller]
    fn push(&mut self, situation: &str, module: Module) -> &mut Self {
        let refused = module.try_push(self.registry).refused();
        let said = refused.stderr.replace(module.directory().to_str().unwrap(), "DIR");
        self.note(situation, &said)
    }

    /// Files sent by hand, paths and contents.
    #[track_caller]
    fn upload(&mut self, situation: &str, files: &[(&str, &str)]) -> &mut Self {
        self.call(situation, "buf.registry.module.v1.UploadService/Upload", &upload("acme", "pets", files))
    }

    /// A call, refused with a status of the client's fault.
    #[track_caller]
    fn call(&mut self, situation: &str, method: &str, request: &serde_json::Value) -> &mut Self {
        let answer = self.registry.call(method, request);
        assert!((400..500).contains(&answer.status), "{situation}: {answer:?}");
        let refusal = answer.json();
        let said = format!("{}: {}", refusal["code"].as_str().unwrap(), refusal["message"].as_str().unwrap());
        self.note(situation, &said)
    }

    /// A command line, refused with exit code 1.
    #[track_caller]
    fn command(&mut self, line: &str) -> &mut Self {
        let refused = self.registry.cli(line.split(' ')).refused();
        self.said(line, &refused)
    }

    /// A command line that makes no sense: exit code 2.
    #[track_caller]
    fn senseless(&mut self, line: &str) -> &mut Self {
        let refused = self.registry.cli(line.split(' ')).could_not_run();
        self.said(line, &refused)
    }

    #[track_caller]
    fn said(&mut self, line: &str, refused: &Transcript) -> &mut Self {
        assert_eq!(refused.stdout, "", "a refusal belongs on standard error");
        let said = refused.stderr.replace("\n\nFor more information, try '--help'.", "");
        self.note(&format!("registry {line}"), &said)
    }
}

/// Everything that a refused push could have changed: modules, labels, commits, crates.
fn stored(registry: &Registry) -> String {
    let mut all = registry.cli(["module", "list", "--json"]).ok().stdout;
    all += &registry.cli(["label", "list", "acme/pets", "--json"]).ok().stdout;
    all += &registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().stdout;
    all += &registry.get("/metrics").ok().text().lines().filter(|line| is_count(line)).collect::<Vec<_>>().join("\n");
    all
}

fn is_count(line: &str) -> bool {
    ["registry_modules ", "registry_commits ", "registry_sdks "].iter().any(|name| line.starts_with(name))
}

fn new() -> Module {
    Module::new("acme/pets")
}

/// A module with one good file and this `buf.yaml`.
fn with_yaml(text: &str) -> Module {
    new().file("a.proto", pets("name")).file("buf.yaml", text)
}

fn proto(text: &str) -> String {
    format!("syntax = \"proto3\";\n{text}")
}
