//! When the process is told to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Until the process is told to stop: whoever waits for events then would only hold it up.
pub(crate) async fn stopped() {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return std::future::pending().await;
    };
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
}
