//! `registry repair`: damaged crates are made again from their sources.

use clap::Args;
use serde::Serialize;

use super::{DataArgs, operator};
use crate::actions::upkeep::{Mended, accept_rows, mend_crate, mend_row};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::publish::{Depth, Publisher, damage_summary, verify};
use crate::serve::idle_publisher;
use crate::store::{Sdk, Store};

const EXAMPLES: &str = "\
Examples:
  registry repair
  registry repair --data-dir /var/lib/registry --json

Crates whose bytes or index lines are damaged or lost are made again from the
stored sources. One is stored only if it has the checksum that was published, by
which cargo knows it; the audit log records it. Then everything is compared, as
`registry verify` does: what is still damaged is listed, needs a backup, and is
exit code 1. A server may run meanwhile.

Rows that the registry did not write are damaged, or another program wrote to the
database. If that was you, look at what `registry verify` says: --accept-rows
takes the rows as they are. The audit log records it.

The server's address stands in every crate: it is taken from those that are
whole. If none is, give it as REGISTRY_PUBLIC_URL.";

/// Make damaged crates again from their sources
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Repair {
    /// Take the rows of the database as they are, if another program wrote to it
    #[arg(long)]
    accept_rows: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// What came of the damaged crates.
#[derive(Debug, Default, Serialize)]
struct Repaired {
    /// Crates that are whole again.
    repaired: Vec<String>,
    /// What is still damaged, and why crates could not be made again.
    damaged: Vec<String>,
}

impl Repair {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let (settings, store) = self.data.open()?;
        let mut progress = Progress::new(output.can_draw());
        let publisher = idle_publisher(&settings, store.clone(), Some(std::env::current_exe()?))?;
        let mut result = Repaired::default();
        loop {
            let before = result.repaired.len();
            mend_all(&store, &publisher, &mut result, &mut progress)?;
            // What was mended may be what another crate is made of.
            if result.damaged.is_empty() || result.repaired.len() == before {
                break;
            }
        }
        if self.accept_rows {
            accept_rows(&operator(&store))?;
        }
        let found = verify(&store, Depth::Full, &mut |step| progress.step(format!("comparing {step}")))?;
        result.damaged.extend(found.damage);
        drop(progress);
        output.result(&result, || lines(&result))?;
        match damage_summary(&result.damaged) {
            None => Ok(()),
            Some(damage) => Err(CliError::Refused(format!("still damaged: {damage}; restore the last backup"))),
        }
    }
}

/// Makes every damaged crate again that can be. Why others cannot be becomes the `damaged` of `result`.
fn mend_all(
    store: &Store,
    publisher: &Publisher,
    result: &mut Repaired,
    progress: &mut Progress,
) -> Result<(), CliError> {
    result.damaged.clear();
    for (module, name) in store.crate_names()? {
        progress.step(name.to_string());
        let rows = store.crate_rows(module, &name)?;
        for sdk in &rows.whole {
            note(sdk, mend_crate(&operator(store), publisher, sdk)?, result);
        }
        for row in &rows.damaged {
            note(row.as_read(), mend_row(&operator(store), publisher, row)?, result);
        }
    }
    Ok(())
}

fn note(sdk: &Sdk, mended: Mended, result: &mut Repaired) {
    let what = format!("{} {}", sdk.crate_name, sdk.version);
    match mended {
        Mended::Intact => {}
        Mended::Again => result.repaired.push(what),
        Mended::Otherwise => result.damaged.push(format!(
            "{what}: its sources make another crate than was published; if the server had another --public-url then, give \
             that as REGISTRY_PUBLIC_URL"
        )),
        Mended::Not(reason) => result.damaged.push(format!("{what}: {reason}")),
    }
}

fn lines(result: &Repaired) -> Vec<String> {
    let mut lines: Vec<_> = result.repaired.iter().map(|what| format!("repaired: {what}")).collect();
    lines.extend(result.damaged.iter().map(|what| format!("damaged: {what}")));
    if lines.is_empty() {
        lines.push("nothing is damaged".into());
    }
    lines
}
