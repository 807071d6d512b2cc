//! Logging in, and what a login allows.

mod access;
mod browser;
mod token;
