//! Reads the fields of a query or a form.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;

use crate::serve::http::drain_body::read_on;
use crate::serve::http::error::{Answer, Kind, Refusal};
use crate::serve::http::listen::{BodyError, RequestBody};

/// The most bytes of a form: the longest field is a description.
const MAX_FORM: usize = 64 << 10;

/// Fields by name.
#[derive(Debug, Default)]
pub(in crate::serve::web) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=b&c=d`.
    pub(in crate::serve::web) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Reads the texts of a JSON object; other JSON has no fields.
    fn parse_json(encoded: &[u8]) -> Self {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(encoded).unwrap_or_default();
        let text = |(name, value): (&String, &serde_json::Value)| Some((name.clone(), value.as_str()?.to_owned()));
        Self(object.iter().filter_map(text).collect())
    }

    /// The field's value without white space around it; empty if the field is missing.
    pub(in crate::serve::web) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// The values of all fields of this name, without white space around them.
    pub(in crate::serve::web) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }
}

/// Reads the form in a request's body. Programs send some as a JSON object.
///
/// # Errors
/// When the form is too large or incomplete.
pub(in crate::serve::web) async fn read(headers: &HeaderMap, mut body: RequestBody) -> Answer<Fields> {
    let mut encoded = vec![];
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let data = frame.into_data().unwrap_or_default();
        if encoded.len() + data.len() > MAX_FORM {
            read_on(body).await;
            let message = format!("the form is larger than {MAX_FORM} bytes, which no form of this registry needs");
            return Err(Refusal::new(Kind::TooLarge, message));
        }
        encoded.extend_from_slice(&data);
    }
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    Ok(if is_json { Fields::parse_json(&encoded) } else { Fields::parse(&encoded) })
}

fn broken(error: &BodyError) -> Refusal {
    match error {
        BodyError::Connection(_) => Refusal::invalid("the form is incomplete; send it again"),
        BodyError::Slow(_) => Refusal::late(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_fields_too() {
        let fields = Fields::parse_json(br#"{"client_name": " buf ", "grant_types": ["x"]}"#);
        assert_eq!((fields.get("client_name"), fields.get("grant_types")), ("buf", ""));
        assert_eq!(Fields::parse_json(b"[1]").get("client_name"), "");
    }
}
