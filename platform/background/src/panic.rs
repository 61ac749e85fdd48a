//! Panics as errors: each is reported once, with its location, by the code that catches it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use futures_util::FutureExt;
use tracing::Level;

/// A panic: its message and its location in the source.
#[derive(Clone, Debug, thiserror::Error)]
#[error("panicked at {place}: {message}")]
pub struct Panic {
    place: String,
    message: String,
}

impl From<&PanicHookInfo<'_>> for Panic {
    fn from(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(ToString::to_string);
        Self::new(place, info.payload())
    }
}

impl Panic {
    pub(crate) fn new(place: Option<String>, payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            place: place.unwrap_or_else(|| "an unknown location".to_owned()),
            message: text.unwrap_or("no message").to_owned(),
        }
    }
}

tokio::task_local! {
    /// The last panic inside of [`catch_panic`].
    static LAST_PANIC: RefCell<Option<Panic>>;
}

/// Runs work and turns a panic into an error. Nothing is logged: that is the caller's decision.
///
/// # Errors
/// The work panicked.
pub async fn catch_panic<T>(work: impl Future<Output = T>) -> Result<T, Panic> {
    install_panic_hook();
    let work = async {
        let done = AssertUnwindSafe(work).catch_unwind().await;
        // A panic that is resumed does not run the hook again.
        done.map_err(|payload| {
            LAST_PANIC
                .with(RefCell::take)
                .unwrap_or_else(|| Panic::new(None, &*payload))
        })
    };
    LAST_PANIC.scope(RefCell::default(), work).await
}

/// Installs the panic hook that [`catch_panic`] needs to know a panic's location. Panics that nothing catches go to the
/// previous hook; all of them do where logging is disabled, so that tests show them.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let other = take_hook();
        set_hook(Box::new(move |info| {
            let is_caught = LAST_PANIC
                .try_with(|slot| slot.replace(Some(Panic::from(info))))
                .is_ok();
            if !is_caught || !tracing::enabled!(Level::ERROR) {
                other(info);
            }
        }));
    });
}
