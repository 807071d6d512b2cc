//! The crates of registries like this one in a `Cargo.lock`.

use std::fs;
use std::path::Path;

use crate::cli::error::CliError;
use crate::publish::LockedCrate;

/// The most bytes of a lock file that are read.
const MOST: u64 = 64 << 20;

/// The crates in the lock file whose names and versions are those of SDKs.
pub(super) fn crates(path: &Path) -> Result<Vec<LockedCrate>, CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::CannotRun(format!("{} cannot be read as a Cargo.lock: {error}", path.display()))
    };
    if fs::metadata(path).map_err(|error| failed(&error))?.len() > MOST {
        return Err(failed(&format!("it is larger than {} MiB", MOST >> 20)));
    }
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    let crates = parse(&text).map_err(|error| failed(&error))?;
    crates.ok_or_else(|| failed(&"it has no `version` and no packages; name the Cargo.lock beside the Cargo.toml"))
}

/// The crates; none if it is another file, such as a `Cargo.toml`.
fn parse(text: &str) -> Result<Option<Vec<LockedCrate>>, toml_edit::TomlError> {
    let document: toml_edit::DocumentMut = text.parse()?;
    let packages = document.get("package").and_then(|packages| packages.as_array_of_tables());
    if packages.is_none() && document.get("version").is_none() {
        return Ok(None);
    }
    Ok(Some(packages.into_iter().flatten().filter_map(locked).collect()))
}

fn locked(package: &toml_edit::Table) -> Option<LockedCrate> {
    let text = |key| package.get(key)?.as_str();
    Some(LockedCrate {
        name: text("name")?.parse().ok()?,
        version: text("version")?.parse().ok()?,
        checksum: text("checksum")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_other_registries_are_left_out() {
        let checksum = "ab".repeat(32);
        let text = format!(
            "version = 4\n[[package]]\nname = \"mine\"\nversion = \"0.1.0\"\n[[package]]\nname = \"prost\"\nversion = \
             \"0.14.1\"\nchecksum = \"{checksum}\"\n[[package]]\nname = \"acme_pets_community_neoeinstein-prost\"\n\
             version = \"0.5.0-20240523144506-ce529d32d80c.1\"\nchecksum = \"{checksum}\"\n"
        );
        let crates = parse(&text).unwrap().unwrap();
        assert_eq!(crates.len(), 1);
        assert_eq!(crates[0].name.module().to_string(), "acme/pets");
        assert!(parse("version = 4\n").unwrap().unwrap().is_empty());
        assert!(parse("[package]\nname = \"mine\"\n").unwrap().is_none());
        assert!(parse("[[package").is_err());
    }
}
