//! `load serve`: the least that a server must do to send the same bytes.

use std::io;
use std::path::PathBuf;

use axum::Router;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

/// Settings of `serve`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Folder whose files are served, each under its name
    pub folder: PathBuf,
    /// Content-Encoding of the files
    #[arg(long, default_value = "identity")]
    pub encoding: String,
    /// Worker threads
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
}

/// Prints its address, and serves until it is killed.
pub fn run(options: &Options) -> io::Result<()> {
    let router = router(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        axum::serve(listener, router).await
    })
}

fn router(options: &Options) -> io::Result<Router> {
    let mut router = Router::new();
    for entry in options.folder.read_dir()? {
        let entry = entry?;
        let body = Bytes::from(std::fs::read(entry.path())?);
        let encoding = options.encoding.clone();
        let answer = move || {
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (CONTENT_ENCODING, encoding.clone()),
            ];
            let body = body.clone();
            async move { (headers, body) }
        };
        router = router.route(&format!("/{}", entry.file_name().to_string_lossy()), get(answer));
    }
    Ok(router)
}
