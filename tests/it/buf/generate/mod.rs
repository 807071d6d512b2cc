//! `buf generate` and `buf registry sdk`.

mod every_plugin;
mod plugins;
mod sdk_version;
