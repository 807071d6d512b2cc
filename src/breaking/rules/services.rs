//! RPCs of services.

use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::descriptor::Method;

/// How often a call may be repeated.
fn idempotency(method: &Method) -> &'static str {
    match method.options.as_ref().map_or(0, |options| options.idempotency_level) {
        1 => "NO_SIDE_EFFECTS",
        2 => "IDEMPOTENT",
        _ => "IDEMPOTENCY_UNKNOWN",
    }
}

fn streams(streaming: bool) -> &'static str {
    if streaming { "a stream" } else { "one message" }
}

impl Check<'_> {
    pub(super) fn services(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, before) in &old.services {
            let Some(after) = new.services.get(name) else { continue };
            let place = Place::both(before.file, after.file);
            for (rpc, method) in &before.methods {
                let full_name = format!("{name}.{rpc}");
                match after.methods.get(rpc) {
                    Some(kept) => self.method(place, &full_name, method, kept),
                    None => self.add(Rule::RpcNoDelete, place, || format!("RPC {full_name} was deleted")),
                }
            }
        }
    }

    fn method(&mut self, place: Place<'_>, name: &str, old: &Method, new: &Method) {
        let bare = |name: &str| name.trim_start_matches('.').to_owned();
        let parts = [
            (Rule::RpcSameRequestType, "request type", bare(&old.input_type), bare(&new.input_type)),
            (Rule::RpcSameResponseType, "response type", bare(&old.output_type), bare(&new.output_type)),
            (
                Rule::RpcSameClientStreaming,
                "request",
                streams(old.client_streaming).into(),
                streams(new.client_streaming).into(),
            ),
            (
                Rule::RpcSameServerStreaming,
                "response",
                streams(old.server_streaming).into(),
                streams(new.server_streaming).into(),
            ),
            (Rule::RpcSameIdempotencyLevel, "idempotency level", idempotency(old).into(), idempotency(new).into()),
        ];
        for (rule, subject, before, after) in parts {
            if before != after {
                self.add(rule, place, || format!("{subject} of RPC {name} changed from {before} to {after}"));
            }
        }
    }
}
