//! A browser that ends with xtask: Lighthouse's own launcher would let it go on if Lighthouse were killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use machine::{Error, Result, fail, files};
use shop::program::guarded;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

const READY_WITHIN: Duration = Duration::from_secs(20);
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--remote-debugging-port=0",
];

/// A headless browser with an empty profile.
pub struct Chromium {
    child: Child,
    profile: PathBuf,
    /// The URL of its debugging protocol.
    pub port: u16,
}

impl Chromium {
    /// Starts it with this folder for its profile.
    pub async fn start(binary: &Path, profile: PathBuf) -> Result<Self> {
        files::empty(&profile)?;
        let mut child = guarded(binary)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Error::at(binary, error))?;
        let asked = async {
            loop {
                if let Some(port) = port(&profile) {
                    return Ok(port);
                }
                if let Ok(Some(status)) = child.try_wait() {
                    return fail(format!("{} has stopped ({status})", binary.display()));
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        let port = match timeout(READY_WITHIN, asked).await {
            Ok(port) => port?,
            Err(_) => return fail(format!("{} is not ready", binary.display())),
        };
        Ok(Self { child, profile, port })
    }

    /// Ends it, and removes its profile.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await.map_err(Error::of)?;
        // Its helpers end a moment after it, and may still write.
        for _ in 0..20 {
            if std::fs::remove_dir_all(&self.profile).is_ok() {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// The first line of the file that Chromium writes when it listens.
fn port(profile: &Path) -> Option<u16> {
    let file = std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
    file.lines().next()?.parse().ok()
}
