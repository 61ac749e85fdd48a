//! The origin of a request.

use http::uri::Authority;
use http::{HeaderMap, header};

/// Returns whether a request was made by a page of another origin. Browsers tell the origin
/// ([Fetch Metadata](https://www.w3.org/TR/fetch-metadata/), `Origin`); other programs do not, and are not cross-origin.
/// Values that cannot be parsed are cross-origin.
#[must_use]
pub fn is_cross_origin(headers: &HeaderMap) -> bool {
    let origins = || headers.get_all(header::ORIGIN).iter().map(http::HeaderValue::as_bytes);
    let mut sites = headers
        .get_all("sec-fetch-site")
        .iter()
        .map(http::HeaderValue::as_bytes)
        .peekable();
    if sites.peek().is_some() {
        // Such a browser may hide the origin by `null`.
        let is_readable = |origin: &[u8]| origin == b"null" || site(origin).is_some();
        return sites.any(|site| site != b"same-origin" && site != b"none") || !origins().all(is_readable);
    }
    let host = headers.get(header::HOST).and_then(|host| authority(host.as_bytes()));
    let is_own = |origin: &[u8]| {
        let (Some((default_port, from)), Some(host)) = (site(origin), &host) else {
            return false;
        };
        let port = |authority: &Authority| authority.port_u16().unwrap_or(default_port);
        from.host().eq_ignore_ascii_case(host.host()) && port(&from) == port(host)
    };
    !origins().all(is_own)
}

/// The default port and the authority of an origin.
fn site(origin: &[u8]) -> Option<(u16, Authority)> {
    let (port, rest) = match (origin.strip_prefix(b"http://"), origin.strip_prefix(b"https://")) {
        (Some(rest), _) => (80, rest),
        (_, Some(rest)) => (443, rest),
        _ => return None,
    };
    Some((port, authority(rest)?))
}

/// Parses a host with an optional port.
pub(crate) fn authority(text: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(text).ok()?;
    let is_plain = !authority.host().is_empty() && !authority.as_str().contains('@');
    let has_port = authority.as_str().len() > authority.host().len();
    (is_plain && (!has_port || authority.port_u16().is_some())).then_some(authority)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn cross_origin(lines: &[(&'static str, &[u8])]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        is_cross_origin(&headers)
    }

    #[test]
    fn origin_is_compared_with_the_host() {
        let host = ("host", &b"shop.example"[..]);
        assert!(!cross_origin(&[host]));
        for origin in [
            &b"https://shop.example"[..],
            b"http://shop.example",
            b"https://shop.example:443",
            b"https://SHOP.example",
        ] {
            assert!(!cross_origin(&[host, ("origin", origin)]), "{origin:?}");
        }
        for origin in [
            &b"https://elsewhere.example"[..],
            b"https://shop.example:8443",
            b"https://shop.example.elsewhere.example",
            b"https://shop.example@elsewhere.example",
            b"ftp://shop.example",
            b"null",
            b"",
            b"https://sh\xf6p.example",
            b"\xff",
        ] {
            assert!(cross_origin(&[host, ("origin", origin)]), "{origin:?}");
        }
        let own = ("origin", &b"https://shop.example"[..]);
        assert!(cross_origin(&[host, own, ("origin", b"https://elsewhere.example")]));
        assert!(cross_origin(&[own]), "of whom?");
    }

    #[test]
    fn fetch_metadata_takes_precedence_over_the_origin() {
        let said = |site: &'static [u8]| ("sec-fetch-site", site);
        assert!(!cross_origin(&[said(b"same-origin")]) && !cross_origin(&[said(b"none")]));
        assert!(
            !cross_origin(&[said(b"same-origin"), ("origin", b"null")]),
            "a private browser"
        );
        for site in [&b"cross-site"[..], b"same-site", b"\xff", b""] {
            assert!(cross_origin(&[said(site)]), "{site:?}");
        }
        assert!(cross_origin(&[said(b"same-origin"), said(b"cross-site")]));
        assert!(cross_origin(&[said(b"same-origin"), ("origin", b"\xff")]));
    }
}
