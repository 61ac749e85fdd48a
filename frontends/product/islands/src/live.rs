//! Following something of this frontend's BFF by a WebSocket.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, JSON, Math};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::WebSocket;

use crate::document::field;

/// Milliseconds before the first try to connect again; each further one waits twice as long.
const FIRST: i32 = 1000;
const LONGEST: i32 = 60_000;

struct Live<H> {
    path: String,
    hear: H,
    pause: Cell<i32>,
}

/// Calls `hear` with what is at `path` now, and again whenever it has changed, for as long as the page lives.
pub fn follow(path: String, hear: impl Fn(&JsValue) + 'static) {
    let pause = Cell::new(FIRST);
    Rc::new(Live { path, hear, pause }).connect();
}

impl<H: Fn(&JsValue) + 'static> Live<H> {
    fn connect(self: Rc<Self>) {
        // Who cannot, sees what the page said when it was made.
        let Some(socket) = open(&self.path) else { return };
        let live = Rc::clone(&self);
        socket.set_onmessage(Some(&callback(move |event| {
            let text = field(&event, "data").as_string().unwrap_or_default();
            if let Ok(message) = JSON::parse(&text) {
                live.pause.set(FIRST);
                (live.hear)(&message);
            }
        })));
        socket.set_onclose(Some(&callback(move |_| Rc::clone(&self).pause())));
    }

    fn pause(self: Rc<Self>) {
        let pause = self.pause.get();
        self.pause.set((pause * 2).min(LONGEST));
        // Not all at once, where all were cut off at once.
        #[expect(clippy::cast_possible_truncation, reason = "two minutes at most")]
        let pause = (f64::from(pause) * (0.5 + Math::random())) as i32;
        if let Some(window) = web_sys::window() {
            let again = callback(move |_| Rc::clone(&self).connect());
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&again, pause);
        }
    }
}

/// Not every browser knows where a WebSocket's relative address leads.
fn open(path: &str) -> Option<WebSocket> {
    let origin = web_sys::window()?.location().origin().ok()?;
    let origin = origin.strip_prefix("http")?;
    WebSocket::new(&["ws", origin, path, "/live"].concat()).ok()
}

/// A function for the browser to call.
fn callback(handler: impl Fn(JsValue) + 'static) -> Function {
    Closure::<dyn Fn(JsValue)>::new(handler)
        .into_js_value()
        .unchecked_into()
}
