//! Free ports, and which process uses a port.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::Path;

use machine::{Error, Result};

/// Below those that Linux gives to connections, which might take one before a part comes back to it:
/// [`ip_local_port_range`](https://docs.kernel.org/networking/ip-sysctl.html).
const PORTS: Range<u16> = 10_000..32_000;

/// Holds a free port until it is dropped.
pub fn hold(address: IpAddr) -> Result<(SocketAddr, TcpListener)> {
    std::iter::repeat_with(|| SocketAddr::from((address, fastrand::u16(PORTS))))
        .take(1_000)
        .find_map(|free| TcpListener::bind(free).ok().map(|listener| (free, listener)))
        .ok_or_else(|| Error(format!("no free port at {address}")))
}

/// Free ports, no two the same.
pub fn free<const COUNT: usize>(address: Ipv4Addr) -> Result<[u16; COUNT]> {
    let mut ports = [0; COUNT];
    // All are held until the last is found, so that no two are the same.
    let mut held = Vec::new();
    for port in &mut ports {
        let (found, listener) = hold(address.into())?;
        *port = found.port();
        held.push(listener);
    }
    Ok(ports)
}

/// Which process uses this address; `None` if it is free.
pub fn taken(address: SocketAddr) -> Option<String> {
    let error = TcpListener::bind(address).err()?;
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return Some(error.to_string());
    }
    Some(match holder(address.port()) {
        Some((pid, name)) => format!("taken by process {pid} ({name})"),
        None => "taken by another process".to_owned(),
    })
}

/// Linux lists listening sockets in [`/proc/net/tcp`](https://docs.kernel.org/networking/proc_net_tcp.html).
fn holder(port: u16) -> Option<(u32, String)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let socket = tables
        .iter()
        .flat_map(|table| table.lines())
        .find_map(|line| listening(line, port))?;
    let link = format!("socket:[{socket}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        holds(&process.path().join("fd"), &link).then(|| {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            (pid, name.trim().to_owned())
        })
    })
}

/// The inode of the socket, if this line is about a listener on the port.
fn listening(line: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    let mut fields = line.split_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    (state == LISTEN && local.ends_with(&format!(":{port:04X}"))).then_some(inode)
}

fn holds(descriptors: &Path, link: &str) -> bool {
    let Ok(descriptors) = descriptors.read_dir() else {
        return false;
    };
    descriptors
        .flatten()
        .any(|file| fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == link))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let words = taken(listener.local_addr().unwrap()).unwrap();
        assert!(words.contains(&std::process::id().to_string()), "{words}");
    }

    #[test]
    fn a_free_port_is_free() {
        let (address, held) = hold(Ipv4Addr::LOCALHOST.into()).unwrap();
        assert!(taken(address).is_some());
        drop(held);
        assert_eq!(taken(address), None);
    }
}
