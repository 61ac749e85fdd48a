//! HTTPS client for hosts outside of the shop.
//!
//! `service::Client` has no TLS, since the parts of a shop do not need it among themselves, and a process cannot enable TLS
//! for one `reqwest` client without enabling it for all. This client is hyper with rustls and ring. It trusts Mozilla's root
//! certificates and those that an operator adds, follows no redirect, and sets no timeout: that is up to the caller.
//!
//! Invariants: a client with [`NetworkAccess::PublicOnly`] connects to public addresses only, checked at each connection. For
//! an `https` address, the server's certificate must match the host name.

#![warn(missing_docs)]

mod public;
mod resolver;

pub use errors::Unanswered;
pub use public::{is_internal_host, is_public};

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use errors::Cause;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use resolver::Resolver;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};

/// Settings of outgoing HTTPS, to be flattened into a part's own.
// The group needs a name of its own: the default is the type's name, and every part has `Settings`.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "HttpsSettings")]
pub struct Settings {
    /// File of additional root certificates (PEM) to trust besides Mozilla's
    #[arg(long, env = "STOA_EXTRA_ROOTS")]
    pub extra_roots: Option<PathBuf>,
}

/// Why a client cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file of additional root certificates cannot be used.
    #[error("{0}: no certificates in PEM")]
    Roots(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// The TLS library cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// An HTTPS client. Clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    client: legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    access: NetworkAccess,
}

/// Which hosts a client may connect to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NetworkAccess {
    /// Any host: the shop's operators have chosen the address.
    Any,
    /// Public addresses only: somebody else has chosen the address.
    PublicOnly,
}

impl Client {
    /// Creates a client that may connect to any host.
    ///
    /// # Errors
    /// The file of additional root certificates cannot be read or contains none.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        Self::with_access(settings, NetworkAccess::Any)
    }

    /// Creates a client with restricted access.
    ///
    /// # Errors
    /// See [`Client::new`].
    pub fn with_access(settings: &Settings, access: NetworkAccess) -> Result<Self, SetupError> {
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(settings.extra_roots.as_deref())?)
            .with_no_client_auth();
        // Plain HTTP is used only where the address says so: for a double, or a neighbour on this machine.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .wrap_connector(resolver::connector(access));
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, access })
    }

    /// Sends a request and returns the response once its headers have arrived. There is no timeout.
    ///
    /// # Errors
    /// There is no response, the host is not allowed, or its certificate is not trusted.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Unanswered> {
        // Names are checked when they are resolved; an IP address is never resolved, so it is checked here.
        let host = request.uri().host().unwrap_or_default();
        if self.access == NetworkAccess::PublicOnly && is_internal_host(host) {
            return Err(Unanswered::new(format!("{host} is not a public address")));
        }
        self.client.request(request).await.map_err(unanswered)
    }
}

fn roots(extra: Option<&Path>) -> Result<RootCertStore, SetupError> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let Some(path) = extra else { return Ok(roots) };
    let invalid = |error| SetupError::Roots(path.to_owned(), error);
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| invalid(error.into()))? {
        let certificate = certificate.map_err(|error| invalid(error.into()))?;
        roots.add(certificate).map_err(|error| invalid(error.into()))?;
    }
    match roots.len() - before {
        0 => Err(invalid("the file contains none".into())),
        _ => Ok(roots),
    }
}

/// The only place that knows rustls' error type.
fn unanswered(error: legacy::Error) -> Unanswered {
    if errors::has::<rustls::Error>(&error) {
        Unanswered::because(Cause::Tls, error)
    } else {
        Unanswered::new(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_without_root_certificates_is_an_error() {
        assert!(Client::new(&Settings::default()).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (name, text) in [("missing", None), ("empty", Some("")), ("broken", Some(broken))] {
            let path = folder.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let extra_roots = Some(path);
            let invalid = Client::new(&Settings { extra_roots }).unwrap_err();
            let text = errors::chain(&invalid).to_string();
            assert!(
                text.contains(name) && text.contains("no certificates in PEM: "),
                "{text}"
            );
        }
    }
}
