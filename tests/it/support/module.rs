//! A module that a test writes, and the result of its push.

use std::path::Path;

use tempfile::TempDir;

use super::registry::Registry;
use super::transcript::Transcript;

/// A source of package `acme.pets.v1` whose message has this field.
pub(crate) fn pets(field: &str) -> String {
    format!("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog {{ string {field} = 1; }}\n")
}

/// The same with a service, so that there are stubs to generate.
pub(crate) fn kennel(field: &str) -> String {
    pets(field) + "service Kennel { rpc Adopt(Dog) returns (Dog); }\n"
}

/// The request of a push of one module.
pub(crate) fn upload(owner: &str, module: &str, files: &[(&str, &str)]) -> serde_json::Value {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let file = |(path, text): &(&str, &str)| serde_json::json!({ "path": path, "content": encode(text) });
    let files: Vec<_> = files.iter().map(file).collect();
    serde_json::json!({ "contents": [{ "moduleRef": { "name": { "owner": owner, "module": module } }, "files": files }] })
}

/// Sources in a directory of their own, to be pushed.
pub(crate) struct Module {
    name: String,
    directory: TempDir,
    arguments: Vec<String>,
}

impl Module {
    /// A module `owner/name` without files.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), directory: tempfile::tempdir().unwrap(), arguments: Vec::new() }
    }

    /// Adds or replaces a file, and creates its folders.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Gives `registry push` another argument, such as `--label=next`.
    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The directory of the files.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Pushes, creates the module if it does not exist, and expects success.
    #[track_caller]
    pub(crate) fn push(&self, registry: &Registry) -> Pushed {
        Pushed::of(&self.try_push(registry).ok())
    }

    /// Pushes, expects success, and returns what the push is told to break.
    #[track_caller]
    pub(crate) fn push_told(&self, registry: &Registry) -> Option<String> {
        self.try_push(registry).ok().json()["breaking"].as_str().map(str::to_owned)
    }

    /// Pushes, and returns the output without expecting success.
    pub(crate) fn try_push(&self, registry: &Registry) -> Transcript {
        let mut command = registry.command();
        command.arg("push").arg(self.directory()).args(["--json", "--create", "--module", &self.name]);
        super::transcript::run(command.args(&self.arguments))
    }
}

/// The result of a push: the first module of the reply.
pub(crate) struct Pushed {
    /// The commit's id.
    pub(crate) commit: String,
    /// The reply's crates.
    pub(crate) sdks: Vec<PushedSdk>,
}

/// A crate that a push made.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct PushedSdk {
    #[serde(rename = "crate")]
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) state: String,
    /// The message of a failed crate.
    pub(crate) message: Option<String>,
}

impl Pushed {
    #[track_caller]
    pub(crate) fn of(transcript: &Transcript) -> Self {
        let reply = transcript.json();
        let module = &reply["modules"][0];
        let commit = module["commit"].as_str().unwrap_or_else(|| panic!("no commit in the reply:\n{transcript}"));
        let sdks = serde_json::from_value(module["sdks"].clone());
        Self {
            commit: commit.to_owned(),
            sdks: sdks.unwrap_or_else(|error| panic!("the reply's crates ({error}):\n{transcript}")),
        }
    }

    /// The served crate of this plugin.
    #[track_caller]
    pub(crate) fn sdk(&self, plugin: &str) -> &PushedSdk {
        let sdk = self.find(plugin);
        assert_eq!(sdk.state, "served", "{sdk:?}");
        sdk
    }

    /// The message of this plugin's failed crate.
    #[track_caller]
    pub(crate) fn failure(&self, plugin: &str) -> &str {
        let sdk = self.find(plugin);
        assert_eq!(sdk.state, "failed", "{sdk:?}");
        sdk.message.as_deref().unwrap_or_else(|| panic!("no message: {sdk:?}"))
    }

    #[track_caller]
    fn find(&self, plugin: &str) -> &PushedSdk {
        let suffix = format!("_{}", plugin.replace('/', "_"));
        let found = self.sdks.iter().find(|sdk| sdk.name.ends_with(&suffix));
        found.unwrap_or_else(|| panic!("no crate of {plugin} among {:?}", self.sdks))
    }
}
