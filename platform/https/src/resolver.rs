//! What names lead to: looked at for each connection, so that a name which leads elsewhere later is found out.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use errors::{Cause, Unanswered};
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::{Reach, is_public};

/// The system's resolver, without what is beyond a client's reach.
#[derive(Clone, Debug)]
pub struct Resolver {
    system: GaiResolver,
    reach: Reach,
}

/// Connects to what is within reach.
pub fn connector(reach: Reach) -> HttpConnector<Resolver> {
    let system = GaiResolver::new();
    let mut connector = HttpConnector::new_with_resolver(Resolver { system, reach });
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
        let (reach, found) = (self.reach, self.system.call(name.clone()));
        Box::pin(async move {
            let is_within = |address: &SocketAddr| reach == Reach::Anywhere || is_public(address.ip());
            let within: Vec<_> = found.await.map_err(unresolved)?.filter(is_within).collect();
            if within.is_empty() {
                Err(Unanswered::new(format!("{name} does not lead outside of the shop")))
            } else {
                Ok(within.into_iter())
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

    async fn resolve(reach: Reach) -> Result<usize, Unanswered> {
        let mut resolver = Resolver {
            system: GaiResolver::new(),
            reach,
        };
        let found = resolver.call("localhost".parse().unwrap()).await;
        found.map(Iterator::count)
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere() {
        assert!(resolve(Reach::Anywhere).await.unwrap() > 0);
        let refused = resolve(Reach::Outside).await.unwrap_err();
        assert!(refused.to_string().contains("does not lead outside"), "{refused}");
    }
}
