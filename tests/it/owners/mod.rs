//! Owners: names, visibility, quotas.

mod names;
mod portable_names;
mod quotas;
mod visibility;
