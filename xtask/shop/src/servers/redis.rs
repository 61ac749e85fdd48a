//! Redis, or Valkey, which is the same to its clients.

use std::net::SocketAddr;
use std::path::Path;

use machine::{Engine, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::program::guarded;

/// Keeps what it was told in a log that is written to the disk every second.
pub(super) fn command(folder: &Path, listen: SocketAddr) -> Result<Command> {
    let mut command = guarded(&Engine::Redis.program().ok_or_else(|| Engine::Redis.missing())?);
    command
        .args(["--bind", &listen.ip().to_string(), "--port", &listen.port().to_string()])
        .args(["--appendonly", "yes", "--save", "", "--dir"])
        .arg(folder);
    Ok(command)
}

/// While it reads its log it answers, but with an error.
pub(super) async fn answers(listen: SocketAddr) -> bool {
    const PONG: &[u8] = b"+PONG";
    let ping = async {
        let mut stream = TcpStream::connect(listen).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; PONG.len()];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer == PONG)
    };
    ping.await.unwrap_or(false)
}
