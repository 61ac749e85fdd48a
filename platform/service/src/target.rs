//! Checks of a request's target: the host, and the page that it comes from.

use axum::extract::Request;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};

use crate::Problem;
use crate::origin::{authority, is_cross_origin};

/// The host names that a part answers to.
///
/// IP addresses and `localhost` are always accepted: a page that resolves its own name to this machine
/// ([DNS rebinding](https://en.wikipedia.org/wiki/DNS_rebinding)) still sends that name.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<String>,
    /// The edge answers to all names if none is set
    is_edge: bool,
}

impl Hosts {
    pub(crate) fn new(names: &[String], is_edge: bool) -> Self {
        Self {
            names: names.to_vec(),
            is_edge,
        }
    }

    fn has(&self, host: &Authority) -> bool {
        let name = host.host();
        let is_address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
        let is_any = self.is_edge && self.names.is_empty();
        is_any
            || is_address
            || name.eq_ignore_ascii_case("localhost")
            || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Reduces the request target to path and query with one `Host` header, whichever form the request has
/// ([RFC 9112, 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)), and refuses requests for other hosts and requests
/// of other sites' pages.
pub(crate) fn normalize(request: &mut Request, hosts: &Hosts) -> Result<(), Problem> {
    let host = host(request)?;
    if let Some(host) = &host {
        if !hosts.has(host) {
            return Err(misdirected());
        }
        let value = HeaderValue::from_str(host.as_str()).map_err(|_| malformed("Host"))?;
        request.headers_mut().insert(header::HOST, value);
    }
    *request.uri_mut() = origin_form(request.uri()).ok_or_else(|| malformed("request target"))?;
    let headers = request.headers();
    // Another site's page must not change anything, nor open a socket, in the name of a visitor. Behind the edge it may not
    // even read. A link from another site, for example a bank, is allowed: browsers send no `Origin` with it.
    let acts = !request.method().is_safe() || headers.contains_key(header::UPGRADE);
    let asks = !hosts.is_edge && headers.contains_key(header::ORIGIN);
    if (acts || asks) && is_cross_origin(headers) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "cross-site",
            "Cross-site request refused",
        ));
    }
    Ok(())
}

/// The host that the request is addressed to. The host of an absolute URI takes precedence over the header.
fn host(request: &Request) -> Result<Option<Authority>, Problem> {
    let uri = request.uri();
    if *request.method() == Method::CONNECT {
        return Err(malformed("request target"));
    }
    let named = named(request.headers())?;
    if let Some(authority) = uri.authority() {
        let is_web = uri
            .scheme()
            .is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let is_plain = is_web && !authority.as_str().contains('@');
        return is_plain
            .then(|| Some(authority.clone()))
            .ok_or_else(|| malformed("request target"));
    }
    // HTTP/1.0 has no `Host`.
    if named.is_none() && request.version() > Version::HTTP_10 {
        return Err(malformed("Host"));
    }
    Ok(named)
}

fn named(headers: &HeaderMap) -> Result<Option<Authority>, Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else { return Ok(None) };
    let host = authority(host.as_bytes()).filter(|_| hosts.next().is_none());
    host.map(Some).ok_or_else(|| malformed("Host"))
}

fn origin_form(uri: &Uri) -> Option<Uri> {
    let target = uri.path_and_query()?;
    match target.as_str().as_bytes().first() {
        Some(b'/') => Some(target.clone().into()),
        // An absolute URI may have no path.
        Some(b'?') => format!("/{target}").parse().ok(),
        _ => None,
    }
}

fn malformed(what: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed-request", "Malformed request")
        .detail(format!("The {what} cannot be understood."))
}

fn misdirected() -> Problem {
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", "Misdirected request")
        .detail("This server does not answer to that name.")
}
