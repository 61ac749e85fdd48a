//! Secret settings: those that do not show the value of their variable in `--help`.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error};

/// The error without values that may be secret. Messages of value parsers are kept, since they do not quote the value.
pub(super) fn masked(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
        return error;
    };
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let flag = argument.as_deref().and_then(flag);
    let is_secret = command
        .get_arguments()
        .any(|argument| argument.get_long() == flag && argument.is_hide_env_values_set());
    let shown = if is_secret {
        "…".to_owned()
    } else {
        without_user(value)
    };
    error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    error
}

/// `database-url` of `--database-url <DATABASE_URL>`.
fn flag(argument: &str) -> Option<&str> {
    argument.strip_prefix("--")?.split([' ', '=']).next()
}

/// A URL without user and password.
fn without_user(value: &str) -> String {
    match value
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (_, place))) => format!("{scheme}://…@{place}"),
        None => value.to_owned(),
    }
}
