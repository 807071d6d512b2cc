//! The address of a place for crates in an object store: `s3://bucket/prefix`, with what is needed to sign in.

use std::fmt;

use super::credentials::{Credentials, CredentialsError};

/// The longest prefix; S3's longest name of an object is 1024 bytes.
const LONGEST_PREFIX: usize = 512;

/// The region of object stores that have none: what they all expect in a signature.
const NO_REGION: &str = "us-east-1";

/// A place for crates in an object store.
#[derive(Clone)]
pub struct BlobAddress {
    pub(super) bucket: String,
    /// Without slashes at its ends; may be empty.
    pub(super) prefix: String,
    /// Scheme, host and port; that of Amazon if none is given.
    pub(super) endpoint: Option<String>,
    pub(super) region: String,
    /// Whether the bucket is in the path of addresses, not in the name of the host.
    pub(super) path_style: bool,
    pub(super) credentials: Credentials,
}

/// Why an address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobAddressError {
    /// It does not begin as one.
    #[error("{0} is no address of an object store; write s3://BUCKET/PREFIX")]
    Scheme(String),
    /// The name of the bucket is none.
    #[error("{0:?} is no name of a bucket: that has 3 to 63 small letters, digits, - and .; write s3://BUCKET/PREFIX")]
    Bucket(String),
    /// The prefix has other characters.
    #[error(
        "{0:?} cannot be the prefix of crates in a bucket: it may have letters, digits, -, _ and . between slashes"
    )]
    Prefix(String),
    /// Something follows the prefix that is not known.
    #[error("{0} is not known behind ? in the address of an object store; endpoint=, region= and style= are")]
    Unknown(String),
    /// The style is another word.
    #[error("style={0} is not known; use path or virtual")]
    Style(String),
    /// The endpoint is none.
    #[error("{0:?} is no endpoint of an object store; write https://HOST or http://HOST:PORT")]
    Endpoint(String),
    /// Amazon has regions, and none is named.
    #[error("no region of the object store is given; set AWS_REGION, or AWS_ENDPOINT_URL if it is not Amazon's")]
    NoRegion,
    /// The region has other characters.
    #[error("{0:?} is no region of an object store")]
    Region(String),
    /// There is nothing to sign in with.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

impl BlobAddress {
    /// Reads an address, `s3://BUCKET/PREFIX?endpoint=URL&region=NAME&style=path`. What it leaves out comes from the
    /// variables of Amazon's own tools, which `variable` looks up, and the credentials always do.
    ///
    /// # Errors
    /// If it is none, or something is missing. No error contains a credential.
    pub fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, BlobAddressError> {
        let Some(rest) = text.strip_prefix("s3://") else { return Err(BlobAddressError::Scheme(shown_scheme(text))) };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let asked = Asked::of(query)?;
        // An empty variable is none.
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let endpoint =
            asked.endpoint.or_else(|| variable("AWS_ENDPOINT_URL_S3")).or_else(|| variable("AWS_ENDPOINT_URL"));
        let region = asked.region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let endpoint = endpoint.map(|endpoint| checked_endpoint(&endpoint)).transpose()?;
        let region = region.or_else(|| endpoint.as_ref().map(|_| NO_REGION.to_owned()));
        let bucket = checked_bucket(bucket)?;
        // A dot in the name of a bucket would be one in the name of its host, which no certificate has.
        let path_style = asked.path_style.unwrap_or(endpoint.is_some() || bucket.contains('.'));
        Ok(Self {
            prefix: checked_prefix(prefix)?,
            region: checked_region(region.ok_or(BlobAddressError::NoRegion)?)?,
            credentials: Credentials::from_variables(variable, endpoint.is_none())?,
            path_style,
            endpoint,
            bucket,
        })
    }

