//! The `Forwarded` header ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)), by which parts tell each other the client
//! that a request is made for: `forwarded: for=192.0.2.1;proto=https`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::{IpNet, Ipv6Net};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that describe the client and may have been set before the edge.
pub(crate) const HEADERS: [HeaderName; 3] = [header::FORWARDED, X_FORWARDED_FOR, X_FORWARDED_PROTO];

/// What is known of the client.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Forwarded {
    /// Its address; `None` if the request is not made for a client.
    pub(crate) client: Option<IpAddr>,
    /// Whether it uses TLS.
    pub(crate) is_secure: bool,
}

/// What one proxy says of the hop before it.
#[derive(Clone, Copy, Debug, Default)]
struct Hop {
    from: Option<IpAddr>,
    is_secure: bool,
}

impl Forwarded {
    /// Reads the header behind the edge, where the caller is a part, which is trusted.
    pub(crate) fn of_caller(headers: &HeaderMap) -> Self {
        let last = forwarded(headers).first().copied().unwrap_or_default();
        Self {
            client: last.from,
            is_secure: last.is_secure,
        }
    }

    /// Determines the client at the edge: the peer of the connection, or, if that is one of the `proxies`, the client that it
    /// names. A proxy that sets only one of the two kinds of headers passes on the other as the client sent it, so if they
    /// differ, neither is trusted.
    pub(crate) fn at_the_edge(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let standard = walk(peer, &forwarded(headers), proxies);
        let usual = walk(peer, &x_forwarded(headers), proxies);
        let has = |names: &[HeaderName]| names.iter().any(|name| headers.contains_key(name));
        match (has(&HEADERS[..1]), has(&HEADERS[1..2])) {
            (true, true) if standard.client != usual.client => Self::direct(peer),
            (true, _) => standard,
            (false, _) => usual,
        }
    }

    fn direct(peer: IpAddr) -> Self {
        Self {
            client: Some(peer),
            is_secure: false,
        }
    }

    /// The header for the next part.
    pub(crate) fn header(self) -> Option<HeaderValue> {
        let proto = if self.is_secure { ";proto=https" } else { "" };
        let text = match self.client? {
            IpAddr::V4(address) => format!("for={address}{proto}"),
            IpAddr::V6(address) => format!("for=\"[{address}]\"{proto}"),
        };
        HeaderValue::try_from(text).ok()
    }
}

/// The addresses of one subscriber: one of IPv4, a /64 of IPv6 ([RFC 6177](https://www.rfc-editor.org/rfc/rfc6177)).
pub(crate) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).network().into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Follows the hops from the nearest to the farthest as long as each is one of the `proxies`.
fn walk(peer: IpAddr, hops: &[Hop], proxies: &[IpNet]) -> Forwarded {
    let mut client = Forwarded::direct(peer);
    for hop in hops {
        let is_proxy = client
            .client
            .is_some_and(|address| proxies.iter().any(|proxy| proxy.contains(&address)));
        let Some(from) = hop.from.filter(|_| is_proxy) else {
            break;
        };
        client = Forwarded {
            client: Some(from),
            is_secure: hop.is_secure,
        };
    }
    client
}

/// The hops of `Forwarded`, the nearest first.
fn forwarded(headers: &HeaderMap) -> Vec<Hop> {
    elements(headers, &header::FORWARDED).map(hop).collect()
}

/// The hops of `X-Forwarded-For`, the nearest first.
fn x_forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let proto = elements(headers, &X_FORWARDED_PROTO).next().unwrap_or_default();
    let is_secure = proto.eq_ignore_ascii_case(b"https");
    elements(headers, &X_FORWARDED_FOR)
        .map(|element| Hop {
            from: node(element),
            is_secure,
        })
        .collect()
}

/// The elements of a list, the last first. No address contains a comma, quoted or not; and a client that leaves a quote open
/// must not hide what the next proxy says.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let lines = lines.into_iter().rev().map(HeaderValue::as_bytes);
    lines.flat_map(|line| line.rsplit(|byte| *byte == b',').map(<[u8]>::trim_ascii))
}

