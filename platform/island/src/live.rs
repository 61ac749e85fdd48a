//! Live updates: over a WebSocket, with polling in between.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{JSON, Math};
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::{callback, fetch, field};

/// Milliseconds before the first attempt to reconnect; each further pause is twice as long.
const FIRST_PAUSE: i32 = 1000;
const MAX_PAUSE: i32 = 30_000;

/// A state to follow. Each message contains the whole state, so a lost message needs no repair.
pub struct LiveUpdates {
    /// Path of the WebSocket
    pub socket: String,
    /// Path that returns the same state by `GET`; `None` if the state in the page suffices until the socket is open
    pub state: Option<String>,
    /// Called with each state; returns whether more states may follow
    pub on_update: Box<dyn Fn(&JsValue) -> bool>,
    /// Called shortly after the last state
    pub on_end: fn(),
}

struct Follower {
    live: LiveUpdates,
    pause: Cell<i32>,
    is_active: Cell<bool>,
}

/// Follows a state until its callback returns that no more states follow.
pub fn follow(live: LiveUpdates) {
    let follower = Follower {
        live,
        pause: Cell::new(FIRST_PAUSE),
        is_active: Cell::new(true),
    };
    Rc::new(follower).connect();
}

impl Follower {
    fn update(&self, message: &JsValue) {
        self.is_active.set((self.live.on_update)(message));
    }

    fn connect(self: Rc<Self>) {
        let Some(socket) = open(&self.live.socket) else {
            return spawn_local(self.poll());
        };
        let follower = Rc::clone(&self);
        socket.set_onmessage(Some(&callback(move |event| {
            let text = field(&event, "data").as_string().unwrap_or_default();
            if let Ok(message) = JSON::parse(&text) {
                follower.pause.set(FIRST_PAUSE);
                follower.update(&message);
            }
        })));
        socket.set_onclose(Some(&callback(move |_| spawn_local(Rc::clone(&self).poll()))));
    }

    /// Called when the socket is closed or cannot be opened: fetches the state once and reconnects after a pause.
    async fn poll(self: Rc<Self>) {
        if self.is_active.get()
            && let Some(state) = &self.live.state
            && let Some(answer) = fetch(state, None).await.filter(crate::JsonResponse::is_ok)
        {
            self.update(&answer.body);
        }
        let pause = self.pause.get();
        self.pause.set((pause * 2).min(MAX_PAUSE));
        // With jitter: many clients may have lost their sockets at the same time.
        #[expect(clippy::cast_possible_truncation, reason = "less than a minute")]
        let pause = (f64::from(pause) * (0.5 + Math::random())) as i32;
        let next = callback(move |_| {
            if self.is_active.get() {
                Rc::clone(&self).connect();
            } else {
                (self.live.on_end)();
            }
        });
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&next, pause);
        }
    }
}

/// Not every browser accepts a relative WebSocket URL.
fn open(path: &str) -> Option<WebSocket> {
    let origin = web_sys::window()?.location().origin().ok()?;
    let origin = origin.strip_prefix("http")?;
    WebSocket::new(&["ws", origin, path].concat()).ok()
}
