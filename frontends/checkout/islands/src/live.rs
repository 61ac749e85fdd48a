//! Following something of this frontend's BFF: by a WebSocket, and by asking where there is none.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{JSON, Math};
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::api::{API, get};
use crate::document::{callback, field};

/// Milliseconds before the first try to connect again; each further one waits twice as long.
const FIRST: i32 = 1000;
const LONGEST: i32 = 30_000;

struct Live {
    path: String,
    hear: fn(&JsValue) -> bool,
    end: fn(),
    pause: Cell<i32>,
    goes_on: Cell<bool>,
}

/// Calls `hear` with what is at `path` now, and again whenever it has changed, as long as that says that more may come;
/// and `end` a moment after the last.
pub fn follow(path: String, hear: fn(&JsValue) -> bool, end: fn()) {
    let live = Live {
        path,
        hear,
        end,
        pause: Cell::new(FIRST),
        goes_on: Cell::new(true),
    };
    Rc::new(live).connect();
}

impl Live {
    fn hear(&self, message: &JsValue) {
        self.goes_on.set((self.hear)(message));
    }

    fn connect(self: Rc<Self>) {
        let Some(socket) = open(&self.path) else {
            return spawn_local(self.ask());
        };
        let live = Rc::clone(&self);
        socket.set_onmessage(Some(&callback(move |event| {
            let text = field(&event, "data").as_string().unwrap_or_default();
            if let Ok(message) = JSON::parse(&text) {
                live.pause.set(FIRST);
                live.hear(&message);
            }
        })));
        socket.set_onclose(Some(&callback(move |_| spawn_local(Rc::clone(&self).ask()))));
    }

    /// Where the socket has ended too early, or never was: what has become of it meanwhile?
    async fn ask(self: Rc<Self>) {
        if self.goes_on.get()
            && let Ok(now) = get(&self.path).await
        {
            self.hear(&now);
        }
        let pause = self.pause.get();
        self.pause.set((pause * 2).min(LONGEST));
        // Not all at once, where all were cut off at once.
        #[expect(clippy::cast_possible_truncation, reason = "less than a minute")]
        let pause = (f64::from(pause) * (0.5 + Math::random())) as i32;
        if let Some(window) = web_sys::window() {
            let next = callback(move |_| match self.goes_on.get() {
                true => Rc::clone(&self).connect(),
                false => (self.end)(),
            });
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&next, pause)
                .ok();
        }
    }
}

/// Not every browser knows where a WebSocket's relative address leads.
fn open(path: &str) -> Option<WebSocket> {
    let origin = web_sys::window()?.location().origin().ok()?;
    let origin = origin.strip_prefix("http")?;
    WebSocket::new(&["ws", origin, API, path, "/live"].concat()).ok()
}
