//! Examples in the help of commands below other commands. A command that has more to say keeps its own beside its flags.

use clap::Command;

/// The words of a command, and its examples.
#[rustfmt::skip]
const EXAMPLES: &[(&str, &[&str])] = &[
    ("whoami", &["registry whoami", "registry whoami --server https://registry.example.com --json"]),
    ("server list", &["registry server list"]),
    ("server use", &["registry server use https://registry.example.com"]),
    ("sdk list", &["registry sdk list acme/pets", "registry sdk list acme/pets --label next --json"]),
    ("sdk version", &["registry sdk version acme/pets", "registry sdk version acme/pets --plugin anthropics/buffa --label next"]),
    ("interest list", &["registry interest list", "registry interest list acme/pets"]),
    ("interest remove", &["registry interest remove acme/pets --plugin anthropics/buffa"]),
    ("module list", &["registry module list", "registry module list --owner acme --json"]),
    ("module info", &["registry module info acme/pets"]),
    ("module create", &["registry module create acme/pets --visibility public", "registry module create acme/pets --default-label trunk"]),
    ("module deprecate", &["registry module deprecate acme/pets", "registry module deprecate acme/pets --message 'Use acme/animals.'"]),
    ("module undeprecate", &["registry module undeprecate acme/pets"]),
    ("module delete", &["registry module delete acme/pets", "registry module delete acme/pets --yes      for scripts"]),
    ("label list", &["registry label list acme/pets", "registry label list acme/pets --archived"]),
    ("label move", &["registry label move acme/pets next --to main", "registry label move acme/pets main --to next --allow-breaking"]),
    ("label archive", &["registry label archive acme/pets next"]),
    ("label unarchive", &["registry label unarchive acme/pets next"]),
    ("webhook create", &["registry webhook create acme/pets --url https://ci.example/hook", "registry webhook create acme --url https://ci.example/hook --event push"]),
    ("webhook list", &["registry webhook list acme/pets"]),
    ("webhook delete", &["registry webhook delete 0f3c8a52d1b94e67a0c5f2e8b7d61934"]),
    ("webhook deliveries", &["registry webhook deliveries 0f3c8a52d1b94e67a0c5f2e8b7d61934"]),
    ("webhook test", &["registry webhook test 0f3c8a52d1b94e67a0c5f2e8b7d61934"]),
    ("organization list", &["registry organization list"]),
    ("organization info", &["registry organization info acme"]),
    ("organization create", &["registry organization create acme"]),
    ("organization delete", &["registry organization delete acme", "registry organization delete acme --yes     for scripts"]),
    ("organization deleted", &["registry organization deleted"]),
    ("organization free", &["registry organization free acme"]),
    ("organization member list", &["registry organization member list acme"]),
    ("organization member set", &["registry organization member set acme pat --role writer"]),
    ("organization member remove", &["registry organization member remove acme pat"]),
    ("user list", &["registry user list"]),
    ("user create", &["registry user create pat", "registry user create ci --bot"]),
    ("user disable", &["registry user disable pat"]),
    ("user enable", &["registry user enable pat"]),
    ("plugin list", &["registry plugin list", "registry plugin list --json"]),
    ("token create", &["registry token create --scope read --note laptop --expires 90d", "registry token create --user ci --scope write --note 'CI of the shop'", "registry token create --data-dir DIR        without a server"]),
    ("token list", &["registry token list", "registry token list --user pat"]),
    ("token revoke", &["registry token revoke 0123456789ab"]),
];

/// The whole command line, with examples for each command.
pub(super) fn with_examples(program: Command) -> Command {
    EXAMPLES.iter().fold(program, |program, (words, lines)| {
        let words: Vec<_> = words.split(' ').collect();
        add(program, &words, lines)
    })
}

fn add(command: Command, words: &[&str], lines: &[&str]) -> Command {
    match words {
        [] => command.after_help(format!("Examples:\n  {}", lines.join("\n  "))),
        [first, below @ ..] => command.mut_subcommand(first, |command| add(command, below, lines)),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{EXAMPLES, with_examples};
    use crate::cli::Cli;

    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        let below: Vec<_> = command.get_subcommands().filter(|below| !below.is_hide_set()).collect();
        for below in &below {
            leaves(below, format!("{path} {}", below.get_name()).trim_start(), found);
        }
        let widest = below.iter().map(|below| below.get_name().len()).max().unwrap_or_default();
        for below in &below {
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let width = 2 + widest + 2 + about.len();
            assert!(width <= 80, "`{path} {}` is described in more than one line: {about}", below.get_name());
        }
        if below.is_empty() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            found.push((path.to_owned(), help));
        }
    }

    #[test]
    fn every_command_has_an_example_and_every_example_here_is_read() {
        let mut found = vec![];
        leaves(&with_examples(Cli::command()), "", &mut found);
        for (path, help) in found {
            assert!(
                help.contains("Examples:\n  ") || help.contains("Example:\n  "),
                "`registry {path}` has no example"
            );
        }
        for (words, lines) in EXAMPLES {
            for line in *lines {
                assert!(line.len() <= 78 && line.starts_with(&format!("registry {words}")), "{line}");
                // What follows two spaces is a remark.
                let command = line.split("  ").next().unwrap_or_default();
                let arguments = command.replace("'CI of the shop'", "ci").replace("'Use acme/animals.'", "text");
                let parsed = Cli::try_parse_from(arguments.split(' '));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }
}
