//! The object store for the crates of servers that share a database.

use std::fmt;

use crate::config::resolve::{Environment, Resolver};
use crate::config::{ConfigError, settings_table, value};

/// The variables of Amazon's own tools that say where an object store is, and who asks it.
const VARIABLES: &[&str] = &[
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
];

/// A place for crates in an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobSettings {
    /// Its address, `s3://BUCKET/PREFIX`.
    pub address: String,
    /// What the address leaves out, and the credentials.
    pub variables: AwsVariables,
    /// The most bytes of it that are kept in the data directory too.
    pub cache_bytes: u64,
}

/// The variables of Amazon's own tools, as they were at the start.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AwsVariables(Vec<(&'static str, String)>);

impl AwsVariables {
    fn of(env: &Environment) -> Self {
        Self(VARIABLES.iter().filter_map(|name| Some((*name, env.get(name)?.to_owned()))).collect())
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// Without their values, which may be secret.
impl fmt::Debug for AwsVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// The object store, which goes with a database that servers share: a data directory holds its crates itself.
pub(super) fn settings(from: &mut Resolver<'_>, is_shared: bool) -> Result<Option<BlobSettings>, ConfigError> {
    let address = from.optional(&settings_table::BLOBS, address)?;
    let origin = from.effective.last().map(|given| given.origin.clone());
    if let (Some(_), Some(origin), false) = (&address, origin, is_shared) {
        let problem = "a data directory holds its crates itself; crates are in an object store only if --store names a \
                       database that several servers share";
        return Err(ConfigError::Value { name: settings_table::BLOBS.name, origin, problem: problem.into() });
    }
    let cache_bytes = from.plain(&settings_table::BLOB_CACHE_BYTES, value::size)?;
    let variables = AwsVariables::of(from.env);
    Ok(address.map(|address| BlobSettings { address, variables, cache_bytes }))
}

/// Only its beginning is looked at here; whoever opens it reads the rest.
fn address(text: &str) -> Result<String, String> {
    match text.strip_prefix("s3://") {
        Some(place) if !place.contains('@') => Ok(text.to_owned()),
        // What stands before an @ may be a secret.
        Some(_) => Err("credentials do not belong into it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".into()),
        None => Err("it is no address of an object store; write s3://BUCKET/PREFIX".into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Environment, Flags, Settings};

    const STORE: (&str, &str) = ("store", "postgres://registry@db/acme");

    fn load(flags: &[(&'static str, &str)], env: &[(&str, &str)]) -> Result<Settings, String> {
        let flags: Flags = flags.iter().map(|(name, value)| (*name, vec![(*value).to_owned()])).collect();
        let env: Vec<_> = [("HOME", "/users/me")].iter().chain(env).copied().collect();
        Settings::load(&flags, &Environment::of(&env), None).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_address_leaves_out_is_in_the_variables_of_amazon() {
        let env = [("AWS_REGION", "eu-west-1"), ("AWS_SECRET_ACCESS_KEY", "topsecret"), ("AWS_PROFILE", "x")];
        let settings = load(&[STORE, ("blobs", "s3://acme-crates/prod")], &env).unwrap();
        let blobs = settings.blobs.clone().unwrap();
        assert_eq!((blobs.address.as_str(), blobs.cache_bytes), ("s3://acme-crates/prod", 1 << 30));
        assert_eq!(blobs.variables.get("AWS_SECRET_ACCESS_KEY"), Some("topsecret"));
        assert_eq!((blobs.variables.get("AWS_PROFILE"), blobs.variables.get("AWS_ACCESS_KEY_ID")), (None, None));
        assert!(!format!("{settings:?}").contains("topsecret"));
        assert_eq!(load(&[STORE], &env).unwrap().blobs, None);
    }

    #[test]
    fn an_object_store_goes_with_a_shared_database_and_holds_no_secret_in_its_address() {
        let error = load(&[("blobs", "s3://acme-crates")], &[]).unwrap_err();
        assert!(error.starts_with("blobs (from --blobs): a data directory holds its crates itself"), "{error}");
        let error = load(&[STORE], &[("REGISTRY_BLOBS", "https://acme-crates")]).unwrap_err();
        assert!(error.starts_with("blobs (from REGISTRY_BLOBS): it is no address of an object store"), "{error}");
        let error = load(&[STORE, ("blobs", "s3://key:topsecret@acme-crates")], &[]).unwrap_err();
        assert!(error.contains("set AWS_ACCESS_KEY_ID") && !error.contains("topsecret"), "{error}");
    }
}
