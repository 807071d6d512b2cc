//! `registry open`: the page of a module in the browser.

use clap::Args;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::commands::setup::login::opens;
use crate::cli::error::CliError;
use crate::cli::output::Output;

const EXAMPLES: &str = "\
Examples:
  registry open                       the server's first page
  registry open acme/pets             a module, with its documentation
  registry open acme/pets --print     its address alone";

/// Open a page of the server in the browser
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Open {
    /// The module, as owner/name [default: the first page]
    module: Option<ModuleArg>,
    /// Print the address, and open nothing
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Open {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let url = match &self.module {
            None => format!("{}/", client.url()),
            Some(module) => {
                let module = module.at(&client)?;
                block_on(async { Ok(client.known_module(&module).await?) })?;
                format!("{}/{module}", client.url())
            }
        };
        let opened = !self.print && !output.is_json() && opens(&url);
        output.result(&serde_json::json!({ "url": url }), || vec![url.clone()])?;
        if !opened && !self.print {
            output.say("no browser was found; open the address above in one");
        }
        Ok(())
    }
}
