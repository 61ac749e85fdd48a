//! `load fetch`: one page, over and over.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::connection::{Connection, connect};
use crate::tally::Tally;

/// Settings of `fetch`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// The server
    pub address: SocketAddr,
    /// The page
    pub path: String,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 8)]
    pub clients: usize,
    /// Duration
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Cookie header to send
    #[arg(long)]
    pub cookie: Option<String>,
    /// Accept-Encoding header to send
    #[arg(long, default_value = "identity")]
    pub encoding: String,
    /// Where to write the first body
    #[arg(long)]
    pub save: Option<PathBuf>,
}

/// One thread, so that the cores are free for the server.
#[tokio::main(flavor = "current_thread")]
pub async fn run(options: &Options) -> io::Result<()> {
    let request = request(options);
    let mut body = Vec::new();
    once(&mut open(options, 0).await?, &request, options, &mut body).await?;
    if let Some(file) = &options.save {
        std::fs::write(file, &body)?;
    }
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(options.seconds);
    let mut clients = JoinSet::new();
    for number in 0..options.clients {
        clients.spawn(client(options.clone(), number, request.clone(), body.len(), end));
    }
    let mut all = Tally::default();
    for tally in clients.join_all().await {
        all.merge(tally?);
    }
    println!("{}", serde_json::to_string(&all.summary(begin.elapsed()))?);
    Ok(())
}

async fn client(options: Options, number: usize, request: Vec<u8>, expected: usize, end: Instant) -> io::Result<Tally> {
    let mut connection = open(&options, number).await?;
    let (mut tally, mut body) = (Tally::default(), Vec::new());
    while Instant::now() < end {
        let asked = Instant::now();
        once(&mut connection, &request, &options, &mut body).await?;
        tally.add(asked.elapsed(), body.len(), expected);
    }
    Ok(tally)
}

async fn open(options: &Options, number: usize) -> io::Result<Connection<TcpStream>> {
    connect(options.address, number).await.map(Connection::new)
}

async fn once(
    connection: &mut Connection<TcpStream>,
    request: &[u8],
    options: &Options,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    match connection.send(request, body).await? {
        200 => Ok(()),
        status => Err(io::Error::other(format!("{}: status {status}", options.path))),
    }
}

/// The headers of a browser's navigation that matter here.
fn request(options: &Options) -> Vec<u8> {
    let Options {
        address,
        path,
        encoding,
        ..
    } = options;
    let cookie = options.cookie.as_ref().map(|cookie| format!("cookie: {cookie}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\naccept-encoding: {encoding}\r\n{}\r\n",
        cookie.unwrap_or_default()
    )
    .into_bytes()
}
