//! Ports for servers that are told theirs before they listen.

use std::net::{TcpListener, UdpSocket};
use std::ops::Range;

/// Below those that Linux gives to whoever asks for any, which a connection of somebody else's might be given just
/// now: [`ip_local_port_range`](https://docs.kernel.org/networking/ip-sysctl.html).
const PORTS: Range<u16> = 10_000..32_000;

/// A port where nobody listens, and that no other test is given while this process lives.
///
/// # Panics
/// None is found.
#[must_use]
pub fn free_port() -> u16 {
    std::iter::repeat_with(|| fastrand::u16(PORTS))
        .take(1_000)
        .find(|port| reserve(*port) && TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// By the port of the same number for datagrams, which nobody else here uses; it is free again when this process ends,
/// however that ends.
fn reserve(port: u16) -> bool {
    UdpSocket::bind(("127.0.0.1", port)).map(std::mem::forget).is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let ports: BTreeSet<_> = (0..100).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 100);
    }

    #[test]
    fn a_port_that_somebody_has_is_not_given() {
        let port = free_port();
        assert!(!reserve(port));
    }
}
