//! Commands that are waited for without doing anything else, such as a build, and the signals that end them. The rest of
//! xtask is asynchronous, and has [`Stop`].

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, mpsc};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::signals::Stop;

static STATE: Mutex<State> = Mutex::new(State {
    running: None,
    is_stopping: false,
});
static LISTENING: Once = Once::new();

struct State {
    /// Its process is the first of a group.
    running: Option<Pid>,
    is_stopping: bool,
}

/// Runs a command to its end; none where a signal has ended it, or came before.
pub fn status(command: &mut Command) -> io::Result<Option<ExitStatus>> {
    LISTENING.call_once(listen);
    let mut child = {
        let mut state = state();
        if state.is_stopping {
            return Ok(None);
        }
        // A group of its own: what it starts ends with it.
        let child = command.process_group(0).spawn()?;
        state.running = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        child
    };
    let status = child.wait();
    let mut state = state();
    state.running = None;
    match state.is_stopping {
        true => Ok(None),
        false => status.map(Some),
    }
}

/// On a thread of its own, for the others wait. Returns when signals are heard; where there are none to be had, they end
/// xtask as they end any program.
fn listen() {
    let (listening, is_listening) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let Ok(mut stop) = Stop::new() else { return };
            listening.send(()).ok();
            stop.asked().await;
            end();
        });
    });
    is_listening.recv().ok();
}

fn end() {
    let mut state = state();
    state.is_stopping = true;
    if let Some(group) = state.running {
        // It may have ended by itself in this moment.
        let _ = kill_process_group(group, Signal::TERM);
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
