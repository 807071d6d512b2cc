//! What comes behind a question mark or in a form.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use crate::serve::error::{Answer, Kind, Refusal};

/// Most bytes of a form: the longest field is a description.
const MAX_FORM: usize = 64 << 10;

/// Fields by name.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=b&c=d`.
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The field's value without white space around it; empty if it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }
}

/// Reads the form in a request's body.
///
/// # Errors
/// When it is too large or breaks off.
pub(super) async fn read(body: Incoming) -> Answer<Fields> {
    let collected = Limited::new(body, MAX_FORM).collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            let message = format!("the form is larger than {MAX_FORM} bytes");
            return Refusal { kind: Kind::TooLarge, message };
        }
        Refusal::invalid("the form broke off; send it again")
    })?;
    Ok(Fields::parse(&collected.to_bytes()))
}
