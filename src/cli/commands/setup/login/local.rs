//! The way over the data directory of a server on this machine.

use std::path::Path;

use crate::actions::field_rules::LONGEST_NOTE;
use crate::cli::arguments::server::block_on;
use crate::cli::commands::owners::token::Local;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Client, ClientError};
use crate::config::client::Login;
use crate::model::OwnerName;
use crate::serve::machine_name;

/// The note of the tokens of a login that is kept in `path`, for the server on `directory`. Several servers of a database
/// that is shared may keep theirs under the same path, on different machines.
pub(in crate::cli) fn note(path: &Path, directory: &Path, is_shared: bool) -> String {
    let mut note = format!("login in {}", path.display());
    if is_shared {
        let machine = machine_name().unwrap_or_else(|| "another machine".into());
        note = format!("login on {machine} in {} for {}", path.display(), directory.display());
    }
    note.chars().take(LONGEST_NOTE).collect()
}

/// Makes the tokens of a login in `local`, the database of `directory`, for the server at `url`. `path` is where they are
/// to be kept. A server at that address that does not accept them is another one, and they are revoked.
pub(super) fn log_in(
    local: &Local,
    directory: &Path,
    url: &str,
    user: Option<&OwnerName>,
    path: &Path,
    output: &mut Output,
) -> Result<Login, CliError> {
    let (user, made) = local.log_in(user, &note(path, directory, local.is_shared()))?;
    let secret = &made.write.secret;
    match block_on(async { Ok(Client::new(url, Some(secret.clone()))?.current_user().await?) }) {
        Ok(_) => {}
        Err(CliError::Client(ClientError::Unreachable { reason, .. })) => {
            output.warn(format!(
                "the server at {url} does not run, so nothing says that it is that of this directory: {reason}"
            ));
        }
        Err(CliError::Client(
            ClientError::BadToken { .. } | ClientError::Unknown { .. } | ClientError::Malformed { .. },
        )) => {
            for issued in made.admin.iter().chain([&made.write]) {
                local.revoke(issued.token.id)?;
            }
            return Err(CliError::Refused(format!(
                "the server at {url} is not that of {}; write the address of that one after `registry login`",
                directory.display()
            )));
        }
        Err(error) => return Err(error),
    }
    let write_token = made.write.secret.reveal().to_owned();
    let buf_config_dir = Some(directory.join("buf")).filter(|buf| buf.is_dir());
    Ok(Login {
        url: url.to_owned(),
        user: Some(user.to_string()),
        token: made.admin.as_ref().map_or_else(|| write_token.clone(), |admin| admin.secret.reveal().to_owned()),
        write_token: Some(write_token),
        data_dir: Some(directory.to_owned()),
        buf_config_dir,
    })
}
