//! The control socket of an open shop: a Unix socket, named after the shell's port, through which a second
//! `cargo xtask up` renews it.
//!
//! Each message is one line of JSON: the shop sends [`ShopInfo`], the client a [`RenewRequest`] or nothing, the shop a
//! [`RenewResult`]. Only the same user may connect, because a request names programs to run.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use machine::{Error, Result, fail, step};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::protocol::{RenewRequest, RenewResult, ShopInfo};

/// A shop that is just being opened answers when it is ready.
const INFO_WITHIN: Duration = Duration::from_mins(1);
const REQUEST_WITHIN: Duration = Duration::from_secs(2);
const RENEWED_WITHIN: Duration = Duration::from_mins(2);

/// The shop's end. Its file is removed when it is dropped.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Opens it, and replaces the file of a shop that was killed.
    pub async fn open(shell: SocketAddr) -> Result<Self> {
        let path = path(shell);
        let failed = |error: io::Error| Error::at(&path, error);
        if path.exists() && UnixStream::connect(&path).await.is_err() {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        Ok(Self { listener, path })
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // The temporary folder may have been emptied.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Waits for the next client; for ever where there is no socket.
pub async fn accept(socket: Option<&ControlSocket>) -> Client {
    let Some(socket) = socket else {
        return std::future::pending().await;
    };
    loop {
        match socket.listener.accept().await {
            Ok((stream, _)) if is_me(&stream) => return Client(BufReader::new(stream)),
            Ok(_) => {}
            // For example too many open files, which may pass.
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// A client of the control socket.
#[derive(Debug)]
pub struct Client(BufReader<UnixStream>);

impl Client {
    /// Sends the shop's info and waits for a request. `None` where the client only wanted to know whether the shop is open.
    pub async fn request(&mut self, info: &ShopInfo) -> Option<RenewRequest> {
        send(&mut self.0, info).await.ok()?;
        timeout(REQUEST_WITHIN, receive(&mut self.0)).await.ok()?.ok()
    }

    /// Sends the result. A client that has left misses it.
    pub async fn answer(&mut self, outcome: &RenewResult) {
        let _ = timeout(REQUEST_WITHIN, send(&mut self.0, outcome)).await;
    }
}

/// A connection to an open shop.
#[derive(Debug)]
pub struct OpenShop {
    /// How it introduced itself.
    pub info: ShopInfo,
    stream: BufReader<UnixStream>,
}

/// Connects to the shop whose shell is at this address, if it is open.
pub async fn connect(shell: SocketAddr) -> Result<Option<OpenShop>> {
    let Ok(stream) = UnixStream::connect(path(shell)).await else {
        return Ok(None);
    };
    if !is_me(&stream) {
        return Ok(None);
    }
    let mut stream = BufReader::new(stream);
    match timeout(INFO_WITHIN, receive(&mut stream)).await {
        Ok(info) => Ok(info.ok().map(|info| OpenShop { info, stream })),
        Err(_) => fail("a shop is open, and its xtask does not answer. Stop that one first"),
    }
}

impl OpenShop {
    /// Sends a request, and prints what the shop did.
    pub async fn renew(mut self, request: &RenewRequest) -> Result<()> {
        step(&format!("renewing the open shop (xtask, process {})", self.info.pid));
        let exchange = async {
            send(&mut self.stream, request).await?;
            receive::<RenewResult>(&mut self.stream).await
        };
        let outcome = match timeout(RENEWED_WITHIN, exchange).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return fail(format!("the shop was closed before it was renewed ({error})")),
            Err(_) => return fail("the shop does not answer; see its terminal"),
        };
        for line in &outcome.lines {
            eprintln!("    {line}");
        }
        outcome.error.map_or(Ok(()), fail)
    }
}

/// The name has the user in it: users who share a temporary folder each have a shop of their own.
fn path(shell: SocketAddr) -> PathBuf {
    let user = rustix::process::geteuid().as_raw();
    let name = format!("stoa-{user}-{}.sock", shell.port());
    Path::new(&std::env::temp_dir()).join(name)
}

fn is_me(stream: &UnixStream) -> bool {
    let me = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == me)
}

async fn send(stream: &mut BufReader<UnixStream>, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.get_mut().write_all(&line).await
}

async fn receive<T: DeserializeOwned>(stream: &mut BufReader<UnixStream>) -> io::Result<T> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(serde_json::from_str(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Overlay, Table, Variables};
    use crate::workspace::Profile;

    fn somewhere() -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    }

    #[tokio::test]
    async fn closed_shop_is_not_found() {
        assert!(connect(somewhere()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn socket_of_a_killed_shop_is_replaced() {
        let shell = somewhere();
        drop(std::os::unix::net::UnixListener::bind(path(shell)).unwrap());
        assert!(connect(shell).await.unwrap().is_none());
        let socket = ControlSocket::open(shell).await.unwrap();
        assert!(ControlSocket::open(shell).await.is_err());
        let file = socket.path.clone();
        assert!(file.exists());
        drop(socket);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn request_reaches_the_shop_and_the_result_comes_back() {
        let shell = somewhere();
        let socket = ControlSocket::open(shell).await.unwrap();
        let host = async {
            let mut client = accept(Some(&socket)).await;
            let info = ShopInfo {
                pid: 7,
                root: "/here".into(),
                state: "/there".into(),
                table: Table::Local,
                overlay: Some(Overlay::StripeDouble),
            };
            send(&mut client.0, &info).await.unwrap();
            let request: RenewRequest = receive(&mut client.0).await.unwrap();
            assert_eq!(request.caller["STOA_STRIPE_KEY"], "sk_test");
            let outcome = RenewResult {
                lines: request.only,
                error: Some("broken".to_owned()),
            };
            client.answer(&outcome).await;
        };
        let caller = async {
            let open = connect(shell).await.unwrap().unwrap();
            assert_eq!(open.info.pid, 7);
            assert_eq!(open.info.recipe().overlay, Some(Overlay::StripeDouble));
            let request = RenewRequest {
                root: "/b".into(),
                target: "/b/target".into(),
                profile: Profile::Dev,
                only: vec!["checkout".to_owned()],
                fresh: false,
                caller: Variables::from([("STOA_STRIPE_KEY".to_owned(), "sk_test".to_owned())]),
            };
            open.renew(&request).await
        };
        let ((), renewed) = tokio::join!(host, caller);
        assert_eq!(renewed.unwrap_err().to_string(), "broken");
    }
}
