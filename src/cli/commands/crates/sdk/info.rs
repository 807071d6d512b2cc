//! `registry sdk info`: the facts about a crate.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::model::SdkVersion;
use crate::wire::registry::v1::Sdk;

use super::selector::{Reference, SdkSelector};
use super::view::{SdkRow, row};

const EXAMPLES: &str = "\
Examples:
  registry sdk info acme/pets --plugin community/neoeinstein-prost
  registry sdk info acme_pets_community_neoeinstein-prost --label next
  registry sdk info acme/pets 0.5.0-20240523144506-ce529d32d80c.1";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Info {
    #[command(flatten)]
    which: SdkSelector,
    /// The version [default: the versions of the commit]
    #[arg(conflicts_with = "reference")]
    version: Option<SdkVersion>,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct Facts {
    #[serde(flatten)]
    shown: SdkRow,
    plugin: String,
    plugin_version: String,
    plugin_revision: u32,
    /// The SHA-256 of the crate in hex; empty until the SDK is served.
    checksum: String,
    /// The bytes of the crate; 0 until the SDK is served.
    size: u64,
}

impl Info {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let sdks = block_on(async {
            match &self.version {
                Some(version) => self.which.of_version(&client, version).await,
                None => self.which.of_commit(&client, &self.reference).await,
            }
        })?;
        let facts: Vec<_> = sdks.into_iter().map(facts).collect();
        output.result(&facts, || {
            let blocks: Vec<_> = facts.iter().map(block).collect();
            // An empty line between crates.
            blocks.join(&String::new())
        })?;
        Ok(())
    }
}

fn facts(sdk: Sdk) -> Facts {
    Facts {
        plugin: format!("{}/{}", sdk.plugin_owner, sdk.plugin_name),
        plugin_version: sdk.plugin_version.clone(),
        plugin_revision: sdk.plugin_revision,
        checksum: sdk.checksum.clone(),
        size: sdk.size_bytes,
        shown: row(sdk),
    }
}

/// The known facts, one per line.
fn block(facts: &Facts) -> Vec<String> {
    let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
    let shown = &facts.shown;
    let rows = [
        ("crate", shown.name.clone()),
        ("version", shown.version.clone()),
        ("state", shown.state.to_owned()),
        ("message", shown.message.clone().unwrap_or_default()),
        ("commit", shown.commit.clone()),
        ("released", yes(shown.released)),
        ("yanked", yes(shown.yanked)),
        ("plugin", format!("{}:{}, revision {}", facts.plugin, facts.plugin_version, facts.plugin_revision)),
        ("checksum", facts.checksum.clone()),
        ("size", if facts.size == 0 { String::new() } else { format!("{} bytes", facts.size) }),
        ("add it with", shown.cargo_add.clone()),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("{name:<14}{value}")).collect()
}
