//! What `buf` and other clients send, and the refusals that they print.

mod absent;
mod bad_input;
mod compression;
mod protocols;
mod schemas;
mod text;
mod tls;
mod v1beta1;
