//! The jobs that people come for, end to end.

mod api_client;
mod demo;
mod first_minute;
mod fixture;
mod main_job;
