//! Turns the schemas under `assets/proto` into Rust: messages, service traits and clients, taken in by `lib.rs`.
//!
//! The schemas are compiled in process, so building needs no `protoc`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use buffa_codegen::BytesRepr;
use prost::Message as _;

/// Where the schemas are, relative to the package.
const SCHEMAS: &str = "../../assets/proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={SCHEMAS}");
    println!("cargo:rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(SCHEMAS);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = schema_files(&root)?;
    let compiled = compile(&root, &files)?;
    let set = out.join("schema.bin");
    fs::write(&set, &compiled.commented)?;
    fs::write(out.join("reflection.bin"), &compiled.bare)?;
    connectrpc_build::Config::new()
        .buffa_config(options())
        .descriptor_set(&set)
        .files(&files)
        .include_file("_connectrpc.rs")
        // It would name the set above, which is newer than this run by design: cargo would run this every time.
        .emit_rerun_directives(false)
        .compile()
        .map_err(|error| format!("could not generate Rust from {SCHEMAS}: {error:#}"))?;
    Ok(())
}

/// The schemas below `root`, by their import names, sorted.
fn schema_files(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("could not read {}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                names.push(import_name(root, &path)?);
            }
        }
    }
    names.sort();
    Ok(names)
}

fn import_name(root: &Path, path: &Path) -> Result<String, Box<dyn Error>> {
    let name = path.strip_prefix(root)?.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))?;
    Ok(name.replace('\\', "/"))
}

/// The schemas as encoded descriptor sets, imports included.
struct Compiled {
    /// With comments, which become the documentation of the generated Rust.
    commented: Vec<u8>,
    /// Without, for server reflection.
    bare: Vec<u8>,
}

fn compile(root: &Path, files: &[String]) -> Result<Compiled, Box<dyn Error>> {
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(files).map_err(|error| format!("could not compile the schemas of {SCHEMAS}: {error:?}"))?;
    let mut set = compiler.file_descriptor_set();
    let commented = set.encode_to_vec();
    for file in &mut set.file {
        file.source_code_info = None;
    }
    Ok(Compiled { commented, bare: set.encode_to_vec() })
}

/// What is generated of each message: no more than is used, because it is most of what this crate compiles.
fn options() -> connectrpc_build::CodeGenConfig {
    let mut options = connectrpc_build::CodeGenConfig::default();
    // curl and browsers may speak JSON to every RPC.
    options.generate_json = true;
    // File contents pass from a store or a request to an answer without a copy.
    options.bytes_fields = vec![(".".into(), BytesRepr::Bytes)];
    // Nothing here passes messages on, and an unread field of a hostile message should cost nothing.
    options.preserve_unknown_fields = false;
    options.generate_with_setters = false;
    options.emit_register_fn = false;
    options.file_per_package = true;
    options
}
