//! External plugins written as shell scripts, and the configuration file that names them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use prost::Message as _;
use prost_types::compiler::CodeGeneratorResponse;
use prost_types::compiler::code_generator_response::File;
use tempfile::TempDir;

/// Plugins in a directory of their own. In scripts and keys, `HERE` stands for this directory.
pub(crate) struct Programs {
    directory: TempDir,
    config: String,
}

impl Programs {
    /// No plugins yet.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), config: String::new() }
    }

    /// Adds plugin `acme/{name}` v1.0.0, which is this script, with further keys of its `[[plugin]]`.
    pub(crate) fn script(mut self, name: &str, script: &str, keys: &str) -> Self {
        let path = self.program(name, script);
        let command = path.to_str().unwrap();
        let plugin =
            format!("[[plugin]]\nname = \"acme/{name}\"\nversion = \"v1.0.0\"\ncommand = [{command:?}]\n{keys}\n");
        self.config.push_str(&plugin);
        self
    }

    /// Writes a program that is this script.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path(name);
        let script = script.replace("HERE", self.directory.path().to_str().unwrap());
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Adds a plugin whose output for every request is these files.
    pub(crate) fn answering(self, name: &str, files: &[(&str, &str)], keys: &str) -> Self {
        let answer = format!("{name}.answer");
        self.answer(&answer, files).script(name, &format!("cat >request; cat HERE/{answer}"), keys)
    }

    /// Adds the file `name` with an encoded response, for scripts to print. A name `a.rs@point` stands for text that is
    /// inserted at that point of `a.rs`.
    pub(crate) fn answer(self, name: &str, files: &[(&str, &str)]) -> Self {
        let file = |(name, content): &(&str, &str)| {
            let (name, point) = name.split_once('@').map_or((*name, None), |(name, point)| (name, Some(point)));
            File {
                name: Some(name.to_owned()),
                insertion_point: point.map(str::to_owned),
                content: Some((*content).to_owned()),
                ..File::default()
            }
        };
        let response = CodeGeneratorResponse { file: files.iter().map(file).collect(), ..Default::default() };
        std::fs::write(self.path(name), response.encode_to_vec()).unwrap();
        self
    }

    /// Adds a plugin that answers every request with this error.
    pub(crate) fn refusing(self, name: &str, error: &str) -> Self {
        let response = CodeGeneratorResponse { error: Some(error.to_owned()), ..Default::default() };
        let answer = format!("{name}.answer");
        std::fs::write(self.path(&answer), response.encode_to_vec()).unwrap();
        self.script(name, &format!("cat >request; cat HERE/{answer}"), "")
    }

    /// The path of a file beside the plugins.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The path of the configuration file.
    pub(crate) fn config(&self) -> String {
        let path = self.path("registry.toml");
        std::fs::write(&path, &self.config).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
