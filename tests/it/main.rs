//! Behaviour as its users see it: the built program, the real cargo, real sockets. One file per behaviour;
//! `support` is the vocabulary.

mod cli;
mod config;
mod layering;
mod support;
mod vocabulary;
