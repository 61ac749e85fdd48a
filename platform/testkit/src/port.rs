//! Free ports, for servers whose port has to be known before they start.

use std::net::{TcpListener, UdpSocket};
use std::ops::Range;

/// Below the range from which Linux takes the ports of outgoing connections, one of which might get the port in the meantime:
/// [`ip_local_port_range`](https://docs.kernel.org/networking/ip-sysctl.html).
const PORTS: Range<u16> = 10_000..32_000;

/// A TCP port that is free and is given to no other test while this process lives.
///
/// # Panics
/// None was found.
#[must_use]
pub fn free_port() -> u16 {
    std::iter::repeat_with(|| fastrand::u16(PORTS))
        .take(1_000)
        .find(|port| reserve(*port) && TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// Reserves a port by its UDP counterpart, which nothing else uses here; it is released when this process ends, for whatever
/// reason.
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
    fn reserved_port_is_not_given() {
        let port = free_port();
        assert!(!reserve(port));
    }
}
