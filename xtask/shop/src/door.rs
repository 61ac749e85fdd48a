//! Where an open shop hears from a second `cargo xtask up`: a Unix socket named after the shell's address.
//!
//! One line each way and the answer, all JSON: the shop greets, the visitor wishes or leaves, the shop tells what
//! it did. Only the same user is listened to, for a wish names programs to run.

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

use crate::wish::{Greeting, Outcome, Wish};

/// A shop that is just being opened greets when it is ready.
const GREETING_WITHIN: Duration = Duration::from_mins(1);
const WISH_WITHIN: Duration = Duration::from_secs(2);
const RENEWED_WITHIN: Duration = Duration::from_mins(2);

/// The shop's side; gone from the file system when it is dropped.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Opens it, in the place of one that a killed shop left behind.
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

impl Drop for Door {
    fn drop(&mut self) {
        // It may have been swept away with the temporary folder.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The next visitor; without a door, nobody ever.
pub async fn next(door: Option<&Door>) -> Guest {
    let Some(door) = door else {
        return std::future::pending().await;
    };
    loop {
        match door.listener.accept().await {
            Ok((stream, _)) if is_me(&stream) => return Guest(BufReader::new(stream)),
            Ok(_) => {}
            // Out of descriptors, say: it may pass.
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// A visitor at the door.
#[derive(Debug)]
pub struct Guest(BufReader<UnixStream>);

impl Guest {
    /// Greets, and hears what is wanted; most only look whether the shop is open.
    pub async fn wish(&mut self, greeting: &Greeting) -> Option<Wish> {
        send(&mut self.0, greeting).await.ok()?;
        timeout(WISH_WITHIN, receive(&mut self.0)).await.ok()?.ok()
    }

    /// Tells what was done. Who does not wait for it loses nothing.
    pub async fn answer(&mut self, outcome: &Outcome) {
        let _ = timeout(WISH_WITHIN, send(&mut self.0, outcome)).await;
    }
}

/// An open shop, seen from outside.
#[derive(Debug)]
pub struct Visit {
    /// What it says of itself.
    pub greeting: Greeting,
    stream: BufReader<UnixStream>,
}

/// The shop whose shell is at this address, if it is open.
pub async fn knock(shell: SocketAddr) -> Result<Option<Visit>> {
    let Ok(stream) = UnixStream::connect(path(shell)).await else {
        return Ok(None);
    };
    if !is_me(&stream) {
        return Ok(None);
    }
    let mut stream = BufReader::new(stream);
    match timeout(GREETING_WITHIN, receive(&mut stream)).await {
        Ok(greeting) => Ok(greeting.ok().map(|greeting| Visit { greeting, stream })),
        Err(_) => fail("a shop is open, and its xtask does not answer. Stop that one first"),
    }
}

impl Visit {
    /// Hands the wish over, and shows what came of it.
    pub async fn ask(mut self, wish: &Wish) -> Result<()> {
        step(&format!(
            "renewing the open shop (xtask, process {})",
            self.greeting.pid
        ));
        let exchange = async {
            send(&mut self.stream, wish).await?;
            receive::<Outcome>(&mut self.stream).await
        };
        let outcome = match timeout(RENEWED_WITHIN, exchange).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return fail(format!("the shop was closed meanwhile ({error})")),
            Err(_) => return fail("the shop does not answer; see its terminal"),
        };
        for line in &outcome.lines {
            eprintln!("    {line}");
        }
        outcome.error.map_or(Ok(()), fail)
    }
}

/// The user is in the name: in a shared temporary folder, everybody has a shop of their own.
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
    async fn nobody_answers_at_a_closed_door() {
        assert!(knock(somewhere()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_door_left_behind_is_opened_again() {
        let shell = somewhere();
        drop(std::os::unix::net::UnixListener::bind(path(shell)).unwrap());
        assert!(knock(shell).await.unwrap().is_none());
        let door = Door::open(shell).await.unwrap();
        assert!(Door::open(shell).await.is_err());
        let file = door.path.clone();
        assert!(file.exists());
        drop(door);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_wish_reaches_the_shop_and_the_answer_comes_back() {
        let shell = somewhere();
        let door = Door::open(shell).await.unwrap();
        let host = async {
            let mut guest = next(Some(&door)).await;
            let greeting = Greeting {
                pid: 7,
                root: "/here".into(),
                state: "/there".into(),
                table: Table::Local,
                overlay: Some(Overlay::StripeDouble),
            };
            send(&mut guest.0, &greeting).await.unwrap();
            let wish: Wish = receive(&mut guest.0).await.unwrap();
            assert_eq!(wish.caller["STOA_STRIPE_KEY"], "sk_test");
            let outcome = Outcome {
                lines: wish.only,
                error: Some("broken".to_owned()),
            };
            guest.answer(&outcome).await;
        };
        let visitor = async {
            let visit = knock(shell).await.unwrap().unwrap();
            assert_eq!(visit.greeting.pid, 7);
            assert_eq!(visit.greeting.recipe().overlay, Some(Overlay::StripeDouble));
            let wish = Wish {
                root: "/b".into(),
                target: "/b/target".into(),
                profile: Profile::Dev,
                only: vec!["checkout".to_owned()],
                fresh: false,
                caller: Variables::from([("STOA_STRIPE_KEY".to_owned(), "sk_test".to_owned())]),
            };
            visit.ask(&wish).await
        };
        let ((), told) = tokio::join!(host, visitor);
        assert_eq!(told.unwrap_err().to_string(), "broken");
    }
}
