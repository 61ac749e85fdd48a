//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::Problem;

use crate::domain::{Sku, Violation};

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The request breaks rules, each at a field.
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    /// The place is one in another order.
    #[error("The `after` must be the `next` of a page in the same order.")]
    Misplaced,
    /// Products stand in the category.
    #[error("There are products in this category. Move them or remove them first.")]
    CategoryInUse,
    /// The variant is the only one of its product.
    #[error("This is the only variant of its product. Remove the product or archive it instead.")]
    LastVariant,
    /// Another product has this SKU.
    #[error("The SKU {0} belongs to another product.")]
    SkuTaken(Sku),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] storage::Error),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Self::invalid(detail), |problem, Violation { pointer, detail }| {
                    problem.field(&pointer, detail)
                }),
            Error::Misplaced => Self::invalid_query(detail),
            Error::CategoryInUse => {
                Self::new(StatusCode::CONFLICT, "category-in-use", "Category in use").detail(detail)
            }
            Error::LastVariant => Self::new(StatusCode::CONFLICT, "last-variant", "Last variant").detail(detail),
            Error::SkuTaken(_) => Self::new(StatusCode::CONFLICT, "sku-taken", "SKU taken").detail(detail),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (Self::CategoryInUse, "products are in this category"),
            (Self::LastVariant, "its product has no other variant"),
            (
                Self::SkuTaken(Sku::try_from("ABC-1".to_owned()).expect("a SKU")),
                "another product has this SKU",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