    /// The address that requests for the bucket go to, if it is not Amazon's own.
    pub(super) fn bucket_endpoint(&self) -> Option<String> {
        let endpoint = self.endpoint.as_ref()?;
        match endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => Some(format!("{scheme}://{}.{host}", self.bucket)),
            _ => Some(endpoint.clone()),
        }
    }

    /// The bucket and the prefix, as `s3://bucket/prefix`: machines may reach it at different addresses.
    pub(super) fn place(&self) -> String {
        match self.prefix.as_str() {
            "" => format!("s3://{}", self.bucket),
            prefix => format!("s3://{}/{prefix}", self.bucket),
        }
    }

    /// Whether connections to it, or to whoever gives the credentials, may be encrypted.
    pub(super) fn needs_certificates(&self) -> bool {
        self.is_encrypted() || self.credentials.need_certificates()
    }

    /// Whether connections are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.endpoint.as_ref().is_none_or(|endpoint| endpoint.starts_with("https://"))
    }
}

/// Without the credentials.
impl fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        match &self.endpoint {
            Some(endpoint) => write!(f, " at {endpoint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the address itself says of its settings.
#[derive(Default)]
struct Asked {
    endpoint: Option<String>,
    region: Option<String>,
    path_style: Option<bool>,
}

impl Asked {
    fn of(query: &str) -> Result<Self, BlobAddressError> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("endpoint", url) => asked.endpoint = Some(url.to_owned()),
                ("region", region) => asked.region = Some(region.to_owned()),
                ("style", "path") => asked.path_style = Some(true),
                ("style", "virtual") => asked.path_style = Some(false),
                ("style", other) => return Err(BlobAddressError::Style(other.to_owned())),
                // Its value may be a credential.
                (other, _) => return Err(BlobAddressError::Unknown(other.to_owned())),
            }
        }
        Ok(asked)
    }
}

/// What of an address that is none may be shown: it may be one with a password.
fn shown_scheme(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://…"),
        None => text.chars().take(80).collect(),
    }
}

fn checked_bucket(bucket: &str) -> Result<String, BlobAddressError> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let all_fit = bucket.bytes().all(|byte| is_letter(byte) || byte == b'-' || byte == b'.');
    let ends_fit = bucket.bytes().next().is_some_and(is_letter) && bucket.bytes().last().is_some_and(is_letter);
    if all_fit && ends_fit && (3..=63).contains(&bucket.len()) && !bucket.contains("..") {
        Ok(bucket.to_owned())
    } else {
        // Before an @ may be a password.
        let shown = bucket.rsplit_once('@').map_or(bucket, |(_, shown)| shown);
        Err(BlobAddressError::Bucket(shown.to_owned()))
    }
}

/// The prefix without a slash at its end. It goes into addresses as it is, so it has nothing that would be escaped.
fn checked_prefix(prefix: &str) -> Result<String, BlobAddressError> {
    let trimmed = prefix.strip_suffix('/').unwrap_or(prefix);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(fits);
    if trimmed.is_empty() || (trimmed.len() <= LONGEST_PREFIX && trimmed.split('/').all(is_part)) {
        Ok(trimmed.to_owned())
    } else {
        Err(BlobAddressError::Prefix(prefix.to_owned()))
    }
}

fn checked_region(region: String) -> Result<String, BlobAddressError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if region.bytes().all(fits) && !region.is_empty() { Ok(region) } else { Err(BlobAddressError::Region(region)) }
}

