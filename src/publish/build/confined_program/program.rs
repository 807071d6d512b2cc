//! Finds the program of a command when the server starts, so that a mistake in the configuration is reported at the
//! start, not by the first push.

use std::env;
use std::path::PathBuf;

use super::system::is_executable;

/// Why a command cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// There is no such file.
    #[error("there is no file {0}; relative paths start at the directory that the server was started in")]
    Missing(PathBuf),
    /// No directory of `PATH` has it.
    #[error("{0:?} is in no directory of PATH; write the path of the program")]
    NotInPath(String),
    /// The file may not be run.
    #[error("{0} is not an executable file; `chmod +x` makes it one")]
    NotExecutable(PathBuf),
    /// The path cannot be made absolute.
    #[error("could not find the absolute path of {0}: {1}")]
    Nowhere(PathBuf, std::io::Error),
}

/// The file of `name`: a path, or a name in a directory of `PATH`.
pub(in crate::publish) fn find(name: &str) -> Result<PathBuf, ProgramError> {
    if name.contains('/') {
        let path = std::path::absolute(name).map_err(|error| ProgramError::Nowhere(name.into(), error))?;
        return match path.exists() {
            false => Err(ProgramError::Missing(path)),
            true if is_executable(&path) => Ok(path),
            true => Err(ProgramError::NotExecutable(path)),
        };
    }
    let directories = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&directories).map(|directory| directory.join(name)).find(|path| is_executable(path));
    found.ok_or_else(|| ProgramError::NotInPath(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_or_path() {
        assert!(find("sh").unwrap().is_absolute());
        assert!(matches!(find("no-such-plugin"), Err(ProgramError::NotInPath(_))));
        assert!(matches!(find("/no/such/plugin"), Err(ProgramError::Missing(_))));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(find(file.path().to_str().unwrap()), Err(ProgramError::NotExecutable(_))));
    }
}
