//! The settings of traces, by the rules of OpenTelemetry for its exporters
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).

use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table, value};

/// The most headers; a receiver needs one or two.
const MOST_HEADERS: usize = 32;

/// Headers that the request itself decides.
const OURS: [HeaderName; 5] = [CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];

/// The receiver of traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpSettings {
    /// The address that `/v1/traces` is under.
    pub endpoint: String,
    /// Headers of every request. Their values may be secrets, which `Debug` does not show.
    pub headers: HeaderMap,
    /// How long a request may take.
    pub timeout: Duration,
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<Option<OtlpSettings>, ConfigError> {
    let endpoint = from.optional(&settings_table::OTLP_ENDPOINT, value::base_url)?;
    let headers = from.optional(&settings_table::OTLP_HEADERS, headers)?.unwrap_or_default();
    let timeout = from.plain(&settings_table::OTLP_TIMEOUT, value::milliseconds)?;
    Ok(endpoint.map(|endpoint| OtlpSettings { endpoint, headers, timeout }))
}

/// Headers as `name=value,name=value`, whose values are percent-encoded. Errors name no value.
fn headers(text: &str) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let entries = text.split(',').map(str::trim).enumerate().filter(|(_, entry)| !entry.is_empty());
    for (number, (at, entry)) in entries.enumerate() {
        if number == MOST_HEADERS {
            return Err(format!("there are more than {MOST_HEADERS} headers"));
        }
        let (name, value) = entry.split_once('=').ok_or_else(|| {
            format!("header {} has no `=`; write name=value, percent-encoded, with commas between", at + 1)
        })?;
        let name = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| format!("header {} has a name that no header can have", at + 1))?;
        if OURS.contains(&name) {
            return Err(format!("header {name} is set by the program"));
        }
        let decoded: Vec<u8> = percent_decode_str(value.trim()).collect();
        let mut value = HeaderValue::from_bytes(&decoded)
            .map_err(|_| format!("header {name} has a value that no header can have"))?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_opentelemetry_writes_them() {
        let read = headers("api-key=a%20b%2C%3D%25, Authorization = Basic%20eDp5== ,,x=,x=2,plus=a+b").unwrap();
        let texts: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        for header in [("api-key", "a b,=%"), ("authorization", "Basic eDp5=="), ("x", ""), ("x", "2"), ("plus", "a+b")]
        {
            assert!(texts.contains(&header), "{header:?} is not in {texts:?}");
        }
        assert!(!format!("{read:?}").contains("eDp5"), "{read:?}");
        assert!(headers("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_without_a_value() {
        for (text, named) in [
            ("a=1,secret", "header 2 has no `=`"),
            ("a b=secret", "header 1 has a name"),
            ("x=secret%0A", "header x has a value"),
            ("content-type=secret", "header content-type is set by the program"),
        ] {
            let error = headers(text).unwrap_err();
            assert!(error.contains(named) && !error.contains("secret"), "{error}");
        }
        assert!(headers(&"a=1,".repeat(MOST_HEADERS)).is_ok());
        assert!(headers(&"a=1,".repeat(MOST_HEADERS + 1)).is_err());
    }
}
