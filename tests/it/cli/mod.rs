//! The command line.

mod config;
mod find;
mod generate;
mod json;
mod login;
mod manage;
mod mistakes;
mod organizations;
mod plugin_install;
mod push;
mod sdk_commands;
mod token;
