//! The plugins as their authors publish them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use prost::Message as _;
use prost_types::compiler::CodeGeneratorResponse;
use registry::model::Plugin;

/// A plugin's executable.
pub(crate) struct Executable(pub(crate) PathBuf);

/// The executable of `plugin`, installed now if it is not there; nothing for plugins that have none.
pub(crate) fn of(plugin: &Plugin) -> Option<Executable> {
    let (krate, binary) = match plugin.name.to_string().as_str() {
        "community/neoeinstein-prost" => ("protoc-gen-prost", "protoc-gen-prost"),
        "community/neoeinstein-tonic" => ("protoc-gen-tonic", "protoc-gen-tonic"),
        "community/neoeinstein-prost-serde" => ("protoc-gen-prost-serde", "protoc-gen-prost-serde"),
        "community/neoeinstein-prost-crate" => ("protoc-gen-prost-crate", "protoc-gen-prost-crate"),
        "anthropics/buffa" => ("protoc-gen-buffa", "protoc-gen-buffa"),
        "connectrpc/rust" => ("connectrpc-codegen", "protoc-gen-connect-rust"),
        "local/prost-serde" | "local/protovalidate" => return None,
        other => panic!("no executable is known for {other}; add it to tests/parity/executable.rs"),
    };
    let version = plugin.version.bare();
    let root = crate::directory().join(format!("{krate}-{version}"));
    let path = root.join("bin").join(binary);
    if !path.exists() {
        println!("installing {krate} {version}");
        let mut install = Command::new(env!("CARGO"));
        install.args(["install", "--quiet", "--locked", "--version", &version, "--root"]).arg(root).arg(krate);
        let installed = install.env("CARGO_TARGET_DIR", crate::directory().join("build")).status().unwrap();
        assert!(installed.success(), "could not install {krate} {version}");
    }
    Some(Executable(path))
}

impl Executable {
    /// Its answer; the error is its own message, or what it wrote before it gave up.
    pub(crate) fn answer(&self, request: Vec<u8>) -> Result<CodeGeneratorResponse, String> {
        let mut command = Command::new(&self.0);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(&request));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().ok();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let response = CodeGeneratorResponse::decode(&output.stdout[..]).unwrap();
        match response.error {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }
}
