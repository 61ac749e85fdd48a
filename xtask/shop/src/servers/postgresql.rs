//! PostgreSQL: a cluster of its own, reached on loopback alone.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use machine::{Engine, Error, Result, fail, step};
use tokio::process::Command;

use crate::program::guarded;

const USER: &str = "stoa";
/// Eight a process of ours, and some to look with.
const CONNECTIONS: &str = "max_connections=200";

/// The folder of the server's programs.
fn programs() -> Result<PathBuf> {
    let server = Engine::Postgresql.program();
    let folder = server.as_deref().and_then(Path::parent).map(Path::to_owned);
    folder.ok_or_else(|| Engine::Postgresql.missing())
}

/// The server, ready to start; its cluster is made where there is none.
pub(super) async fn command(folder: &Path, listen: SocketAddr) -> Result<Command> {
    let programs = programs()?;
    let user = User::of(folder)?;
    let data = folder.join("data");
    if !data.exists() {
        create(&user, &programs, folder, &data).await?;
    }
    let (program, words) = user.runs(&programs.join("postgres"));
    let mut command = guarded(&program);
    command
        .args(words)
        .arg("-D")
        .arg(data)
        .args(["-p", &listen.port().to_string(), "-c", CONNECTIONS])
        .args(["-c", &format!("listen_addresses={}", listen.ip())])
        .args(["-c", "unix_socket_directories="]);
    Ok(command)
}

/// Under another name until it is whole.
async fn create(user: &User, programs: &Path, folder: &Path, data: &Path) -> Result<()> {
    let draft = folder.join("new");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|error| Error::at(&draft, error))?;
    }
    step("making a PostgreSQL cluster");
    let (program, words) = user.runs(&programs.join("initdb"));
    let mut initdb = Command::new(program);
    initdb.args(words).arg("-D").arg(&draft).kill_on_drop(true);
    initdb.args([
        "-U",
        USER,
        "--auth=trust",
        "--no-locale",
        "-E",
        "UTF8",
        "--no-instructions",
    ]);
    ask(&mut initdb).await?;
    fs::rename(&draft, data).map_err(|error| Error::at(data, error))
}

/// Whether it takes connections.
pub(super) async fn answers(listen: SocketAddr) -> bool {
    let Ok(mut command) = client("pg_isready", listen) else {
        return false;
    };
    command.args(["--quiet", "--dbname=postgres"]);
    command.status().await.is_ok_and(|status| status.success())
}

/// Makes the databases that these settings name and that are not there yet.
pub(super) async fn provide(listen: SocketAddr, settings: impl Iterator<Item = &String>) -> Result<()> {
    let wanted: BTreeSet<_> = settings.filter_map(|value| database(value, listen)).collect();
    let mut psql = client("psql", listen)?;
    psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--dbname=postgres"]);
    psql.args(["--command", "select datname from pg_database"]);
    let there = ask(&mut psql).await?;
    for name in wanted.iter().filter(|name| !there.lines().any(|line| line == **name)) {
        let mut createdb = client("createdb", listen)?;
        ask(createdb.args(["--maintenance-db=postgres", name])).await?;
    }
    Ok(())
}

/// `postgres://user@address/name?…` → `name`, if that is this server.
fn database(url: &str, listen: SocketAddr) -> Option<&str> {
    let (_, rest) = url.strip_prefix("postgres://")?.split_once('@')?;
    let name = rest.strip_prefix(&listen.to_string())?.strip_prefix('/')?;
    name.split('?').next().filter(|name| !name.is_empty())
}

fn client(program: &str, listen: SocketAddr) -> Result<Command> {
    let programs = programs()?;
    let mut command = Command::new(programs.join(program));
    command
        .args(["--host", &listen.ip().to_string(), "--port", &listen.port().to_string()])
        .args(["--username", USER])
        .kill_on_drop(true);
    Ok(command)
}

/// What a program prints; what it complains of, where it fails.
async fn ask(command: &mut Command) -> Result<String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .await
        .map_err(|error| Error(format!("{name} cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    fail(format!("{name} failed ({}): {}", output.status, complaint.trim()))
}

/// Who runs it. PostgreSQL refuses to run as root: there, `nobody` does, and owns the folder.
struct User {
    /// What stands before a program and its arguments.
    prefix: Vec<&'static str>,
}

impl User {
    fn of(folder: &Path) -> Result<Self> {
        const NOBODY: u32 = 65534;
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { prefix: Vec::new() });
        }
        chown(folder, Some(NOBODY), Some(NOBODY)).map_err(|error| Error::at(folder, error))?;
        let mut prefix = vec!["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        let is_open = |folder: &Path| fs::metadata(folder).is_ok_and(|folder| folder.mode() & 0o001 != 0);
        if !folder.ancestors().skip(1).all(is_open) {
            // A checkout in root's home: without this right, nobody gets there.
            prefix.extend(["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]);
        }
        // Who becomes another user loses the bond to xtask. As a request it lets PostgreSQL stop its own processes.
        prefix.extend(["--pdeathsig", "INT", "--"]);
        Ok(Self { prefix })
    }

    /// The program to be run, and the first of its arguments, so that this user runs `program`.
    fn runs(&self, program: &Path) -> (PathBuf, Vec<PathBuf>) {
        let mut words: Vec<PathBuf> = self.prefix.iter().map(PathBuf::from).collect();
        words.push(program.to_owned());
        let first = words.remove(0);
        (first, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_address() {
        let listen = "127.0.0.1:4401".parse().unwrap();
        let name = |url| database(url, listen);
        assert_eq!(
            name("postgres://stoa@127.0.0.1:4401/orders?sslmode=disable"),
            Some("orders")
        );
        assert_eq!(name("postgres://stoa@127.0.0.1:4401/orders"), Some("orders"));
        for other in [
            "postgres://stoa@127.0.0.1:4402/orders",
            "postgres://stoa@127.0.0.1:4401/",
            "redis://127.0.0.1:4401/0",
            "sqlite:orders.db",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
    }
}
