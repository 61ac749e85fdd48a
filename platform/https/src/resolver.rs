//! DNS resolution: names are resolved for each connection, so a name that changes its address later is noticed.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use errors::{Cause, Unanswered};
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::{NetworkAccess, is_public};

/// The system's resolver without the addresses that a client may not connect to.
#[derive(Clone, Debug)]
pub struct Resolver {
    system: GaiResolver,
    access: NetworkAccess,
}

/// A connector for the addresses that a client may connect to.
pub fn connector(access: NetworkAccess) -> HttpConnector<Resolver> {
    let system = GaiResolver::new();
    let mut connector = HttpConnector::new_with_resolver(Resolver { system, access });
    connector.enforce_http(false);
    connector
}

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = Unanswered;
    type Future = BoxFuture<'static, Result<IntoIter<SocketAddr>, Unanswered>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Unanswered>> {
        self.system.poll_ready(context).map_err(unresolved)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (access, found) = (self.access, self.system.call(name.clone()));
        Box::pin(async move {
            let is_allowed = |address: &SocketAddr| access == NetworkAccess::Any || is_public(address.ip());
            let allowed: Vec<_> = found.await.map_err(unresolved)?.filter(is_allowed).collect();
            if allowed.is_empty() {
                Err(Unanswered::new(format!("{name} does not resolve to a public address")))
            } else {
                Ok(allowed.into_iter())
            }
        })
    }
}

fn unresolved(error: io::Error) -> Unanswered {
    Unanswered::because(Cause::Dns, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(access: NetworkAccess) -> Result<usize, Unanswered> {
        let mut resolver = Resolver {
            system: GaiResolver::new(),
            access,
        };
        let found = resolver.call("localhost".parse().unwrap()).await;
        found.map(Iterator::count)
    }

    #[tokio::test]
    async fn name_with_an_internal_address_does_not_resolve() {
        assert!(resolve(NetworkAccess::Any).await.unwrap() > 0);
        let refused = resolve(NetworkAccess::PublicOnly).await.unwrap_err();
        assert!(
            refused.to_string().contains("does not resolve to a public address"),
            "{refused}"
        );
    }
}
