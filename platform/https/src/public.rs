//! Public and internal addresses. A third party that may name an address to be called must not reach the shop's own
//! machines or their network by it ([server-side request
//! forgery](https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns whether an address is globally reachable: not of this machine, of a private network or of a reserved range
/// ([IANA's registry](https://www.iana.org/assignments/iana-ipv4-special-registry)).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_set_aside = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!(
            (first, second, third),
            (0 | 224.., ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
        );
    !is_set_aside
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, rest @ .., high, low] = address.segments();
    let has_zeros = rest == [0, 0, 0];
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (first, second) {
        // An embedded IPv4 address: IPv4-mapped, NAT64, 6to4.
        (0, 0) if third == 0 && rest == [0, 0, 0xffff] => is_public_v4(v4(high, low)),
        (0x64, 0xff9b) if third == 0 && has_zeros => is_public_v4(v4(high, low)),
        (0x2002, second) => is_public_v4(v4(second, third)),
        // Teredo, benchmarks, ORCHID; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        _ => (0x2000..0x4000).contains(&first),
    }
}

/// Returns whether a host, as written in a URL, is internal for certain: an address that is not public, or a name that does
/// not exist outside of a network, such as `localhost` or `db.internal`. Other names are checked when they are resolved.
#[must_use]
pub fn is_internal_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        return !is_public(address);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || matches!(last, "localhost" | "local" | "internal" | "lan" | "home" | "test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_addresses_are_not_public() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "3fff::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
            assert!(is_internal_host(inside), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "2002:808:808::",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn names_of_internal_networks_are_internal_hosts() {
        for inside in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "orders",
            "db.internal",
            "nas.local",
            "[::1]",
        ] {
            assert!(is_internal_host(inside), "{inside}");
        }
        for outside in ["example.org", "hooks.example.org.", "8.8.8.8", "[2606:4700::1111]"] {
            assert!(!is_internal_host(outside), "{outside}");
        }
    }
}
