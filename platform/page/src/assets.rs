//! A frontend's static files: read once at start, named by the hash of their content, kept forever by browsers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ring::digest;

/// The files of one frontend under one address: `/<frontend>/assets/<hash>/<file>`.
#[derive(Clone, Debug)]
pub struct Assets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    frontend: &'static str,
    hash: String,
    files: BTreeMap<String, Bytes>,
}

/// The folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the assets in {}: {error}. Build them with: cargo xtask build", folder.display())]
pub struct Error {
    folder: PathBuf,
    error: io::Error,
}

impl Assets {
    /// Reads every file in `folder` and below. `style.css` and `islands.js` have a meaning; next to
    /// a file, `<file>.br` and `<file>.gz` are its compressed forms.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn load(frontend: &'static str, folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        read(folder, "", &mut files).map_err(|error| Error {
            folder: folder.to_owned(),
            error,
        })?;
        Ok(Self(Arc::new(Inner {
            frontend,
            hash: hash(&files),
            files,
        })))
    }

    /// Whose files they are.
    #[must_use]
    pub fn frontend(&self) -> &'static str {
        self.0.frontend
    }

    /// The hash of all files together: 12 characters; the frontend's version.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.0.hash
    }

    /// A file's address, if there is such a file.
    #[must_use]
    pub fn url(&self, file: &str) -> Option<String> {
        let Inner { frontend, hash, files } = &*self.0;
        files
            .contains_key(file)
            .then(|| format!("/{frontend}/assets/{hash}/{file}"))
    }

    /// What a file says, if there is such a file and it is text.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        std::str::from_utf8(self.0.files.get(file)?).ok()
    }

    /// One file, in the best encoding that the request accepts.
    #[must_use]
    pub fn answer(&self, file: &str, request: &HeaderMap, cache: &'static str) -> Response {
        let files = &self.0.files;
        let Some(plain) = files.get(file) else { return missing() };
        let (encoding, content) = encoded(files, file, request).unwrap_or(("identity", plain));
        let mut response = content.clone().into_response();
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_TYPE, content_type(file));
        set(header::CACHE_CONTROL, cache);
        set(header::VARY, "accept-encoding");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if encoding != "identity" {
            set(header::CONTENT_ENCODING, encoding);
        }
        response
    }

    /// The route that serves them.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = format!("/{}/assets/{{hash}}/{{*file}}", self.frontend());
        Router::new().route(&path, get(show)).with_state(self.clone())
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

fn hash(files: &BTreeMap<String, Bytes>) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for (name, content) in files {
        context.update(name.as_bytes());
        context.update(&(content.len() as u64).to_le_bytes());
        context.update(content);
    }
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&context.finish().as_ref()[..9])
}

async fn show(
    State(assets): State<Assets>,
    axum::extract::Path((hash, file)): axum::extract::Path<(String, String)>,
    request: HeaderMap,
) -> Response {
    if hash != assets.hash() {
        return missing();
    }
    assets.answer(&file, &request, "public, max-age=31536000, immutable")
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

fn encoded<'a>(
    files: &'a BTreeMap<String, Bytes>,
    file: &str,
    request: &HeaderMap,
) -> Option<(&'static str, &'a Bytes)> {
    let accepted = request.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .find_map(|(encoding, ending)| {
            let wanted = accepted
                .split(',')
                .any(|part| part.split(';').next().is_some_and(|name| name.trim() == encoding));
            wanted
                .then(|| files.get(&format!("{file}.{ending}")))
                .flatten()
                .map(|content| (encoding, content))
        })
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "avif" => "image/avif",
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "speculationrules" => "application/speculationrules+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
