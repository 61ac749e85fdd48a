//! Commands such as a build, and the signals that end them.

use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::Error;

static STATE: Mutex<State> = Mutex::new(State {
    running: Vec::new(),
    is_stopping: false,
});
static LISTENING: Once = Once::new();

struct State {
    /// Each is the first process of a group.
    running: Vec<Pid>,
    is_stopping: bool,
}

/// Runs a command. `None` where a signal has ended it or came before.
pub fn status(command: &mut Command) -> io::Result<Option<ExitStatus>> {
    LISTENING.call_once(listen);
    let (mut child, pid) = {
        let mut state = state();
        if state.is_stopping {
            return Ok(None);
        }
        // A group of its own, so that its children end with it.
        let child = command.process_group(0).spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        state.running.extend(pid);
        (child, pid)
    };
    let status = child.wait();
    let mut state = state();
    state.running.retain(|running| Some(*running) != pid);
    if state.is_stopping {
        return Ok(None);
    }
    status.map(Some)
}

/// Replaces this process by a command. Returns only if that fails or a signal came before.
pub fn become_command(command: &mut Command) -> Error {
    if state().is_stopping {
        return Error("stopped".to_owned());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    Error(format!("{program} cannot be run: {}", command.exec()))
}

/// Handles signals on a thread of its own, because the others wait. Without it, a signal ends this tool at once.
fn listen() {
    let mut ends = vec![SIGINT, SIGTERM];
    if io::stdin().is_terminal() {
        ends.push(SIGHUP);
    }
    let Ok(mut signals) = Signals::new(ends) else { return };
    std::thread::spawn(move || {
        for _ in signals.forever() {
            end();
        }
    });
}

fn end() {
    state().is_stopping = true;
    end_running();
}

/// Ends the commands that run on all threads.
pub fn end_running() {
    for group in &state().running {
        // It may have ended by itself in this moment.
        let _ = kill_process_group(*group, Signal::TERM);
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
