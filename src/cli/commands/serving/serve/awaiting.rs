//! `registry serve --await-restore`: says how to send a backup, and waits for it.

use std::path::Path;

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Settings;
use crate::serve::{AwaitingRestore, Bound, await_restore};

/// The line that `--json` prints when the server waits; that of a ready server follows.
#[derive(Serialize)]
struct WaitingLine<'a> {
    url: &'a str,
    restore_token: &'a str,
    data_dir: &'a Path,
    pid: u32,
}

/// Waits until a backup is in its place, which is true, or until `shutdown` ends.
pub(super) async fn backup(
    bound: &Bound,
    settings: &Settings,
    shutdown: impl Future<Output = ()>,
    output: &mut Output,
) -> Result<bool, CliError> {
    let mut told = Ok(());
    let is_restored = await_restore(bound, settings, |waiting| told = tell(&waiting, output), shutdown).await?;
    told?;
    if is_restored {
        output.say("the backup is restored");
    }
    Ok(is_restored)
}

fn tell(waiting: &AwaitingRestore, output: &mut Output) -> Result<(), CliError> {
    let AwaitingRestore { url, token, data_dir } = waiting;
    let token = token.reveal();
    if output.is_json() {
        return Ok(output.json_line(&WaitingLine { url, restore_token: token, data_dir, pid: std::process::id() })?);
    }
    let data_dir = data_dir.display();
    let text = format!(
        "registry waits at {url} for a backup, and is not ready before
data will be kept in {data_dir}

To send it, this token is needed. It is shown only once, and holds until the backup is restored:
  {token}

From the machine that has the backup, with the token on standard input or in REGISTRY_TOKEN:
  registry restore FILE --server {url} --token-stdin
"
    );
    text.lines().try_for_each(|line| output.line(line))?;
    Ok(())
}
