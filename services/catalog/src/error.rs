//! Errors and the problems that they are answered with.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::Problem;
use values::Violation;

use crate::domain::Sku;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    /// The cursor belongs to a list with another sort order.
    #[error("The `after` must be the `next` of a page in the same order.")]
    CursorMismatch,
    #[error("There are products in this category. Move or delete them first.")]
    CategoryInUse,
    #[error("This is the only variant of its product. Delete or archive the product instead.")]
    LastVariant,
    #[error("The SKU {0} belongs to another product.")]
    SkuTaken(Sku),
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
            Error::Invalid(violations) => Self::invalid(detail).violations(violations),
            Error::CursorMismatch => Self::invalid_query(detail),
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
    /// The problems in the contract: an example of each, and when it is returned.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (Self::CategoryInUse, "the category contains products"),
            (Self::LastVariant, "the product has no other variant"),
            (
                Self::SkuTaken(Sku::try_from("ABC-1".to_owned()).expect("a SKU")),
                "the SKU belongs to another product",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
