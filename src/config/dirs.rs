//! Where users' files live, by the XDG base directory specification
//! (<https://specifications.freedesktop.org/basedir-spec/latest/>).

use std::path::PathBuf;

use super::{ConfigError, Environment};

/// The directory of `registry` below `$XDG_DATA_HOME`, else `~/.local/share`.
pub(super) fn data_home(env: &Environment) -> Result<PathBuf, ConfigError> {
    below_home(env, "XDG_DATA_HOME", ".local/share").ok_or(ConfigError::NoHome {
        what: "the data",
        variable: "XDG_DATA_HOME",
        remedy: "give a directory with --data-dir",
    })
}

/// The directory of `registry` below `$XDG_CONFIG_HOME`, else `~/.config`.
pub(super) fn config_home(env: &Environment) -> Result<PathBuf, ConfigError> {
    below_home(env, "XDG_CONFIG_HOME", ".config").ok_or(ConfigError::NoHome {
        what: "the login",
        variable: "XDG_CONFIG_HOME",
        remedy: "give --server and --token, or set HOME",
    })
}

/// Cargo's home: `CARGO_HOME`, else `~/.cargo`.
#[must_use]
pub fn cargo_home(env: &Environment) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env.get("HOME")?).join(".cargo"));
    env.get("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// The specification demands that a relative path in an XDG variable is ignored.
fn below_home(env: &Environment, variable: &str, fallback: &str) -> Option<PathBuf> {
    let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(variable).or_else(|| Some(absolute("HOME")?.join(fallback)))?;
    Some(base.join("registry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_xdg_variable_wins_over_home_unless_relative() {
        let dir = |pairs: &[(&str, &str)]| data_home(&Environment::of(pairs)).map_err(|e| e.to_string());
        assert_eq!(dir(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]).unwrap(), PathBuf::from("/x/registry"));
        assert_eq!(dir(&[("XDG_DATA_HOME", "x"), ("HOME", "/h")]).unwrap(), PathBuf::from("/h/.local/share/registry"));
        assert!(dir(&[]).unwrap_err().contains("--data-dir"));
    }
}
