//! What people change: the same rule on every face (`rules.rs`), and for every change one record in the audit log, in
//! the same transaction (`audit.rs`).

mod audit;
mod database;
mod fill;
mod forms;
mod rpcs;
mod rules;
