//! Panics: each is told once, with its place, by what caught it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use futures_util::FutureExt;
use tracing::Level;

/// What panicked, and where.
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
            place: place.unwrap_or_else(|| "an unknown place".to_owned()),
            message: text.unwrap_or("it does not say why").to_owned(),
        }
    }
}

tokio::task_local! {
    /// There where a panic is caught: the last one.
    static CAUGHT: RefCell<Option<Panic>>;
}

/// Does the work, or says how it panicked. Nothing is logged: that is for whoever answers.
///
/// # Errors
/// It panicked.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panic> {
    watch();
    let work = async {
        let done = AssertUnwindSafe(work).catch_unwind().await;
        // One that was caught before and goes on has passed no hook.
        done.map_err(|payload| {
            CAUGHT
                .with(RefCell::take)
                .unwrap_or_else(|| Panic::new(None, &*payload))
        })
    };
    CAUGHT.scope(RefCell::default(), work).await
}

/// Sees to it that [`caught`] hears of panics. Those that nothing catches go where they went before, and so do all of them
/// where no log is written: tests show them.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let other = take_hook();
        set_hook(Box::new(move |info| {
            let is_caught = CAUGHT.try_with(|slot| slot.replace(Some(Panic::from(info)))).is_ok();
            if !is_caught || !tracing::enabled!(Level::ERROR) {
                other(info);
            }
        }));
    });
}
