//! A frontend's static files: read once at start, with a hash of all files in their URLs, cached forever by browsers.

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
/// Why an island was disabled: its bundle could not be loaded, it could not be started, or it failed later.
const REASONS: [&str; 3] = ["load", "wake", "run"];

/// The static files of one frontend, served under `/<frontend>/assets/<hash>/<file>`.
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
    /// [Strong](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1) entity tag: each compressed form has its own
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

/// The folder of the assets cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the assets in {} cannot be read, cargo xtask build makes them", folder.display())]
pub struct Error {
    folder: PathBuf,
    source: io::Error,
}

impl Assets {
    /// Reads every file in `folder` and its subfolders. `style.css` and `islands.js` are the frontend's style sheet and its
    /// islands; `<file>.br` and `<file>.gz` are compressed forms of `<file>`.
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

    /// The frontend's name.
    #[must_use]
    pub fn frontend(&self) -> &'static str {
        self.0.frontend
    }

    /// The hash of all files together (12 characters), which is the frontend's version.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.0.hash
    }

    /// The URL of a file, if it exists.
    #[must_use]
    pub fn url(&self, file: &str) -> Option<String> {
        let Inner { frontend, hash, files } = &*self.0;
        files
            .contains_key(file)
            .then(|| format!("/{frontend}/assets/{hash}/{file}"))
    }

    /// The content of a file, if it exists and is UTF-8.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        std::str::from_utf8(&self.0.files.get(file)?.content).ok()
    }

    /// A response with one file, in the best encoding that the request accepts. Supports `Range`, `If-None-Match` and
    /// `If-Match`. `cache` is the value of `Cache-Control`. An unknown file is a 404.
    #[must_use]
    pub fn answer(&self, file: &str, request: &HeaderMap, cache: &'static str) -> Response {
        let files = &self.0.files;
        let Some(plain) = files.get(file) else {
            return not_found();
        };
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

    /// The routes that serve the files. A `POST` to a file's URL reports that an island has failed in a browser.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = format!("/{}/assets/{{hash}}/{{*file}}", self.frontend());
        Router::new()
            .route(&path, get(serve).post(count))
            .with_state(self.clone())
    }
}

impl File {
    /// The file or a range of it, depending on the request's conditions.
    fn answer(&self, request: &HeaderMap) -> Response {
        let length = self.content.len();
        let mut response = match request::condition(request, &self.tag) {
            Condition::NotModified => StatusCode::NOT_MODIFIED.into_response(),
            Condition::PreconditionFailed => StatusCode::PRECONDITION_FAILED.into_response(),
            Condition::Matched => match request::range(request, &self.tag, length) {
                Ok(None) => self.content.clone().into_response(),
                Ok(Some(range)) => {
                    let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                    let part = self.content.slice(range);
                    (
                        StatusCode::PARTIAL_CONTENT,
                        [(header::CONTENT_RANGE, content_range)],
                        part,
                    )
                        .into_response()
                }
                Err(Unsatisfiable) => {
                    let content_range = format!("bytes */{length}");
                    (
                        StatusCode::RANGE_NOT_SATISFIABLE,
                        [(header::CONTENT_RANGE, content_range)],
                    )
                        .into_response()
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

/// The first 12 characters of a hash, which are enough to tell files apart.
fn short(digest: &digest::Digest) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9])
}

async fn serve(
    State(assets): State<Assets>,
    axum::extract::Path((hash, file)): axum::extract::Path<(String, String)>,
    request: HeaderMap,
) -> Response {
    if hash != assets.hash() {
        return not_found();
    }
    assets.answer(&file, &request, "public, max-age=31536000, immutable")
}

/// Counts islands that browsers report as disabled. The reason is one of [`REASONS`], anything else is `other`.
async fn count(State(assets): State<Assets>, reason: String) -> StatusCode {
    describe_counter!(
        FAILED,
        "Island bundles that browsers have disabled, by frontend and reason"
    );
    let reason = REASONS.into_iter().find(|known| *known == reason).unwrap_or("other");
    counter!(FAILED, "frontend" => assets.frontend(), "reason" => reason).increment(1);
    StatusCode::NO_CONTENT
}

fn not_found() -> Response {
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
