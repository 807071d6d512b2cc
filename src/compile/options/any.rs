//! A `google.protobuf.Any` in a message literal, written as the message that it holds:
//! `[type.googleapis.com/acme.Pet] { name: "Rex" }`.

use super::literal::LiteralReader;
use super::misfit::Misfit;
use super::value::{MessageValue, Order, Value};
use crate::compile::names::symbols::ExpectedSymbol;

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

/// Reads the name of a type and the message that `any` holds.
pub(super) fn expand<'s>(
    reader: &mut LiteralReader<'_, 's, '_>,
    any: &mut MessageValue<'s>,
    domain: &Domain,
) -> Result<(), Misfit> {
    let of_any = any.of;
    if of_any.name != ANY {
        let message = format!("message '{}' is no {ANY}, so it cannot hold a message of any type", of_any.name);
        return Err(Misfit::at(domain.start, message));
    }
    if !DOMAINS.contains(&domain.name.as_str()) {
        let message = format!("the type of an Any stands behind {} or {}", DOMAINS[0], DOMAINS[1]);
        return Err(Misfit::at(domain.name_start, message));
    }
    let name_start = reader.tokens.offset();
    let name = reader.tokens.take_name(b"]");
    reader.tokens.skip();
    let (context, at_name) = (reader.context, |why: String| Misfit::at(name_start, why));
    let full = context.resolve(&format!(".{name}"), ExpectedSymbol::Message);
    let full = full.map_err(|why| at_name(format!("{why}; here types have their full names")))?;
    let of = context.schema.message(&full).ok_or_else(|| at_name(format!("message '{full}' is not at hand")))?;
    reader.tokens.take_mark(b':');
    if !reader.opens() {
        return Err(Misfit::at(reader.tokens.offset(), format!("expected a message of type '{full}'")));
    }
    let mut content = MessageValue::new(of);
    reader.message(&mut content, None)?;
    let url = format!("{}/{full}", domain.name).into_bytes();
    for (number, bytes) in [(TYPE_URL, url), (VALUE, content.encode(context.schema, Order::Written))] {
        if let Some(field) = context.schema.numbered_field(of_any, number).filter(|_| !bytes.is_empty()) {
            any.put(field, context.schema.cardinality(field), Value::Bytes(bytes));
        }
    }
    Ok(())
}
