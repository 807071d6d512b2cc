//! The only place that knows the order of a push.
