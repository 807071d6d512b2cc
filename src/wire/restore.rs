//! Restoring over the network: what a server that waits for a backup, and the command that sends one, agree on.

use serde::{Deserialize, Serialize};

/// The path that takes a backup with PUT; GET says whether the server waits for one, and whether the token is right.
pub const PATH: &str = "/admin/restore";

/// The header of every response of a server that waits for a backup, with its value.
pub const AWAITING: (&str, &str) = ("registry-state", "awaiting-restore");

/// A line of the response to a backup that has arrived as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreEvent {
    /// What the server does next.
    Step(String),
    /// The backup is in its place, and the server goes on with it.
    Restored {
        /// The data directory, on the server's machine.
        directory: String,
        /// How many commits it has.
        commits: u64,
        /// How many versions of crates it has.
        crates: u64,
    },
    /// Nothing was restored, and why.
    Failed(String),
}
