//! A part as a process of its own: `examples/part.rs`.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

pub struct Process {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    /// `127.0.0.1:<port>` of both listeners
    pub doors: [String; 2],
    child: Child,
    log: JoinHandle<String>,
}

/// Cargo builds it for every run of all tests of this package.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    folder.join("examples/part")
}

impl Process {
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let doors = [(); 2].map(|()| format!("127.0.0.1:{}", testkit::free_port()));
        let program = testkit::command(program().to_str().unwrap());
        let mut child = Command::from(program)
            .env("STOA_LISTEN", &doors[0])
            .env("STOA_DOOR", &doors[1])
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("cargo builds examples before it runs tests");
        let mut output = child.stdout.take().unwrap();
        let log = tokio::spawn(async move {
            let mut text = String::new();
            output.read_to_string(&mut text).await.unwrap();
            text
        });
        let process = Self {
            url: format!("http://{}", doors[0]),
            doors,
            child,
            log,
        };
        process.until("/health/ready", |status, _| status == 200).await;
        process
    }

    /// Waits until the response of a path meets a condition, and returns it.
    pub async fn until(&self, path: &str, is_so: impl Fn(u16, &str) -> bool) -> String {
        let begun = Instant::now();
        let mut last = String::new();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Ok(answer) = testkit::get(format!("{}{path}", self.url)).await {
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap_or_default());
                if is_so(status, &text) {
                    return text;
                }
                last = text;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} never is what it should be; it is {last}");
    }

    pub async fn feel(&self, mood: &'static str) {
        let put = testkit::client().put(format!("{}/mood", self.url));
        assert_eq!(put.body(mood).send().await.unwrap().status(), 200);
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    }

    /// Waits until the process has ended; returns its status and its log.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        (status.expect("it ends").unwrap(), self.log.await.unwrap())
    }
}
