//! The way through the browser.

use std::process::{Command, Stdio};

use crate::cli::arguments::server::block_on;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Client, DeviceLoginEnd};
use crate::model::TokenSecret;

/// The name that the page shows.
const PROGRAM: &str = concat!("registry ", env!("CARGO_PKG_VERSION"));

/// What opens an address in the user's browser.
const OPENERS: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
    &[("open", &[])]
} else if cfg!(windows) {
    &[("explorer", &[])]
} else {
    &[("xdg-open", &[])]
};

/// A token that the user approved on a page of the server.
pub(super) fn log_in(url: &str, open: bool, output: &mut Output) -> Result<TokenSecret, CliError> {
    let client = Client::new(url, None)?;
    let end = block_on(async {
        let login = client.start_device_login(PROGRAM).await?;
        // Only what is surely an address is handed to another program.
        let is_address = login.page.starts_with("http://") || login.page.starts_with("https://");
        let opened = open && is_address && opens(&login.page);
        let verb = if opened { "opened in your browser" } else { "open this page in a browser" };
        output.ask(format!("{verb}: {}", login.page));
        output.ask(format!("sign in there, and approve the login if it shows the code {}; waiting …", login.user_code));
        output.say(
            "(whoever cannot sign in yet takes a token of an administrator with --token-stdin, or --data-dir on the \
             server's machine)",
        );
        Ok(client.finish_device_login(&login).await?)
    })?;
    match end {
        DeviceLoginEnd::Approved(token) => Ok(token),
        DeviceLoginEnd::Denied => Err(CliError::Refused("the login was denied in the browser".into())),
        DeviceLoginEnd::Expired => Err(CliError::Refused(format!(
            "nobody approved the login in time, or the server was restarted; start it again, or use a token: \
             `registry login {url} --token-stdin`"
        ))),
    }
}

/// Whether a program took the address.
pub(in crate::cli) fn opens(page: &str) -> bool {
    let open = |(program, arguments): &(&str, &[&str])| {
        let mut command = Command::new(program);
        command.args(*arguments).arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().is_ok()
    };
    OPENERS.iter().any(open)
}
