//! `buf push`.

mod one_module;
mod options;
mod same_upload;
