//! `cargo check` on the crates that a plugin makes of all inputs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use registry::model::Plugin;
use toml_edit::{DocumentMut, value};

use crate::inputs;
use crate::sdk::{make_of, plugin as find, refusal};

/// Checks all crates of `plugin` as one workspace; returns how many were not made or do not compile.
pub(crate) fn check(plugin: &Plugin) -> usize {
    let root = crate::directory().join("crates").join(plugin.reference().to_string().replace(['/', ':'], "-"));
    if root.exists() {
        std::fs::remove_dir_all(&root).unwrap();
    }
    std::fs::create_dir_all(&root).unwrap();
    let mut plugins = vec![plugin.clone()];
    plugins.extend(plugin.dependencies.iter().map(|messages| find(&messages.to_string())));
    let modules = inputs::modules();
    let made: BTreeMap<_, _> =
        plugins.iter().flat_map(|plugin| make_of(&modules, &plugin.reference().to_string())).collect();
    let mut members = Vec::new();
    let mut refused = 0;
    for ((module, made_by), package) in &made {
        let package = match package {
            Ok(package) => package,
            Err(said) if refusal(module, made_by).is_some_and(|expected| said.contains(expected)) => continue,
            Err(said) => {
                println!("{made_by} made no crate of {module}: {said}");
                refused += 1;
                continue;
            }
        };
        let archive = GzDecoder::new(&package.crate_bytes[..]);
        tar::Archive::new(archive).unpack(&root).unwrap();
        let name = made_by.split(':').next().unwrap().replace('/', "_");
        members.push(rename(&root, &format!("edge_{module}_{name}")));
    }
    let members = members.join("\", \"");
    std::fs::write(root.join("Cargo.toml"), format!("[workspace]\nresolver = \"2\"\nmembers = [\"{members}\"]\n"))
        .unwrap();
    let mut check = Command::new(env!("CARGO"));
    check.args(["check", "--quiet", "--workspace", "--keep-going"]).current_dir(&root);
    let output = check.env("CARGO_TARGET_DIR", crate::directory().join("check")).output().unwrap();
    let compiled = if output.status.success() { "compile" } else { "DO NOT COMPILE" };
    println!(
        "{:44} {} of {} modules make crates, which {compiled}",
        plugin.reference().to_string(),
        made.iter().filter(|((_, by), made)| *by == plugin.reference().to_string() && made.is_ok()).count(),
        modules.len()
    );
    if output.status.success() {
        return refused;
    }
    println!("{}", String::from_utf8_lossy(&output.stderr));
    refused + 1
}

/// Gives a crate's directory its name without the version, and leads its dependencies on other SDKs to theirs.
fn rename(root: &Path, name: &str) -> String {
    let versioned = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let from = versioned.into_iter().find(|path| {
        path.file_name().unwrap().to_str().unwrap().strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
    });
    let (from, to) = (from.unwrap(), root.join(name));
    std::fs::rename(from, &to).unwrap();
    let manifest = to.join("Cargo.toml");
    let mut document: DocumentMut = std::fs::read_to_string(&manifest).unwrap().parse().unwrap();
    for (dependency, table) in document["dependencies"].as_table_mut().unwrap().iter_mut() {
        let path = format!("../{}", dependency.get());
        if let Some(table) = table.as_table_like_mut()
            && table.remove("registry-index").is_some()
        {
            table.insert("path", value(path));
        }
    }
    std::fs::write(&manifest, document.to_string()).unwrap();
    name.to_owned()
}
