//! The edge: which clients and operators connect to it, and which of their headers are not trusted.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use ipnet::IpNet;

use crate::context::INTERNAL_HEADERS;
use crate::forwarded::{self, Forwarded};
use crate::trace::Tracer;
use crate::{Context, Settings};

/// Networks that are known at the edge.
#[derive(Debug)]
pub(super) struct Edge {
    proxies: Vec<IpNet>,
    operators: Vec<IpNet>,
}

impl Edge {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            proxies: settings.trusted_proxies.clone(),
            operators: settings.operators.clone(),
        }
    }

    /// Starts a context for a client, and removes the headers that only parts may send.
    pub(super) fn begin(&self, request: &mut Request, tracer: &Tracer) -> Context {
        let peer = peer(request);
        let headers = request.headers_mut();
        let forwarded = Forwarded::at_the_edge(peer, headers, &self.proxies);
        for name in INTERNAL_HEADERS {
            headers.remove(name);
        }
        for name in &forwarded::HEADERS {
            headers.remove(name);
        }
        Context::begin(forwarded, tracer)
    }

    /// Returns whether a request comes from an operator's address. A request that a proxy forwards without naming its client
    /// may come from anyone.
    pub(super) fn is_operators(&self, request: &Request) -> bool {
        let (peer, headers) = (peer(request), request.headers());
        let client = Forwarded::at_the_edge(peer, headers, &self.proxies).client;
        let is_passed_on = forwarded::HEADERS.iter().any(|name| headers.contains_key(name));
        let is_hidden = is_passed_on && client == Some(peer.to_canonical());
        !is_hidden && client.is_some_and(|client| self.operators.iter().any(|network| network.contains(&client)))
    }
}

/// The peer of the connection.
fn peer(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.expect("the server says who is connected").ip()
}
