//! A `google.protobuf.Any` in a message literal, written as the message that it holds:
//! `[type.googleapis.com/acme.Pet] { name: "Rex" }`.

use super::misfit::Misfit;
use super::schema::{MessageType, Schema};
use super::value::{MessageValue, Order, Value};

const ANY: &str = "google.protobuf.Any";
const TYPE_URL: i32 = 1;
const VALUE: i32 = 2;

/// What may stand before the slash.
const DOMAINS: [&str; 2] = ["type.googleapis.com", "type.googleprod.com"];

/// What stands before the slash.
pub(super) struct Domain {
    /// Where the bracket before it is.
    pub(super) start: usize,
    pub(super) name_start: usize,
    pub(super) name: String,
}

/// Checks that `any` can be written as what it holds, after `domain`.
pub(super) fn check(any: MessageType<'_>, domain: &Domain) -> Result<(), Misfit> {
    if any.name != ANY {
        let message = format!("message '{}' is no {ANY}, so it cannot hold a message of any type", any.name);
        return Err(Misfit::at(domain.start, message));
    }
    if !DOMAINS.contains(&domain.name.as_str()) {
        let message = format!("the type of an Any stands behind {} or {}", DOMAINS[0], DOMAINS[1]);
        return Err(Misfit::at(domain.name_start, message));
    }
    Ok(())
}

/// Lets `any` hold `content`, whose type stands after `domain`.
pub(super) fn hold<'s>(
    schema: &'s Schema<'_>,
    any: &mut MessageValue<'s>,
    domain: &Domain,
    content: &MessageValue<'s>,
) {
    let url = format!("{}/{}", domain.name, content.of.name).into_bytes();
    for (number, bytes) in [(TYPE_URL, url), (VALUE, content.encode(schema, Order::Written))] {
        if let Some(field) = schema.numbered_field(any.of, number).filter(|_| !bytes.is_empty()) {
            any.put(field, schema.cardinality(field), Value::Bytes(bytes));
        }
    }
}