/// Scheme, host and port of an endpoint.
fn checked_endpoint(endpoint: &str) -> Result<String, BlobAddressError> {
    let refused = || {
        // Behind an @ is the host; before it may be a password.
        let shown = endpoint.rsplit_once('@').map_or(endpoint, |(_, host)| host);
        BlobAddressError::Endpoint(shown.to_owned())
    };
    let uri: http::Uri = endpoint.parse().map_err(|_| refused())?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or_else(refused)?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(refused)?;
    if !["", "/"].contains(&uri.path()) || uri.query().is_some() || authority.host().is_empty() {
        return Err(refused());
    }
    Ok(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[(&str, &str)] = &[("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "topsecret")];

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<BlobAddress, BlobAddressError> {
        let variables: Vec<_> = KEYS.iter().chain(variables).copied().collect();
        BlobAddress::parse(text, |name| {
            variables.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_address_says_where_and_shows_no_credential() {
        let region = [("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_SESSION_TOKEN", "alsosecret")];
        let address = parse("s3://acme-crates/registry/prod/", &region).unwrap();
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("acme-crates", "registry/prod"));
        assert_eq!(
            (address.region.as_str(), address.path_style, address.endpoint.as_ref()),
            ("eu-west-1", false, None)
        );
        let Credentials::Keys { session, .. } = &address.credentials else { panic!("no keys") };
        assert_eq!(session.as_deref(), Some("alsosecret"));
        assert_eq!(address.to_string(), "s3://acme-crates/registry/prod");
        assert_eq!(format!("{address:?}"), address.to_string());
        assert!(address.is_encrypted());
    }

    #[test]
    fn settings_come_from_the_address_first_and_then_from_the_variables() {
        let variables = [("AWS_ENDPOINT_URL", "http://any:9000"), ("AWS_ENDPOINT_URL_S3", "http://minio:9000/")];
        let address = parse("s3://crates", &variables).unwrap();
        assert_eq!(address.endpoint.as_deref(), Some("http://minio:9000"));
        assert_eq!((address.region.as_str(), address.path_style), (NO_REGION, true), "they have no regions");
        assert!(!address.is_encrypted());
        assert_eq!(address.bucket_endpoint().as_deref(), Some("http://minio:9000"));
        assert_eq!(address.to_string(), "s3://crates at http://minio:9000");
        let asked = "s3://crates?endpoint=https%3A%2F%2Fs3.example&region=gra&style=virtual";
        let address = parse(asked, &variables).unwrap();
        assert_eq!((address.region.as_str(), address.path_style), ("gra", false));
        assert_eq!(address.bucket_endpoint().as_deref(), Some("https://crates.s3.example"));
        assert!(parse("s3://my.crates", &[("AWS_REGION", "eu-west-1")]).unwrap().path_style);
    }

    #[test]
    fn what_is_no_address_is_told_without_credentials() {
        let region = ("AWS_REGION", "eu-west-1");
        for (text, variables, told) in [
            ("https://u:topsecret@host/x", vec![region], "https://… is no address of an object store"),
            ("s3://Acme", vec![region], "is no name of a bucket"),
            ("s3://ab", vec![region], "is no name of a bucket"),
            ("s3://key:topsecret@crates", vec![region], "is no name of a bucket"),
            ("s3://crates/a//b", vec![region], "cannot be the prefix"),
            ("s3://crates/../b", vec![region], "cannot be the prefix"),
            ("s3://crates/a b", vec![region], "cannot be the prefix"),
            ("s3://crates?secret=topsecret", vec![region], "secret is not known behind ?"),
            ("s3://crates?style=other", vec![region], "style=other is not known"),
            ("s3://crates", vec![], "set AWS_REGION"),
            ("s3://crates", vec![("AWS_REGION", "eu west")], "is no region"),
            ("s3://crates", vec![("AWS_ENDPOINT_URL", "minio:9000")], "is no endpoint"),
            ("s3://crates", vec![("AWS_ENDPOINT_URL", "http://u:topsecret@minio")], "is no endpoint"),
            ("s3://crates", vec![("AWS_ENDPOINT_URL", "http://minio/path")], "is no endpoint"),
            ("s3://crates", vec![region, ("AWS_ACCESS_KEY_ID", "")], "set AWS_ACCESS_KEY_ID"),
            ("s3://crates", vec![region, ("AWS_SECRET_ACCESS_KEY", "topsecret\n")], "AWS_SECRET_ACCESS_KEY cannot"),
        ] {
            let error = parse(text, &variables).unwrap_err().to_string();
            let is_clean = !error.contains("topsecret") && error.lines().count() == 1;
            assert!(error.contains(told) && is_clean, "{text} {variables:?}: {error}");
        }
    }
}
