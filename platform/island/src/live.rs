//! Following something: by a WebSocket, and by asking where there is none.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{JSON, Math};
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::{ask, callback, field};

/// Milliseconds before the first try to connect again; each further one waits twice as long.
const FIRST: i32 = 1000;
const LONGEST: i32 = 30_000;

/// What is to be followed. Each message is the whole state, so that one that is lost needs no repair.
pub struct Live {
    /// Path of the WebSocket
    pub socket: String,
    /// Path of the same state for who asks; none where what the page said has to do
    pub state: Option<String>,
    /// Takes the state over, and says whether more may come
    pub hear: Box<dyn Fn(&JsValue) -> bool>,
    /// What is to be done a moment after the last
    pub end: fn(),
}

struct Follower {
    live: Live,
    pause: Cell<i32>,
    goes_on: Cell<bool>,
}

/// Hears the state now, and again whenever it has changed, as long as more may come.
pub fn follow(live: Live) {
    let follower = Follower {
        live,
        pause: Cell::new(FIRST),
        goes_on: Cell::new(true),
    };
    Rc::new(follower).connect();
}

impl Follower {
    fn hear(&self, message: &JsValue) {
        self.goes_on.set((self.live.hear)(message));
    }

    fn connect(self: Rc<Self>) {
        let Some(socket) = open(&self.live.socket) else {
            return spawn_local(self.look());
        };
        let follower = Rc::clone(&self);
        socket.set_onmessage(Some(&callback(move |event| {
            let text = field(&event, "data").as_string().unwrap_or_default();
            if let Ok(message) = JSON::parse(&text) {
                follower.pause.set(FIRST);
                follower.hear(&message);
            }
        })));
        socket.set_onclose(Some(&callback(move |_| spawn_local(Rc::clone(&self).look()))));
    }

    /// Where the socket has ended too early, or never was: what has become of it meanwhile?
    async fn look(self: Rc<Self>) {
        if self.goes_on.get()
            && let Some(state) = &self.live.state
            && let Some(answer) = ask(state, None).await.filter(crate::Answer::is_ok)
        {
            self.hear(&answer.body);
        }
        let pause = self.pause.get();
        self.pause.set((pause * 2).min(LONGEST));
        // Not all at once, where all were cut off at once.
        #[expect(clippy::cast_possible_truncation, reason = "less than a minute")]
        let pause = (f64::from(pause) * (0.5 + Math::random())) as i32;
        let next = callback(move |_| {
            if self.goes_on.get() {
                Rc::clone(&self).connect();
            } else {
                (self.live.end)();
            }
        });
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&next, pause);
        }
    }
}

/// Not every browser knows where a WebSocket's relative address leads.
fn open(path: &str) -> Option<WebSocket> {
    let origin = web_sys::window()?.location().origin().ok()?;
    let origin = origin.strip_prefix("http")?;
    WebSocket::new(&["ws", origin, path].concat()).ok()
}
