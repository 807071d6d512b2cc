//! `registry healthcheck`: whether the server is ready, for container images without an HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::arguments::number::within;
use crate::cli::arguments::server::block_on;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Client, ClientError};
use crate::config::{Environment, Flags, Settings};

const AFTER_HELP: &str = "\
Examples:
  registry healthcheck
  registry healthcheck https://registry.example.com

In an image:
  HEALTHCHECK CMD [\"registry\", \"healthcheck\"]

Without URL, the server is found by the settings that it has in the environment
and in the configuration file: --metrics-listen, else --public-url if it speaks
TLS, else --listen.

Exit codes: 0 ready, 1 not ready or not there.";

/// Ask the server on this machine whether it is ready
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Healthcheck {
    /// Address of the server
    url: Option<String>,
    /// TOML file with settings of the server [env: REGISTRY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How long the answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = within(1..=3600))]
    timeout: u32,
}

impl Healthcheck {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        // Docker gives codes above 1 no meaning, so whatever is in the way is a refusal.
        let (url, words) = self.ask().map_err(|error| CliError::Refused(in_the_way(&error)))?;
        let json = serde_json::json!({ "url": url, "ready": true, "message": words });
        output.result(&json, || vec![format!("{url}: {words}")])?;
        Ok(())
    }

    fn ask(self) -> Result<(String, String), CliError> {
        let url = match self.url {
            Some(url) => url,
            None => own_url(&Settings::load(&Flags::new(), &Environment::of_process(), self.config.as_deref())?),
        };
        let client = Client::new(&url, None)?;
        let timeout = Duration::from_secs(self.timeout.into());
        let words = block_on(async {
            let late = |_| CliError::Refused(format!("{url} did not answer within {} seconds", timeout.as_secs()));
            Ok(tokio::time::timeout(timeout, client.readiness()).await.map_err(late)??)
        })?;
        Ok((client.url().to_owned(), words))
    }
}

/// What keeps the server from being ready, with the argument that this command has.
fn in_the_way(error: &CliError) -> String {
    match error {
        CliError::Client(ClientError::Unreachable { url, reason }) => {
            format!("could not reach {url}: {reason}; `registry serve` starts a server, and URL names another address")
        }
        CliError::Client(ClientError::NotReady { url, message }) => format!("{url}: {message}"),
        error => error.to_string(),
    }
}

/// The address of a server with these settings, from its own machine.
fn own_url(settings: &Settings) -> String {
    match (settings.metrics_listen, &settings.tls, &settings.public_url) {
        (None, Some(_), Some(public)) => public.clone(),
        (None, Some(_), None) => format!("https://localhost:{}", settings.listen.port()),
        (listen, ..) => format!("http://{}", reachable(listen.unwrap_or(settings.listen))),
    }
}

/// An address to connect to: a server that listens on all of them listens on that of this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_found_by_its_own_settings() {
        let url = |variables: &[(&str, &str)]| {
            let variables: Vec<_> = variables.iter().copied().chain([("HOME", "/users/me")]).collect();
            own_url(&Settings::load(&Flags::new(), &Environment::of(&variables), None).unwrap())
        };
        assert_eq!(url(&[]), "http://127.0.0.1:8780");
        assert_eq!(url(&[("REGISTRY_LISTEN", "0.0.0.0:80")]), "http://127.0.0.1:80");
        assert_eq!(url(&[("REGISTRY_LISTEN", "[::]:80")]), "http://[::1]:80");
        assert_eq!(url(&[("REGISTRY_METRICS_LISTEN", "0.0.0.0:9100")]), "http://127.0.0.1:9100");
        let tls = [("REGISTRY_TLS_CERT", "a"), ("REGISTRY_TLS_KEY", "b"), ("REGISTRY_PUBLIC_URL", "https://r.example")];
        assert_eq!(url(&tls), "https://r.example");
        assert_eq!(url(&tls[..2]), "https://localhost:8780");
    }
}
