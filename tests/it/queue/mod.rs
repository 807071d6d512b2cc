//! The work behind a push: what is made, when, for whom, and within which bounds.

mod catch_up;
mod eager;
mod large_crates;
mod remote_bounds;
mod retries;
mod turns;
