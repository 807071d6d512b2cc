//! What this machine has: the programs that use the server, and room for the data of one that runs here.

use std::process::{Command, Stdio};

use crate::config::Environment;
use crate::config::client::Logins;

use super::check::Check;

/// The first cargo with credential providers, which `registry init` sets up: <https://doc.rust-lang.org/cargo/CHANGELOG.html>.
const OLDEST_CARGO: (u32, u32) = (1, 74);

/// Free bytes below which a server soon refuses pushes.
const LITTLE_ROOM: u64 = 1 << 30;
/// Free bytes below which there is no room for a large push.
const NO_ROOM: u64 = 64 << 20;

/// Whether cargo is there, and can use what `registry init` writes.
pub(super) fn cargo() -> Check {
    let install = "install or update it: https://rustup.rs";
    let Some(version) = version_of("cargo") else {
        return Check::failed("cargo", "it is not on the PATH, or does not run", install);
    };
    match numbers(&version) {
        Some(numbers) if numbers < OLDEST_CARGO => {
            let (major, minor) = OLDEST_CARGO;
            Check::failed(
                "cargo",
                format!("{version} is older than {major}.{minor}, the first one with logins"),
                install,
            )
        }
        _ => Check::ok("cargo", version),
    }
}

/// Whether buf is there, which nobody needs.
pub(super) fn buf() -> Check {
    match version_of("buf") {
        Some(version) => Check::ok("buf", version),
        None => Check::skipped("buf", "it is not on the PATH; `registry push` does without"),
    }
}

/// The first line that `PROGRAM --version` prints.
fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

/// The first two numbers in `cargo 1.90.0 (840b83a10 2025-07-30)`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split_whitespace().nth(1)?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether there is room for the data of a server that runs on this machine.
pub(super) fn disk(url: &str) -> Check {
    let logins = Logins::read(&Environment::of_process());
    let login = logins.as_ref().ok().and_then(|logins| logins.of_url(url));
    let Some(data_dir) = login.and_then(|login| login.data_dir.as_deref()) else {
        return Check::skipped("disk", "the data of the server are not on this machine");
    };
    let Some(free) = free_bytes(data_dir) else {
        return Check::skipped("disk", format!("the free space of {} is not known", data_dir.display()));
    };
    let found = format!("{} MiB are free for {}", free >> 20, data_dir.display());
    let advice = "free some, or move the directory and name it with --data-dir";
    match (free < NO_ROOM, free < LITTLE_ROOM) {
        (true, _) => Check::failed("disk", found, advice),
        (false, true) => Check::warning("disk", found, advice),
        (false, false) => Check::ok("disk", found),
    }
}

#[cfg(unix)]
fn free_bytes(directory: &std::path::Path) -> Option<u64> {
    let space = rustix::fs::statvfs(directory).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &std::path::Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_cargo_is_read() {
        assert_eq!(numbers("cargo 1.90.0-nightly (840b83a10 2025-07-30)"), Some((1, 90)));
        assert!(numbers("cargo 1.73.0").unwrap() < OLDEST_CARGO);
        assert_eq!(numbers("cargo"), None);
    }
}
