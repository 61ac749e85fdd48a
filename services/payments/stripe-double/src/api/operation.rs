//! The operations of the API.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::call::Call;
use super::{events, intents, list, refunds, sessions};
use crate::App;
use crate::error::ApiError;
use crate::form::Node;
use crate::schema::{Param, ParamType, optional};
use crate::unit_of_work::UnitOfWork;

/// One of Stripe's operations.
#[derive(Debug)]
pub enum Operation {
    CreateSession,
    RetrieveSession(String),
    ExpireSession(String),
    RetrieveIntent(String),
    CaptureIntent(String),
    CancelIntent(String),
    CreateRefund,
    RetrieveRefund(String),
    ListRefunds,
    RetrieveEvent(String),
    ListEvents,
}

const EXPAND_PATH: &ParamType = &ParamType::Text(500);
/// The parameter that all operations have.
pub const EXPAND: Param = optional("expand", ParamType::List(20, EXPAND_PATH));
const ONLY_EXPAND: &[Param] = &[EXPAND];

impl Operation {
    /// The operation of a call.
    pub fn find(call: &Call, node: &Node) -> Result<Self, ApiError> {
        let path = call.path.strip_prefix("/v1/").unwrap_or_default();
        let segments: Vec<_> = path.split('/').collect();
        let id = |id: &str| id.to_owned();
        Ok(match (&call.method, segments.as_slice()) {
            (&Method::POST, ["checkout", "sessions"]) => Self::CreateSession,
            (&Method::GET, ["checkout", "sessions", session]) => Self::RetrieveSession(id(session)),
            (&Method::POST, ["checkout", "sessions", session, "expire"]) => Self::ExpireSession(id(session)),
            (&Method::GET, ["payment_intents", intent]) => Self::RetrieveIntent(id(intent)),
            (&Method::POST, ["payment_intents", intent, "capture"]) => Self::CaptureIntent(id(intent)),
            (&Method::POST, ["payment_intents", intent, "cancel"]) => Self::CancelIntent(id(intent)),
            (&Method::POST, ["refunds"]) => Self::CreateRefund,
            (&Method::GET, ["refunds"]) => Self::ListRefunds,
            (&Method::GET, ["refunds", refund]) => Self::RetrieveRefund(id(refund)),
            (&Method::GET, ["events"]) => Self::ListEvents,
            (&Method::GET, ["events", event]) => Self::RetrieveEvent(id(event)),
            (&Method::POST, _) if has_card(node) => return Err(unsafe_card()),
            _ => return Err(ApiError::unrecognized(call.method.as_str(), &call.path)),
        })
    }

    pub fn params(&self) -> &'static [Param] {
        match self {
            Self::CreateSession => sessions::CREATE,
            Self::CaptureIntent(_) => intents::CAPTURE,
            Self::CancelIntent(_) => intents::CANCEL,
            Self::CreateRefund => refunds::CREATE,
            Self::ListRefunds => refunds::LIST,
            Self::ListEvents => events::LIST,
            _ => ONLY_EXPAND,
        }
    }

    pub async fn run(&self, work: &mut UnitOfWork, call: &Call, app: &App, params: &Value) -> Result<Value, ApiError> {
        let address = app.public_url.as_deref().map_or_else(|| call.address(), str::to_owned);
        let mut answer = match self {
            Self::CreateSession => sessions::create(work, params, &address).await?,
            Self::RetrieveSession(id) => sessions::find(work, id).await?.to_json(),
            Self::ExpireSession(id) => sessions::expire(work, id).await?,
            Self::RetrieveIntent(id) => intents::find(work, id).await?.to_json(),
            Self::CaptureIntent(id) => intents::capture(work, id, params).await?,
            Self::CancelIntent(id) => intents::cancel(work, id, params).await?,
            Self::CreateRefund => refunds::create(work, params).await?,
            Self::RetrieveRefund(id) => refunds::find(work, id).await?.to_json(),
            Self::ListRefunds => refunds::list(work, params).await?,
            Self::RetrieveEvent(id) => events::find(work, id).await?,
            Self::ListEvents => events::list(work, params).await?,
        };
        list::expand(work, &mut answer, params).await?;
        Ok(answer)
    }
}

/// Whether the parameters contain a card number.
fn has_card(node: &Node) -> bool {
    match node {
        Node::Leaf(_) => false,
        Node::Tree(children) => children.iter().any(|(name, child)| match child {
            Node::Tree(fields) if name == "card" => fields.iter().any(|(name, _)| name == "number"),
            child => has_card(child),
        }),
    }
}

fn unsafe_card() -> ApiError {
    ApiError::invalid(
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that \
         map to the test card you are using, see https://stripe.com/docs/testing. To enable raw card data APIs in test \
         mode, see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
    )
    .status(StatusCode::PAYMENT_REQUIRED)
}
