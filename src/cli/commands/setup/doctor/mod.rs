//! `registry doctor`: what a push and a build need, one line each.

mod check;
mod local;
mod remote;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use check::{Check, State};

const EXAMPLES: &str = "\
Examples:
  registry doctor
  registry doctor --server https://registry.example.com
  registry doctor --json | jq -r '.checks[] | select(.state == \"failed\").advice'

The exit code is 1 if a line says that something failed. Nothing is changed.";

/// Look for what is wrong with server, token, cargo, buf and disk
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Doctor {
    #[command(flatten)]
    server: ServerArgs,
}

/// What was found. `--json` prints these fields.
#[derive(Serialize)]
struct Findings {
    /// Whether nothing failed.
    ok: bool,
    checks: Vec<Check>,
}

impl Doctor {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let address = self.server.address()?;
        let client = self.server.client()?;
        let admin = self.server.admin_client()?;
        let (answer, ready, status) = block_on(async {
            let (answer, ready) = (client.ask_who_and_when().await, client.readiness().await);
            Ok((answer, ready, admin.status().await))
        })?;
        let checks = vec![
            remote::server(&client, &answer),
            remote::ready(&ready),
            remote::store(&status),
            remote::token(&client, &answer),
            local::cargo(),
            local::buf(),
            remote::tls(client.url(), &answer),
            remote::clock(&answer),
            local::disk(&address.url),
        ];
        let failed = checks.iter().filter(|check| check.state == State::Failed).count();
        let findings = Findings { ok: failed == 0, checks };
        output.result(&findings, || findings.checks.iter().flat_map(Check::lines).collect::<Vec<_>>())?;
        match failed {
            0 => Ok(()),
            1 => Err(CliError::Refused("one check failed; its second line says what to do".into())),
            _ => Err(CliError::Refused(format!("{failed} checks failed; the second line of each says what to do"))),
        }
    }
}
