//! HTTP with the world outside of the shop.
//!
//! Not the chassis' client: that one has no TLS, since the parts of a shop need none among themselves, and a process
//! cannot have one of its reqwest clients with TLS without giving it to all of them. This one is hyper with rustls and
//! ring. It believes Mozilla's roots and those that an operator adds, follows no redirect, and leaves it to the caller
//! how long to wait.
//!
//! Invariant: what is called in the name of others ([`Client::guarded`]) is public, whatever a name leads to at that moment.
//! What has an https address goes to whom the address names, or nowhere.

#![warn(missing_docs)]

mod public;
mod resolver;

pub use errors::Unanswered;
pub use public::{is_inside, is_public};

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

/// Settings of the world outside, to be flattened into a part's own.
// Not by its own name: every part has settings.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "HttpsSettings")]
pub struct Settings {
    /// File of further certificates (PEM) that are believed to sign for others, besides Mozilla's
    #[arg(long, env = "STOA_EXTRA_ROOTS")]
    pub extra_roots: Option<PathBuf>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The file of further roots.
    #[error("{0}: no certificates in PEM")]
    Roots(PathBuf, #[source] Box<dyn Error + Send + Sync>),
    /// The TLS library.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// A client. Its clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    client: legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    reach: Reach,
}

/// Whom a client may call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Anybody: whoever runs the shop has chosen the address.
    Anywhere,
    /// Who is outside: somebody else has chosen it.
    Outside,
}

impl Client {
    /// One that believes whom the settings say.
    ///
    /// # Errors
    /// The file of further roots cannot be read, or has none.
    pub fn new(settings: &Settings) -> Result<Self, Unfit> {
        Self::guarded(settings, Reach::Anywhere)
    }

    /// The same, which calls nobody beyond this reach.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn guarded(settings: &Settings, reach: Reach) -> Result<Self, Unfit> {
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(settings.extra_roots.as_deref())?)
            .with_no_client_auth();
        // Plain HTTP only where the address says so: a double, or a neighbour on this machine.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .wrap_connector(resolver::connector(reach));
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, reach })
    }

    /// Sends, and gives the answer as soon as it has begun.
    ///
    /// # Errors
    /// There is none, or it is not whom the address names.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Unanswered> {
        // A name is looked at when it is resolved; an address is not resolved at all.
        let host = request.uri().host().unwrap_or_default();
        if self.reach == Reach::Outside && is_inside(host) {
            return Err(Unanswered::new(format!("{host} is not outside of the shop")));
        }
        self.client.request(request).await.map_err(unanswered)
    }
}

fn roots(extra: Option<&Path>) -> Result<RootCertStore, Unfit> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let Some(path) = extra else { return Ok(roots) };
    let unfit = |error| Unfit::Roots(path.to_owned(), error);
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unfit(error.into()))? {
        let certificate = certificate.map_err(|error| unfit(error.into()))?;
        roots.add(certificate).map_err(|error| unfit(error.into()))?;
    }
    match roots.len() - before {
        0 => Err(unfit("there is none".into())),
        _ => Ok(roots),
    }
}

/// rustls' own errors are known here alone.
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
    fn a_file_without_roots_is_told_at_the_start() {
        assert!(Client::new(&Settings::default()).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (name, text) in [("missing", None), ("empty", Some("")), ("broken", Some(broken))] {
            let path = folder.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let extra_roots = Some(path);
            let unfit = Client::new(&Settings { extra_roots }).unwrap_err();
            let text = errors::chain(&unfit).to_string();
            assert!(
                text.contains(name) && text.contains("no certificates in PEM: "),
                "{text}"
            );
        }
    }
}
