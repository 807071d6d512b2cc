//! What requests to an object store are signed with, and who gives it: the variables themselves, or the platform that a
//! server runs on, in the order in which Amazon's own tools ask them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use object_store::CredentialProvider;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential, AwsCredentialProvider};

use super::failure::{Failure, failure_in, innermost};

/// Where credentials come from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// The variables hold them.
    Keys {
        key_id: String,
        secret: String,
        /// Of credentials that end.
        session: Option<String>,
    },
    /// Whoever runs the process does, and gives new ones before they end.
    Platform { name: &'static str, settings: Vec<(AmazonS3ConfigKey, String)> },
}

/// Why there is nothing to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Nothing is set, and no platform would give any.
    #[error("no credentials for the object store are given; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
    None,
    /// A variable that goes with another one is missing.
    #[error("{0} is set and {1} is not; credentials for the object store need both")]
    Half(&'static str, &'static str),
    /// A variable holds what no credential has.
    #[error("the value of {0} cannot be a credential: it has spaces, or characters that are not ASCII")]
    Value(&'static str),
}

impl Credentials {
    /// Of the variables that `variable` looks up. A machine of Amazon's is asked for its own only if the object store
    /// `is_amazon`.
    pub(super) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        is_amazon: bool,
    ) -> Result<Self, CredentialsError> {
        let read = |name: &'static str| match variable(name) {
            Some(value) if value.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(value)),
            Some(_) => Err(CredentialsError::Value(name)),
            None => Ok(None),
        };
        match (read("AWS_ACCESS_KEY_ID")?, read("AWS_SECRET_ACCESS_KEY")?) {
            (Some(key_id), Some(secret)) => {
                return Ok(Self::Keys { key_id, secret, session: read("AWS_SESSION_TOKEN")? });
            }
            (None, None) => {}
            _ => return Err(CredentialsError::None),
        }
        if let Some(token_file) = variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
            let missing = CredentialsError::Half("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN");
            let mut settings = vec![
                (AmazonS3ConfigKey::WebIdentityTokenFile, token_file),
                (AmazonS3ConfigKey::RoleArn, read("AWS_ROLE_ARN")?.ok_or(missing)?),
            ];
            settings.extend(read("AWS_ROLE_SESSION_NAME")?.map(|name| (AmazonS3ConfigKey::RoleSessionName, name)));
            settings.extend(read("AWS_ENDPOINT_URL_STS")?.map(|url| (AmazonS3ConfigKey::StsEndpoint, url)));
            return Ok(Self::Platform { name: "the role of AWS_ROLE_ARN", settings });
        }
        let name = "the container service";
        if let Some(path) = read("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")? {
            let settings = vec![(AmazonS3ConfigKey::ContainerCredentialsRelativeUri, path)];
            return Ok(Self::Platform { name, settings });
        }
        if let Some(url) = read("AWS_CONTAINER_CREDENTIALS_FULL_URI")? {
            const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
            let missing = CredentialsError::Half("AWS_CONTAINER_CREDENTIALS_FULL_URI", TOKEN_FILE);
            let settings = vec![
                (AmazonS3ConfigKey::ContainerCredentialsFullUri, url),
                (AmazonS3ConfigKey::ContainerAuthorizationTokenFile, variable(TOKEN_FILE).ok_or(missing)?),
            ];
            return Ok(Self::Platform { name, settings });
        }
        let is_off = variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let service = read("AWS_EC2_METADATA_SERVICE_ENDPOINT")?;
        if is_off || !is_amazon && service.is_none() {
            return Err(CredentialsError::None);
        }
        let settings = service.map(|url| (AmazonS3ConfigKey::MetadataEndpoint, url)).into_iter().collect();
        Ok(Self::Platform { name: "this machine's metadata service", settings })
    }

    /// Whether they come over a connection of their own that is encrypted.
    pub(super) fn need_certificates(&self) -> bool {
        matches!(self, Self::Platform { .. })
    }

    /// Lets a client sign with them, which asks a platform as it asks the object store.
    ///
    /// # Errors
    /// When the client does not take them, in words.
    pub(super) fn sign(&self, builder: AmazonS3Builder) -> Result<AmazonS3Builder, String> {
        match self {
            Self::Keys { key_id, secret, session } => {
                let builder = builder.with_access_key_id(key_id).with_secret_access_key(secret);
                Ok(match session {
                    Some(session) => builder.with_token(session),
                    None => builder,
                })
            }
            Self::Platform { name, settings } => {
                let asking =
                    settings.iter().fold(builder.clone(), |builder, (key, value)| builder.with_config(*key, value));
                let given = Arc::clone(asking.build().map_err(|error| error.to_string())?.credentials());
                Ok(builder.with_credentials(Arc::new(Platform { name, given })))
            }
        }
    }
}

/// The credentials of a platform, whose failures are told as those of the platform.
#[derive(Debug)]
struct Platform {
    name: &'static str,
    given: AwsCredentialProvider,
}

impl Platform {
    async fn ask(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.given.get_credential().await.map_err(|error| {
            let reason = failure_in(&error).map_or_else(|| innermost(&error), |failure| failure.to_string());
            let told = Failure::Unreachable(format!("{} gives no credentials for it: {reason}", self.name));
            object_store::Error::Generic { store: "S3", source: Box::new(told) }
        })
    }
}

impl CredentialProvider for Platform {
    type Credential = AwsCredential;

    fn get_credential<'a, 'call>(
        &'a self,
    ) -> Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'call>>
    where
        'a: 'call,
        Self: 'call,
    {
        Box::pin(self.ask())
    }
}

/// Without the values.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys { .. } => f.write_str("the variables"),
            Self::Platform { name, .. } => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], is_amazon: bool) -> Result<String, String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let found = Credentials::from_variables(variable, is_amazon);
        found.map(|found| format!("{found:?}")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_that_is_there_gives_them() {
        let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "topsecret")];
        let role = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token file"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/crates")];
        let container = [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/t"),
        ];
        let off = ("AWS_EC2_METADATA_DISABLED", "true");
        let all = [&keys[..], &role, &container].concat();
        assert_eq!(of(&all, true).unwrap(), "the variables");
        assert_eq!(of(&all[2..], true).unwrap(), "the role of AWS_ROLE_ARN");
        assert_eq!(of(&all[4..], false).unwrap(), "the container service");
        assert_eq!(of(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")], true).unwrap(), "the container service");
        assert_eq!(of(&[], true).unwrap(), "this machine's metadata service");
        for (variables, is_amazon, told) in [
            (&all[1..2], true, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            (&[], false, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            (&[off][..], true, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            (&role[..1], true, "AWS_ROLE_ARN is not"),
            (&container[..1], true, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not"),
        ] {
            let error = of(variables, is_amazon).unwrap_err();
            assert!(error.contains(told), "{variables:?}: {error}");
        }
    }
}
