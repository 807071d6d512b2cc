//! `registry gc`: removes what nobody needs.

use clap::Args;
use serde::Serialize;

use super::{DataArgs, operator};
use crate::actions::upkeep::{leftovers, remove_leftovers};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::store::Leftovers;

const EXAMPLES: &str = "\
Examples:
  registry gc          what would be removed
  registry gc --yes    remove it

Removed are sign-ins in browsers that have ended, tokens that expired or were
revoked 30 days ago, names of deleted owners that do not rest any more,
contents of files that belong to no commit, deliveries of webhooks that finished
7 days ago, and what is in the object store of crates but has belonged to none
for a day. Commits and crates stay: lock files name them. A server may run
meanwhile.";

/// Remove what nobody needs any more; says what, without --yes
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Gc {
    /// Remove it
    #[arg(short, long, visible_alias = "apply")]
    yes: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// What was, or would be, removed.
#[derive(Serialize)]
struct Collected {
    removed: bool,
    sessions: u64,
    tokens: u64,
    names: u64,
    contents: u64,
    deliveries: u64,
    objects: u64,
}

impl Gc {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let (settings, found) = if self.yes {
            let (settings, store) = self.data.open()?;
            let removed = remove_leftovers(&operator(&store), settings.name_rest)?;
            (settings, removed)
        } else {
            let (settings, store) = self.data.open_to_read()?;
            let found = leftovers(&operator(&store), settings.name_rest)?;
            (settings, found)
        };
        let Leftovers { sessions, tokens, names, contents, deliveries, objects } = found;
        let collected = Collected { removed: self.yes, sessions, tokens, names, contents, deliveries, objects };
        let verb = if self.yes { "removed" } else { "would remove" };
        output.result(&collected, || {
            vec![format!(
                "{verb} {sessions} ended sessions, {tokens} ended tokens, {names} names of deleted owners, \
                 {contents} contents of no commit, {deliveries} finished deliveries of webhooks, and {objects} objects \
                 of no crate"
            )]
        })?;
        if !self.yes && found != Leftovers::default() {
            let place = match &settings.store {
                Some(store) => format!("--store {}", store.address),
                None => format!("--data-dir {}", settings.data_dir.display()),
            };
            output.say(format!("`registry gc --yes {place}` removes them"));
        }
        Ok(())
    }
}
