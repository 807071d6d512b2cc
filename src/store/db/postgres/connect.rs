//! Opens connections.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::Poll;

use postgres_driver::{Client, Connection, NoTls, SimpleQueryMessage, Socket};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncWrite};

use super::address::{DatabaseAddress, Encryption};
use super::failure::Error;
use super::tls::Tls;

/// What every connection is set to. A node that is stopped in the middle of a transaction must not keep all others from
/// writing, and whoever waits longer for its turn is told so. The driver reads times and numbers as they are written by
/// default. The answer is the number of the process that the server has for the connection.
const SETTINGS: &str = "SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = warning; SET standard_conforming_strings = on; SET bytea_output = hex;
    SELECT pg_backend_pid()";

/// What sends and receives on a connection: nothing happens on it but while this is polled.
pub(super) type Traffic = Pin<Box<dyn Future<Output = Result<(), postgres_driver::Error>> + Send>>;

/// A connection that is open.
pub(super) struct Opened {
    pub(super) client: Client,
    /// None once it has ended.
    pub(super) traffic: Option<Traffic>,
    /// The number of the process that the server has for it.
    pub(super) process: i32,
}

/// Connects, and sets the connection up. A password that is refused is read once more: it may have been changed.
pub(super) async fn open(address: &DatabaseAddress) -> Result<Opened, Error> {
    let (client, traffic) = match connect(address).await {
        Err(error) if error.is_of_password() && address.has_new_password() => connect(address).await?,
        connected => connected?,
    };
    let mut opened = Opened { client, traffic: Some(traffic), process: 0 };
    let answers = answer(&mut opened.traffic, opened.client.simple_query(SETTINGS)).await?;
    let process = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    opened.process = process.ok_or_else(|| Error::Unfit("it does not say which process serves a connection".into()))?;
    Ok(opened)
}

/// What `asking` gives, while its connection sends and receives.
pub(super) async fn answer<T>(
    traffic: &mut Option<Traffic>,
    asking: impl Future<Output = Result<T, postgres_driver::Error>>,
) -> Result<T, postgres_driver::Error> {
    let mut asking = pin!(asking);
    poll_fn(|context| {
        if let Some(open) = traffic
            && let Poll::Ready(ended) = open.as_mut().poll(context)
        {
            *traffic = None;
            // It says more than that the connection is closed.
            ended?;
        }
        asking.as_mut().poll(context)
    })
    .await
}

fn parts<S>((client, connection): (Client, Connection<Socket, S>)) -> (Client, Traffic)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    (client, Box::pin(connection))
}

async fn connect(address: &DatabaseAddress) -> Result<(Client, Traffic), Error> {
    let config = address.config();
    let told = Error::of_connecting;
    match &address.encryption {
        Encryption::None => Ok(parts(config.connect(NoTls).await.map_err(told)?)),
        Encryption::IfPossible | Encryption::Always => {
            Ok(parts(config.connect(Tls::unverified().map_err(unfit)?).await.map_err(told)?))
        }
        Encryption::Verified(roots) => {
            let tls = Tls::verified(trusted(roots.as_deref())?).map_err(unfit)?;
            Ok(parts(config.connect(tls).await.map_err(told)?))
        }
    }
}

fn unfit(error: impl ToString) -> Error {
    Error::Unfit(error.to_string())
}

/// The certificates that are trusted: those in `file`, or those of the system.
fn trusted(file: Option<&Path>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let told = |problem: String| Error::Unfit(format!("the certificates in {}: {problem}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| told(error.to_string()))? {
                let certificate = certificate.map_err(|error| told(error.to_string()))?;
                roots.add(certificate).map_err(|error| told(error.to_string()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}
