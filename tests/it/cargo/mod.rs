//! The real cargo: what it asks of the index, which versions it takes, what it builds.

mod commands;
mod export;
mod index;
mod labels;
mod tls;
mod vendored;
mod verify;
mod versions;
mod views;
mod yank;
