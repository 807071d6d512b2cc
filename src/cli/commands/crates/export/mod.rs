//! `registry export`: the crates as plain files, for a web server or for builds without a network.

mod collect;
mod layout;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::counted;
use crate::cli::output::progress::Progress;
use crate::client::Client;

use collect::collect;
use layout::Layout;

const EXAMPLES: &str = "\
Examples:
  registry export --static ./site --url https://crates.example/buf
      for any web server or CDN
  registry export --local-registry ./buf-crates  for builds without a network
  registry export --local-registry ./buf-crates acme/pets
      one module, and what it depends on

Files that are there already are not fetched again, and none is removed.
DIR/cargo-config.toml holds the lines for .cargo/config.toml; Cargo.toml and
Cargo.lock stay as they are. Crates of crates.io are not exported: see `cargo
vendor` and `cargo local-registry`.";

/// Write crates as files that cargo reads without this server
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Export {
    /// Modules whose crates are exported, with all that these depend on [default: all that you may read]
    modules: Vec<ModuleArg>,
    /// Directory for a sparse index with its crates, for a web server
    #[arg(long = "static", value_name = "DIR", requires = "url")]
    site: Option<PathBuf>,
    /// Address at which the web server will have the directory
    #[arg(long, requires = "site")]
    url: Option<String>,
    /// Directory for a local registry, which cargo reads without a server
    #[arg(long, value_name = "DIR", conflicts_with = "site")]
    local_registry: Option<PathBuf>,
    /// Export versions of commits on other labels, too
    #[arg(long)]
    labels: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// What was exported.
#[derive(Debug, Default, Serialize)]
struct Exported {
    crates: usize,
    versions: usize,
    /// Versions whose files were not there yet, or damaged.
    written: usize,
    /// Bytes of those.
    bytes: u64,
    directory: PathBuf,
    /// The file with the lines for cargo.
    config: PathBuf,
}

impl Export {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let layout = match (&self.site, &self.url, &self.local_registry) {
            (Some(dir), Some(url), _) => Layout::site(dir.clone(), url)?,
            (_, _, Some(dir)) => Layout::local_registry(dir)?,
            _ => {
                return Err(CliError::CannotRun(
                    "name a directory: --local-registry DIR for builds without a network, or --static DIR --url URL for a \
                     web server"
                        .into(),
                ));
            }
        };
        let modules: Vec<_> = self.modules.iter().map(|module| module.at(&client)).collect::<Result<_, _>>()?;
        let mut progress = Progress::new(output.can_draw());
        let exported = block_on(async {
            progress.step("listing crates".into());
            let crates = collect(&client, &modules, self.labels).await?;
            write(&client, &layout, &crates, &mut progress).await
        })?;
        drop(progress);
        if exported.versions == 0 {
            output.warn("there are no crates to export; `registry sdk list MODULE` shows what there is");
        }
        output.result(&exported, || lines(&exported))?;
        Ok(())
    }
}

/// Writes files first and pages after them, so that a page never names a file that is not there.
async fn write(
    client: &Client,
    layout: &Layout,
    crates: &collect::Crates,
    progress: &mut Progress,
) -> Result<Exported, CliError> {
    let mut exported = Exported { crates: crates.len(), directory: layout.root().to_owned(), ..Exported::default() };
    for (number, (name, versions)) in crates.iter().enumerate() {
        progress.step(format!("{} of {}: {name}", number + 1, crates.len()));
        for line in versions {
            exported.versions += 1;
            if layout.has_file(name, line) {
                continue;
            }
            let file = client.crate_file(name, line).await?;
            layout.write_file(name, line, &file)?;
            exported.written += 1;
            exported.bytes += file.len() as u64;
        }
        layout.write_page(name, versions)?;
    }
    exported.config = layout.finish(&client.index_url().await?)?;
    Ok(exported)
}

fn lines(exported: &Exported) -> Vec<String> {
    let Exported { crates, versions, written, bytes, directory, config } = exported;
    vec![
        format!(
            "{} of {} {are} in {}; {written} of them {written_are} new ({bytes} bytes)",
            counted(*versions, "version"),
            counted(*crates, "crate"),
            directory.display(),
            are = if *versions == 1 { "is" } else { "are" },
            written_are = if *written == 1 { "is" } else { "are" },
        ),
        format!("the lines for .cargo/config.toml are in {}", config.display()),
    ]
}
