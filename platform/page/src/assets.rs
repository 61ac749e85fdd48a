//! A frontend's static files: read once at start, named by the hash of their content, kept forever by browsers.

mod request;

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
use metrics::{counter, describe_counter};
use request::{Condition, Unsatisfiable};
use ring::digest;

const FAILED: &str = "islands_failed_total";
/// It could not be loaded, not be woken, or did not do what was asked of it.
const REASONS: [&str; 3] = ["load", "wake", "run"];

/// The files of one frontend under one address: `/<frontend>/assets/<hash>/<file>`.
#[derive(Clone, Debug)]
pub struct Assets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    frontend: &'static str,
    hash: String,
    files: Files,
}

type Files = BTreeMap<String, File>;

#[derive(Debug)]
struct File {
    content: Bytes,
    /// [Strong](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1): of the compressed forms each has its own
    tag: HeaderValue,
}

impl From<Vec<u8>> for File {
    fn from(content: Vec<u8>) -> Self {
        let tag = short(&digest::digest(&digest::SHA256, &content));
        Self {
            content: content.into(),
            tag: HeaderValue::try_from(format!("\"{tag}\"")).expect("letters, digits and dashes"),
        }
    }
}

/// The folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the assets in {} cannot be read, cargo xtask build makes them", folder.display())]
pub struct Error {
    folder: PathBuf,
    source: io::Error,
}

impl Assets {
    /// Reads every file in `folder` and below. `style.css` and `islands.js` have a meaning; next to
    /// a file, `<file>.br` and `<file>.gz` are its compressed forms.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn load(frontend: &'static str, folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        read(folder, "", &mut files).map_err(|source| Error {
            folder: folder.to_owned(),
            source,
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
        std::str::from_utf8(&self.0.files.get(file)?.content).ok()
    }

    /// One file, in the best encoding that the request accepts; a part of it, or nothing, where the request asks so
    /// (`Range`, `If-None-Match`, `If-Match`).
    #[must_use]
    pub fn answer(&self, file: &str, request: &HeaderMap, cache: &'static str) -> Response {
        let files = &self.0.files;
        let Some(plain) = files.get(file) else { return missing() };
        let (encoding, chosen) = encoded(files, file, request).unwrap_or(("identity", plain));
        let mut response = chosen.answer(request);
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CACHE_CONTROL, cache);
        set(header::VARY, "accept-encoding");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::ACCEPT_RANGES, "bytes");
        if matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file)));
            if encoding != "identity" {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        response
    }

    /// The route that serves them; who posts to one tells that it has failed in a browser.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = format!("/{}/assets/{{hash}}/{{*file}}", self.frontend());
        Router::new()
            .route(&path, get(show).post(count))
            .with_state(self.clone())
    }
}

impl File {
    /// As much of it as is asked for.
    fn answer(&self, request: &HeaderMap) -> Response {
        let length = self.content.len();
        let mut response = match request::condition(request, &self.tag) {
            Condition::Known => StatusCode::NOT_MODIFIED.into_response(),
            Condition::Failed => StatusCode::PRECONDITION_FAILED.into_response(),
            Condition::Met => match request::range(request, &self.tag, length) {
                Ok(None) => self.content.clone().into_response(),
                Ok(Some(range)) => {
                    let told = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                    let part = self.content.slice(range);
                    (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, told)], part).into_response()
                }
                Err(Unsatisfiable) => {
                    let told = format!("bytes */{length}");
                    (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, told)]).into_response()
                }
            },
        };
        response.headers_mut().insert(header::ETAG, self.tag.clone());
        response
    }
}

fn read(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
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

fn hash(files: &Files) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for (name, File { content, .. }) in files {
        context.update(name.as_bytes());
        context.update(&(content.len() as u64).to_le_bytes());
        context.update(content);
    }
    short(&context.finish())
}

/// The beginning of a hash, which is enough to tell files apart: 12 characters.
fn short(digest: &digest::Digest) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9])
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

/// Counts what the loader tells of islands that had to be left out, by one of its own words.
async fn count(State(assets): State<Assets>, reason: String) -> StatusCode {
    describe_counter!(
        FAILED,
        "Bundles of islands that were left out in a browser, by frontend and reason"
    );
    let reason = REASONS.into_iter().find(|known| *known == reason).unwrap_or("other");
    counter!(FAILED, "frontend" => assets.frontend(), "reason" => reason).increment(1);
    StatusCode::NO_CONTENT
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

fn encoded<'a>(files: &'a Files, file: &str, request: &HeaderMap) -> Option<(&'static str, &'a File)> {
    let mut encodings = [("br", "br"), ("gzip", "gz")].into_iter();
    encodings.find_map(|(encoding, ending)| {
        let made = files.get(&format!("{file}.{ending}"))?;
        request::accepts(request, encoding).then_some((encoding, made))
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
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "speculationrules" => "application/speculationrules+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
