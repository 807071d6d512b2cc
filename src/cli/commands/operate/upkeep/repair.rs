//! `registry repair`: damaged crates are made again from their sources.

use clap::Args;
use serde::Serialize;

use super::{DataArgs, operator};
use crate::actions::upkeep::{Mended, mend_crate};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::serve::idle_publisher;

const EXAMPLES: &str = "\
Examples:
  registry repair
  registry repair --data-dir /var/lib/registry --json

Crates whose bytes are damaged or lost are made again from the stored sources.
One is stored only if it has the checksum that was published, by which cargo
knows it; the audit log records it. Anything else that is damaged needs a
backup: `registry verify` lists it. A server may run meanwhile.

The server's address stands in every crate: it is taken from those that are
whole. If none is, give it as REGISTRY_PUBLIC_URL.";

/// Make damaged crates again from their sources
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Repair {
    #[command(flatten)]
    data: DataArgs,
}

/// What came of the damaged crates.
#[derive(Debug, Default, Serialize)]
struct Repaired {
    /// Crates that are whole again.
    repaired: Vec<String>,
    /// Crates that are still damaged, with the reason.
    damaged: Vec<String>,
}

impl Repair {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let (settings, store) = self.data.open()?;
        let mut progress = Progress::new(output.can_draw());
        let publisher = idle_publisher(&settings, store.clone(), Some(std::env::current_exe()?))?;
        let mut result = Repaired::default();
        for (module, name) in store.crate_names()? {
            progress.step(name.to_string());
            let sdks = match store.sdks_of_crate(module, &name) {
                Ok(sdks) => sdks,
                Err(error) => {
                    result.damaged.push(error.to_string());
                    continue;
                }
            };
            for sdk in sdks {
                let what = format!("{name} {}", sdk.version);
                match mend_crate(&operator(&store), &publisher, &sdk)? {
                    Mended::Intact => {}
                    Mended::Again => result.repaired.push(what),
                    Mended::Otherwise => {
                        result.damaged.push(format!("{what}: its sources make other bytes than were published"));
                    }
                    Mended::Not(reason) => result.damaged.push(format!("{what}: {reason}")),
                }
            }
        }
        drop(progress);
        output.result(&result, || lines(&result))?;
        match result.damaged.len() {
            0 => Ok(()),
            many => Err(CliError::Refused(format!("{many} crates are still damaged; restore the last backup"))),
        }
    }
}

fn lines(result: &Repaired) -> Vec<String> {
    let mut lines: Vec<_> = result.repaired.iter().map(|what| format!("repaired: {what}")).collect();
    lines.extend(result.damaged.iter().map(|what| format!("damaged: {what}")));
    if lines.is_empty() {
        lines.push("no crate is damaged".into());
    }
    lines
}
