//! RPCs before and after their methods: limits of size and time, compression, and the services that every gRPC server has.

pub(super) mod compression;
pub(super) mod health_reflection;
pub(super) mod limit_messages;
pub(super) mod limited_body;
pub(super) mod request_limits;
