//! Requests to a running shop: signals, and lines typed in its terminal.

use std::io::IsTerminal;

use machine::{Error, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// The request to stop: Ctrl-C, SIGTERM, or a closed terminal.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Stop {
    /// Starts to listen.
    pub fn new() -> Result<Self> {
        let hang_up = std::io::stdin()
            .is_terminal()
            .then(|| listen(SignalKind::hangup()))
            .transpose()?;
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up,
        })
    }

    /// Waits for the request.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = next(&mut self.hang_up) => {}
        }
    }
}

/// The request to restart what is down: `r` and Enter, or SIGHUP where there is no terminal.
pub struct Again {
    hang_up: Option<Signal>,
    lines: mpsc::Receiver<String>,
}

impl Again {
    /// Starts to listen.
    pub fn new() -> Result<Self> {
        let hang_up = (!std::io::stdin().is_terminal())
            .then(|| listen(SignalKind::hangup()))
            .transpose()?;
        Ok(Self {
            hang_up,
            lines: lines(),
        })
    }

    /// Waits for the request.
    pub async fn asked(&mut self) {
        loop {
            tokio::select! {
                () = next(&mut self.hang_up) => return,
                Some(line) = self.lines.recv() => if line.trim() == "r" { return },
                else => std::future::pending().await,
            }
        }
    }
}

/// Lines of standard input, read by a detached thread.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn listen(kind: SignalKind) -> Result<Signal> {
    signal(kind).map_err(|error| Error(format!("no signals: {error}")))
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
