//! Owners: names, visibility, quotas.

mod disabled;
mod names;
mod portable_names;
mod quotas;
mod visibility;
