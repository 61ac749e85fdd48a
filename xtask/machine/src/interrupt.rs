//! Commands that are waited for without doing anything else, such as a build, and the signals that end them.

use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::Error;

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
    if state.is_stopping {
        return Ok(None);
    }
    status.map(Some)
}

/// Becomes a command, which has this process, its terminal and its signals from now on. Returns only where that fails, or
/// where a signal came before.
pub fn become_command(command: &mut Command) -> Error {
    if state().is_stopping {
        return Error("stopped".to_owned());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    Error(format!("{program} cannot be run: {}", command.exec()))
}

/// On a thread of its own, for the others wait. Where there are no signals to be had, they end this tool as they end any
/// program.
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
