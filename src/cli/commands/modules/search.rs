//! `registry search`: modules, crates, declarations and files.

use clap::Args;
use serde::Serialize;

use crate::cli::arguments::number::within;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::wire::registry::v1::{ModuleName, SearchResponse};

const EXAMPLES: &str = "\
Examples:
  registry search pets
      modules, crates, files, messages, fields and comments of that name
  registry search acme.pets.v1.Dog   where a type is declared
  registry search Dog.name           a field, or a value of an enum
  registry search 'create dog' -n 5  several words of one name or comment

Only what you may read is found; declarations are those of the default labels.
Of a comment, the first 240 bytes are searched.";

/// Search modules, crates, declarations and files
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Search {
    /// A name, parts of one, or words of a comment
    query: String,
    /// The most results of each kind
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
    #[arg(value_parser = within(1..=250))]
    most: u32,
    #[command(flatten)]
    server: ServerArgs,
}

/// A result. `--json` prints these fields.
#[derive(Debug, Serialize)]
struct Found {
    /// `module`, `crate`, `file`, `package`, `service`, `method`, `message`, `enum`, `extension`, `field` or `value`.
    kind: String,
    name: String,
    /// The module of a declaration or a file, the newest version of a crate, the description of a module.
    note: String,
    /// The beginning of the comment of a field, a value, or what was found by its comment.
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
}

impl Search {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let found = found(block_on(async { Ok(client.search(&self.query, self.most).await?) })?);
        if found.is_empty() {
            output.say(format!("nothing that you may read on {} is called {:?}", client.url(), self.query));
        }
        output.result(&found, || match found.is_empty() {
            true => vec![],
            false => table(["KIND", "NAME", "NOTE"], found.iter().map(row).collect()),
        })?;
        Ok(())
    }
}

fn found(response: SearchResponse) -> Vec<Found> {
    let name =
        |module: Option<ModuleName>| module.map_or_else(String::new, |name| format!("{}/{}", name.owner, name.name));
    let modules = response.modules.into_iter().map(|module| Found {
        kind: "module".into(),
        name: name(module.module.into_option()),
        note: module.description,
        comment: String::new(),
    });
    let crates = response.crates.into_iter().map(|found| Found {
        kind: "crate".into(),
        name: found.crate_name,
        note: found.version,
        comment: String::new(),
    });
    let symbols = response.symbols.into_iter().map(|symbol| Found {
        kind: symbol.kind,
        name: symbol.name,
        note: name(symbol.module.into_option()),
        comment: symbol.comment,
    });
    let files = response.files.into_iter().map(|file| Found {
        kind: "file".into(),
        name: file.path,
        note: name(file.module.into_option()),
        comment: String::new(),
    });
    modules.chain(crates).chain(symbols).chain(files).collect()
}

fn row(found: &Found) -> [String; 3] {
    [found.kind.clone(), found.name.clone(), found.note.lines().next().unwrap_or_default().to_owned()]
}
