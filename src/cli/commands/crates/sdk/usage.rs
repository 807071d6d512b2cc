//! `registry sdk usage`: downloads of a crate by version, and who took it.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table, wire_text};
use crate::model::CrateName;
use crate::wire::registry::v1::VersionUsage;

const EXAMPLES: &str = "\
Examples:
  registry sdk usage acme_pets_community_neoeinstein-prost

Downloads are counted, not builds: cargo keeps what it has fetched. Who
administers the module also sees the users; with --json also when, and a hash
of each token.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Usage {
    /// The crate, in full
    #[arg(value_name = "CRATE")]
    name: CrateName,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct UsageRow {
    version: String,
    downloads: u64,
    /// Those of the last 30 days.
    recent_downloads: u64,
    last_day: Option<String>,
    tokens: Vec<TokenRow>,
}

#[derive(Serialize)]
struct TokenRow {
    /// SHA-256 of the token's id.
    hash: String,
    /// Empty when the token does not exist any more.
    user: String,
    last: Option<String>,
}

impl Usage {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let usage = block_on(async { Ok(client.crate_usage(&self.name).await?) })?;
        let hidden = usage.tokens_hidden;
        let rows: Vec<_> = usage.versions.into_iter().map(row).collect();
        output.result(&rows, || lines(&self.name, &rows))?;
        if hidden {
            output.say("who took them is shown to those who administer the module");
        }
        Ok(())
    }
}

fn row(usage: VersionUsage) -> UsageRow {
    let day = |time: String| time.split('T').next().unwrap_or_default().to_owned();
    UsageRow {
        version: usage.version,
        downloads: usage.downloads,
        recent_downloads: usage.recent_downloads,
        last_day: wire_text::time(usage.last_day.as_option()).map(day),
        tokens: usage
            .tokens
            .into_iter()
            .map(|token| TokenRow {
                hash: token.token_hash,
                user: token.user,
                last: wire_text::time(token.last_time.as_option()),
            })
            .collect(),
    }
}

fn lines(name: &CrateName, rows: &[UsageRow]) -> Vec<String> {
    if rows.is_empty() {
        return vec![format!("nobody has downloaded {name} yet")];
    }
    let cells = |row: &UsageRow| {
        let last = row.last_day.clone().unwrap_or_default();
        [row.version.clone(), row.downloads.to_string(), row.recent_downloads.to_string(), last, users(&row.tokens)]
    };
    table(["VERSION", "DOWNLOADS", "30 DAYS", "LAST", "BY"], rows.iter().map(cells).collect())
}

/// The users of a version, each once, with the tokens of those who are gone.
fn users(tokens: &[TokenRow]) -> String {
    let mut names: Vec<String> = vec![];
    for TokenRow { hash, user, .. } in tokens {
        let short: String = hash.chars().take(8).collect();
        let name = if user.is_empty() { format!("a deleted token ({short})") } else { user.clone() };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
