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

/// Connects, and looks whether the database keeps texts as the registry has them.
pub(super) fn connect(address: &DatabaseAddress) -> Result<Client, Error> {
    let mut client = match &address.encryption {
        Encryption::None => address.config.connect(NoTls)?,
        Encryption::IfPossible | Encryption::Always => address.config.connect(Tls::unverified().map_err(unfit)?)?,
        Encryption::Verified(roots) => {
            address.config.connect(Tls::verified(trusted(roots.as_deref())?).map_err(unfit)?)?
        }
    };
    client.batch_execute(SETTINGS)?;
    Ok(client)
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
