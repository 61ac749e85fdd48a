//! Composes a page out of fragments: all are fetched at once, and streamed in document order.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use service::background::Task;
use service::{Context, causes};

use crate::discovery::Route;
use crate::esi::{self, Node};
use crate::upstream::{Error, UpstreamRequest, UpstreamResponse};
use crate::{App, State};

/// How deep fragments may be nested; deeper is a mistake, or a loop.
const MAX_DEPTH: u8 = 4;

/// The path of the shell's own fragment.
pub(crate) const HEAD: &str = "/shell/fragments/head";

/// A page that is being composed.
#[derive(Clone)]
struct Composition {
    app: App,
    request: Arc<UpstreamRequest>,
}

enum Piece {
    Ready(Bytes),
    Pending(Task<Option<Bytes>>),
}

/// Streams the `nodes` of the page that was requested. All of its fragments share one deadline.
pub(crate) fn stream(
    app: App,
    request: UpstreamRequest,
    nodes: Vec<Node>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let context = Context::current().within(app.0.fragment_timeout);
    let page = Composition {
        app,
        request: Arc::new(request),
    };
    let pieces: VecDeque<Piece> = nodes
        .into_iter()
        .map(|node| match node {
            Node::Text(text) => Piece::Ready(text.into()),
            node => match local(&page.app.0, &node) {
                Some(bytes) => Piece::Ready(bytes),
                None => Piece::Pending(context.clone().spawn("fragment", page.clone().top(node))),
            },
        })
        .collect();
    // Fused, because the compression polls once more after the end.
    stream::unfold(pieces, |mut pieces| async move {
        Some((Ok(next_chunk(&mut pieces).await?), pieces))
    })
    .fuse()
}

/// All pieces that are ready, as one chunk; if none is, waits for the next piece.
async fn next_chunk(pieces: &mut VecDeque<Piece>) -> Option<Bytes> {
    loop {
        let mut chunk = Vec::new();
        while let Some(piece) = pieces.pop_front_if(|piece| piece.is_ready()) {
            chunk.extend_from_slice(&piece.bytes().await);
        }
        if !chunk.is_empty() {
            return Some(chunk.into());
        }
        let bytes = pieces.pop_front()?.bytes().await;
        if !bytes.is_empty() {
            return Some(bytes);
        }
    }
}

impl Piece {
    fn is_ready(&self) -> bool {
        match self {
            Self::Ready(_) => true,
            Self::Pending(task) => task.is_finished(),
        }
    }

    async fn bytes(self) -> Bytes {
        match self {
            Self::Ready(bytes) => bytes,
            Self::Pending(task) => task.await.ok().flatten().unwrap_or_default(),
        }
    }
}

/// The shell's own fragment needs no request.
fn local(state: &State, node: &Node) -> Option<Bytes> {
    match node {
        Node::Include { src, .. } if src == HEAD => Some(state.head.clone()),
        Node::Try { attempt, .. } => match &attempt[..] {
            [node] => local(state, node),
            _ => None,
        },
        _ => None,
    }
}

impl Composition {
    async fn top(self, node: Node) -> Option<Bytes> {
        self.node(node, 0).await.map_err(|missing| missing.log("nothing")).ok()
    }

    fn nodes(&self, nodes: Vec<Node>, depth: u8) -> BoxFuture<'_, Result<Bytes, MissingFragment>> {
        async move {
            let parts = join_all(nodes.into_iter().map(|node| self.node(node, depth))).await;
            let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(parts.concat().into())
        }
        .boxed()
    }

    async fn node(&self, node: Node, depth: u8) -> Result<Bytes, MissingFragment> {
        if let Some(bytes) = local(&self.app.0, &node) {
            return Ok(bytes);
        }
        match node {
            Node::Text(text) => Ok(text.into()),
            Node::Include { src, alt, optional } => match self.include(&src, alt.as_deref(), depth).await {
                Err(missing) if optional => {
                    missing.log("nothing");
                    Ok(Bytes::new())
                }
                outcome => outcome,
            },
            Node::Try { attempt, except } => match self.nodes(attempt, depth).await {
                Ok(bytes) => Ok(bytes),
                Err(missing) => {
                    missing.log("the fallback");
                    self.nodes(except, depth).await
                }
            },
        }
    }

    async fn include(&self, src: &str, alt: Option<&str>, depth: u8) -> Result<Bytes, MissingFragment> {
        match (self.fragment(src, depth).await, alt) {
            (Err(missing), Some(alt)) => {
                missing.log("the alternative");
                self.fragment(alt, depth).await
            }
            (outcome, _) => outcome,
        }
    }

    async fn fragment(&self, src: &str, depth: u8) -> Result<Bytes, MissingFragment> {
        let missing = |error| MissingFragment {
            path: src.to_owned(),
            error,
        };
        let body = self.body(src).await.map_err(missing)?;
        match std::str::from_utf8(&body)
            .ok()
            .filter(|text| depth < MAX_DEPTH && text.contains("esi"))
            .map(esi::parse)
        {
            Some(Ok(nodes)) => self.nodes(nodes, depth + 1).await,
            _ => Ok(body),
        }
    }

    async fn body(&self, src: &str) -> Result<Bytes, Error> {
        let (path, _) = src.split_once('?').unwrap_or((src, ""));
        let Some(Route::Frontend {
            base,
            fallback,
            is_page: true,
            ..
        }) = self.app.0.discovery.route(path)
        else {
            return Err(Error::Status(StatusCode::NOT_FOUND));
        };
        let request = self.request.fragment(src);
        let is_good = |answer: &UpstreamResponse| answer.status.is_success();
        let (bases, limit) = ((&base, fallback.as_ref()), self.app.0.fragment_timeout);
        let answer = self.app.0.upstream.send_or_fall_back(bases, &request, limit, is_good);
        match answer.await? {
            answer if is_good(&answer) => Ok(answer.body),
            answer => Err(Error::Status(answer.status)),
        }
    }
}

/// A fragment that is missing. It is logged where its replacement is chosen.
struct MissingFragment {
    path: String,
    error: Error,
}

impl MissingFragment {
    fn log(&self, instead: &'static str) {
        tracing::warn!(
            path = self.path,
            error = causes(&self.error),
            instead,
            "a fragment is missing"
        );
    }
}
