//! A module on the command line, with or without its server.

use std::str::FromStr;

use crate::cli::error::CliError;
use crate::client::Client;
use crate::model::{ModuleName, NameError};

/// `owner/module`, `HOST/owner/module` or `http://HOST/owner/module`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ModuleArg {
    /// The server in front of the name, without a scheme.
    server: Option<String>,
    name: ModuleName,
}

impl FromStr for ModuleArg {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let bare = without_scheme(text);
        let mut parts = bare.rsplitn(3, '/');
        let (Some(name), Some(owner)) = (parts.next(), parts.next()) else {
            return Err(NameError::NotAModule(text.into()));
        };
        let server = parts.next().map(str::to_owned);
        if server.is_none() && bare != text {
            return Err(NameError::NotAModule(text.into()));
        }
        Ok(Self { server, name: format!("{owner}/{name}").parse()? })
    }
}

impl From<ModuleName> for ModuleArg {
    fn from(name: ModuleName) -> Self {
        Self { server: None, name }
    }
}

impl ModuleArg {
    /// The name, for the server of `client`.
    ///
    /// # Errors
    /// When another server stands in front of it.
    pub(in crate::cli) fn at(&self, client: &Client) -> Result<ModuleName, CliError> {
        match &self.server {
            Some(server) if !server.eq_ignore_ascii_case(without_scheme(client.url())) => {
                Err(CliError::Refused(format!(
                    "{server}/{} is a module of {server}, but this command asks {}; name the other with --server",
                    self.name,
                    client.url()
                )))
            }
            _ => Ok(self.name.clone()),
        }
    }
}

fn without_scheme(text: &str) -> &str {
    text.split_once("://").map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, server: &str) -> Result<String, String> {
        let module: ModuleArg = text.parse().map_err(|error: NameError| error.to_string())?;
        let client = Client::new(server, None).unwrap();
        module.at(&client).map(|name| name.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_may_stand_in_front_of_a_module() {
        for text in ["acme/pets", "host:8780/acme/pets", "http://Host:8780/acme/pets"] {
            assert_eq!(at(text, "http://host:8780").unwrap(), "acme/pets");
        }
        assert_eq!(at("host/prefix/acme/pets", "https://host/prefix").unwrap(), "acme/pets");
        let refused = at("other/acme/pets", "http://host:8780").unwrap_err();
        assert!(refused.contains("a module of other") && refused.contains("http://host:8780"), "{refused}");
        for bad in ["pets", "http://acme/pets", "acme/", "host/acme/Pets!", ""] {
            assert!(at(bad, "http://host").is_err(), "{bad}");
        }
    }
}
