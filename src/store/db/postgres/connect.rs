//! Opens connections.

use std::path::Path;

use postgres_driver::{Client, NoTls};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::address::{DatabaseAddress, Encryption};
use super::failure::Error;
use super::tls::Tls;

/// What every connection is set to. A node that is stopped in the middle of a transaction must not keep all others from
/// writing, and whoever waits longer for its turn is told so. The driver reads times and numbers as they are written by
/// default.
const SETTINGS: &str = "SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = warning; SET standard_conforming_strings = on; SET bytea_output = hex";

/// Connects, and sets the connection up. A password that is refused is read once more: it may have been changed.
pub(super) fn connect(address: &DatabaseAddress) -> Result<Client, Error> {
    let mut client = match connect_once(address) {
        Err(error) if error.is_of_password() && address.has_new_password() => connect_once(address)?,
        connected => connected?,
    };
    client.batch_execute(SETTINGS)?;
    Ok(client)
}

fn connect_once(address: &DatabaseAddress) -> Result<Client, Error> {
    let config = address.config();
    let connected = match &address.encryption {
        Encryption::None => config.connect(NoTls),
        Encryption::IfPossible | Encryption::Always => config.connect(Tls::unverified().map_err(unfit)?),
        Encryption::Verified(roots) => config.connect(Tls::verified(trusted(roots.as_deref())?).map_err(unfit)?),
    };
    connected.map_err(Error::of_connecting)
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
