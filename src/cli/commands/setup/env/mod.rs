//! `registry env`: shell lines that set cargo and buf up for a server. It reads and writes no files of theirs.

mod buf_token;
mod shell;

use clap::Args;

use crate::cli::arguments::registry_name::RegistryName;
use crate::cli::arguments::server::ServerArgs;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::config::client::{ServerAddress, TOKEN_VARIABLE, URL_VARIABLE, cargo_index};
use shell::Shell;

/// The variable with buf's tokens.
pub(in crate::cli) const BUF_TOKEN: &str = "BUF_TOKEN";

const EXAMPLES: &str = "\
Examples:
  eval \"$(registry env)\"              sh, bash, zsh
  registry env --shell fish | source  fish
  registry env --shell powershell | Out-String | Invoke-Expression
  registry env --json                 for tools

In cargo the registry is then called `buf`, or what --name says:
  cargo add --registry buf CRATE

BUF_TOKEN keeps what it holds for other hosts. The token is the one of scope
write of the login, not the administrator's, unless --token names another.
`registry init` needs no shell: it sets a cargo project up for good.";

/// Print shell lines that set cargo, buf and registry up
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Env {
    /// The registry's name in cargo
    #[arg(long, value_name = "NAME", default_value_t)]
    name: RegistryName,
    /// The shell to print lines for
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    shell: Shell,
    #[command(flatten)]
    server: ServerArgs,
}

impl Env {
    pub(in crate::cli) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        let address = self.server.address()?;
        let env = Environment::of_process();
        if address.token.is_none() {
            output.warn(format!("there is no token for {0}; `registry login {0}` gets one", address.url));
        } else if address.has_admin_token_alone {
            output.warn(
                "an older `registry serve` left an administrator's token alone; `registry token create --scope write` \
                 makes one that is enough for cargo and buf: give it with --token",
            );
        }
        if address.buf_config_dir.is_none() && address.url.starts_with("http://") {
            output.say(
                "note: buf speaks TLS unless BUF_CONFIG_DIR names a directory whose config.yaml says otherwise; \
                 the server keeps one inside its data directory",
            );
        }
        let variables = shell_variables(&address, &self.name, env.get(BUF_TOKEN), output);
        let object: serde_json::Map<String, serde_json::Value> =
            variables.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        output.result(&object, || variables.iter().map(|(name, value)| self.shell.export(name, value)).collect())?;
        Ok(())
    }
}

/// The variables to set. `held` is the current value of `BUF_TOKEN`.
pub(in crate::cli) fn shell_variables(
    address: &ServerAddress,
    name: &RegistryName,
    held: Option<&str>,
    output: &mut Output,
) -> Vec<(String, String)> {
    let mut variables = vec![
        (URL_VARIABLE.to_owned(), address.url.clone()),
        (name.variable("INDEX"), cargo_index(&address.url)),
        (name.variable("CREDENTIAL_PROVIDER"), "cargo:token".to_owned()),
    ];
    if let Some(token) = &address.token {
        let buf = buf_token::joined(held, token.reveal(), address.host());
        if let Some(warning) = buf.warning {
            output.warn(warning);
        }
        variables.push((TOKEN_VARIABLE.to_owned(), token.reveal().to_owned()));
        variables.push((name.variable("TOKEN"), format!("Bearer {}", token.reveal())));
        variables.push((BUF_TOKEN.to_owned(), buf.value));
    }
    if let Some(directory) = &address.buf_config_dir {
        variables.push(("BUF_CONFIG_DIR".to_owned(), directory.display().to_string()));
    }
    variables
}
