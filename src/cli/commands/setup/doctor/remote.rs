//! What one call to the server tells: whether it answers, to whom, by which way, and at what time.

use crate::cli::arguments::time::now;
use crate::client::{Client, ClientError, WhoAndWhen};
use crate::config::client::is_this_machine;
use crate::wire::registry::v1::GetStatusResponse;

use super::check::Check;

type Answer = Result<WhoAndWhen, ClientError>;

/// A difference of clocks above which tokens and certificates seem to be expired, or not valid yet.
const MOST_SECONDS_APART: u64 = 60;

/// Whether a registry answers.
pub(super) fn server(client: &Client, answer: &Answer) -> Check {
    let url = client.url();
    match answer {
        Err(error) if !error.is_refusal() => Check::failed(
            "server",
            error.to_string(),
            "check the address: `registry server list` shows yours, --server names another",
        ),
        _ => Check::ok("server", format!("{url} answers")),
    }
}

/// Whether pushes are taken.
pub(super) fn ready(answer: &Result<String, ClientError>) -> Check {
    match answer {
        Ok(words) if words == "ready" => Check::ok("ready", "it takes pushes"),
        Ok(words) => Check::warning("ready", words.clone(), "`registry status` and the server's log say more"),
        Err(ClientError::NotReady { message, .. }) => {
            Check::failed("ready", message.clone(), "`registry status` and the server's log say more")
        }
        Err(_) => Check::skipped("ready", "the server did not say"),
    }
}

/// Whether reads have found damage, and whether backups are made, which administrators are told.
pub(super) fn store(status: &Result<GetStatusResponse, ClientError>) -> Check {
    let Ok(status) = status else { return Check::skipped("store", "only administrators are told of damage") };
    if status.damaged_reads > 0 {
        return Check::failed(
            "store",
            format!("{} reads have found something damaged", status.damaged_reads),
            "on the server, `registry verify` lists all damage, `registry repair` mends what it can; for the rest there \
             is the last backup",
        );
    }
    match status.backup.as_option().map(|backup| &backup.problem) {
        Some(problem) if !problem.is_empty() => Check::failed(
            "store",
            format!("the last backup failed: {problem}"),
            "mend that; `registry status` shows it",
        ),
        _ => Check::ok("store", "no read has found damage"),
    }
}

/// Whether the server knows the token.
pub(super) fn token(client: &Client, answer: &Answer) -> Check {
    match answer {
        Ok(answer) => Check::ok("token", format!("you are {}", answer.user)),
        Err(error) if error.is_refusal() => {
            Check::failed("token", error.to_string(), format!("registry login {}", client.url()))
        }
        Err(_) => Check::skipped("token", "the server could not be asked"),
    }
}

/// Whether others on the way can read the token.
pub(super) fn tls(url: &str, answer: &Answer) -> Check {
    match (url.starts_with("https://"), answer) {
        (true, Err(error)) if !error.is_refusal() => Check::skipped("tls", "the server could not be asked"),
        (true, _) => Check::ok("tls", "the connection is encrypted, and its certificate is trusted"),
        (false, _) if is_this_machine(url) => Check::ok("tls", "not needed: the server is on this machine"),
        (false, _) => Check::warning(
            "tls",
            "the connection is not encrypted: whoever is on the way can read the token",
            "start the server with --tls-cert and --tls-key, or behind a proxy, and log in with https://",
        ),
    }
}

/// Whether the clocks of both sides agree.
pub(super) fn clock(answer: &Answer) -> Check {
    let Some(server) = answer.as_ref().ok().and_then(|answer| answer.at) else {
        return Check::skipped("clock", "the server did not tell its time");
    };
    let apart = server.as_micros().abs_diff(now().as_micros()) / 1_000_000;
    match apart <= MOST_SECONDS_APART {
        true => Check::ok("clock", "it agrees with the server's"),
        false => Check::failed(
            "clock",
            format!("the server's clock and this machine's are {apart} s apart: tokens and certificates seem expired"),
            "set the one that is wrong; `timedatectl set-ntp true` keeps it right on most systems",
        ),
    }
}
