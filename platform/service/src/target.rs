//! What a request is about: an address of this part, asked by its own pages or by no page at all.

use axum::extract::Request;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};

use crate::Problem;
use crate::origin::{authority, is_foreign};

/// The names that a part answers to.
///
/// An address, or `localhost`, is always one: a page that points its own name at this machine
/// ([DNS rebinding](https://en.wikipedia.org/wiki/DNS_rebinding)) still speaks of itself by that name.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<String>,
    /// Whether it answers to all of them while none is named
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

/// Leaves path and query as the target and one `Host`, whichever way the request says them
/// ([RFC 9112, 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)), and refuses what is not meant for this part:
/// other hosts, and what other sites' pages do.
pub(crate) fn settle(request: &mut Request, hosts: &Hosts) -> Result<(), Problem> {
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
    // A form on somebody else's page must not act in somebody's name, nor a socket listen in it. Behind the edge no
    // page has anything to ask at all; a link may lead there, to a bank, say, and a browser says no origin then.
    let acts = !request.method().is_safe() || headers.contains_key(header::UPGRADE);
    let asks = !hosts.is_edge && headers.contains_key(header::ORIGIN);
    if (acts || asks) && is_foreign(headers) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "cross-site",
            "Cross-site request refused",
        ));
    }
    Ok(())
}

/// Whom the request is addressed to. A whole URI says it better than a `Host` beside it.
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
    // Before HTTP/1.1 there was none.
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
        // A whole URI may leave the path out.
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
