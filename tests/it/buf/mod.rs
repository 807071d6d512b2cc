//! The unmodified buf.

mod generate;
mod login;
mod modules;
mod push;
mod requests;
