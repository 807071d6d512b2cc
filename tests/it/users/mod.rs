//! The jobs that people come for, end to end.

mod api_client;
mod demo;
mod ephemeral;
mod exec;
mod first_minute;
mod first_project;
mod fixture;
mod fixture_client;
mod fixture_files;
mod main_job;
mod picture;