fn hop(element: &[u8]) -> Hop {
    let mut hop = Hop::default();
    for pair in element.split(|byte| *byte == b';') {
        let mut halves = pair.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        if name.eq_ignore_ascii_case(b"for") {
            hop.from = node(value);
        } else if name.eq_ignore_ascii_case(b"proto") {
            hop.is_secure = unquoted(value).eq_ignore_ascii_case(b"https");
        }
    }
    hop
}

/// Parses an address with or without brackets and port; `None` for `unknown` and for obfuscated names.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(unquoted(text)).ok()?;
    let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = address.unwrap_or(text).parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn unquoted(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(HeaderName, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    fn at_the_edge(peer: &str, lines: &[(HeaderName, &[u8])]) -> (String, bool) {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let client = Forwarded::at_the_edge(peer.parse().unwrap(), &headers(lines), &proxies);
        (client.client.unwrap().to_string(), client.is_secure)
    }

    #[test]
    fn client_is_passed_on_to_the_next_part() {
        for (client, is_secure) in [("192.0.2.1", true), ("192.0.2.1", false), ("2001:db8::1", true)] {
            let said = Forwarded {
                client: Some(client.parse().unwrap()),
                is_secure,
            };
            let header = said.header().unwrap();
            let heard = Forwarded::of_caller(&headers(&[(header::FORWARDED, header.as_bytes())]));
            assert_eq!(heard, said);
        }
        assert_eq!(Forwarded::of_caller(&HeaderMap::new()), Forwarded::default());
    }

    #[test]
    fn headers_of_untrusted_peers_are_ignored() {
        for (name, value) in [
            (header::FORWARDED, &b"for=192.0.2.7;proto=https"[..]),
            (X_FORWARDED_FOR, b"192.0.2.7"),
        ] {
            assert_eq!(
                at_the_edge("203.0.113.9", &[(name, value)]),
                ("203.0.113.9".into(), false)
            );
        }
    }

    #[test]
    fn trusted_proxy_names_its_client() {
        let forwarded = |value| at_the_edge("10.0.0.1", &[(header::FORWARDED, value)]);
        for (value, client, is_secure) in [
            (&b"for=192.0.2.7"[..], "192.0.2.7", false),
            (b"For=\"192.0.2.7:4711\"; Proto=HTTPS;by=10.0.0.1", "192.0.2.7", true),
            (b"for=\"[2001:db8::1]:80\";proto=\"https\"", "2001:db8::1", true),
            (b"for=192.0.2.1, for=192.0.2.7;proto=https", "192.0.2.7", true),
            (b"for=\", for=192.0.2.7", "192.0.2.7", false),
            (b"for=192.0.2.7;proto=https, for=10.2.3.4;proto=http", "192.0.2.7", true),
            (b"for=unknown", "10.0.0.1", false),
            (b"for=192.0.2.7, for=_hidden", "10.0.0.1", false),
            (b"for=\xff\xfe", "10.0.0.1", false),
            (b"", "10.0.0.1", false),
        ] {
            let text = String::from_utf8_lossy(value);
            assert_eq!(forwarded(value), (client.into(), is_secure), "{text}");
        }
        let before = (X_FORWARDED_FOR, &b"192.0.2.1, 192.0.2.7"[..]);
        assert_eq!(
            at_the_edge("10.0.0.1", std::slice::from_ref(&before)),
            ("192.0.2.7".into(), false)
        );
        let https = (X_FORWARDED_PROTO, &b"https"[..]);
        assert_eq!(at_the_edge("fd00::1", &[before, https]), ("192.0.2.7".into(), true));
        assert_eq!(at_the_edge("::ffff:10.0.0.1", &[]), ("10.0.0.1".into(), false));
    }

    #[test]
    fn contradicting_headers_of_a_proxy_are_ignored() {
        let both =
            |standard, usual| at_the_edge("10.0.0.1", &[(header::FORWARDED, standard), (X_FORWARDED_FOR, usual)]);
        assert_eq!(both(b"for=198.51.100.1", b"192.0.2.7"), ("10.0.0.1".into(), false));
        assert_eq!(
            both(b"for=192.0.2.7;proto=https", b"192.0.2.7"),
            ("192.0.2.7".into(), true)
        );
    }

    #[test]
    fn clients_are_counted_by_ipv4_address_or_ipv6_network() {
        for (client, counted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(network(client.parse().unwrap()).to_string(), counted);
        }
    }
}
