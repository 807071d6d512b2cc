//! `registry` alone: what to do next.

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::config::client::{Logins, URL_VARIABLE};

/// A step, in the order of a first use.
#[derive(Debug, Serialize)]
struct Step {
    command: &'static str,
    does: &'static str,
}

const STEPS: [Step; 4] = [
    Step { command: "registry serve", does: "start one here, or `registry login https://HOST` for another" },
    Step { command: "registry push DIR --module acme/pets --create", does: "push .proto files, get crates" },
    Step { command: "registry init", does: "set a cargo project up for the server" },
    Step { command: "cargo add --registry buf CRATE", does: "use what a push printed" },
];

/// Prints three steps: the first is done where a server is known.
pub(in crate::cli) fn tell(output: &mut Output) -> Result<(), CliError> {
    let env = Environment::of_process();
    let named = env.get(URL_VARIABLE).map(str::to_owned);
    let url = match named {
        Some(url) => Some(url),
        None => Logins::read(&env)?.default_login().map(|login| login.url.clone()),
    };
    let steps: Vec<_> = STEPS.iter().skip(usize::from(url.is_some())).take(3).collect();
    let heading = match &url {
        Some(url) => format!("With the registry at {url}:"),
        None => "A Protobuf schema registry for Rust. To begin with:".to_owned(),
    };
    let lines = || {
        let steps = steps.iter().flat_map(|step| [format!("  {}", step.command), format!("      {}", step.does)]);
        let more = "`registry help` lists all commands, `registry COMMAND --help` has examples.".to_owned();
        [heading, String::new()].into_iter().chain(steps).chain([String::new(), more]).collect()
    };
    output.result(&serde_json::json!({ "url": url, "next": steps }), lines)?;
    Ok(())
}
