//! Assignments in the syntax of shells.

use clap::ValueEnum;

/// A family of shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// sh, bash, zsh, dash
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

impl Shell {
    /// The line that exports a variable. The value is quoted, so that the shell never evaluates it.
    pub(super) fn export(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_their_shell() {
        let line = |shell: Shell| shell.export("X", r"a'$b\c");
        assert_eq!(line(Shell::Sh), r"export X='a'\''$b\c'");
        assert_eq!(line(Shell::Fish), r"set -gx X 'a\'$b\\c'");
        assert_eq!(line(Shell::Powershell), r"$env:X = 'a''$b\c'");
    }

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let script = format!("{}; printf %s \"$X\"", Shell::Sh.export("X", "a'$(id) `id` \\ \"b\n"));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "a'$(id) `id` \\ \"b\n");
    }
}
