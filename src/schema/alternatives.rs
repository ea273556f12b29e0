//! `anyOf` and `oneOf`: which alternative was meant, so that its errors are told and not those of all.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{JsonType, ValidationError};

use super::words;

/// What can be said about a value that matches no alternative.
pub(super) enum Meant {
    /// This alternative; its errors say what is wrong.
    One(usize),
    /// The alternatives want nothing but these types.
    Types(Vec<JsonType>),
    /// It is not clear.
    Unclear,
}

/// Finds the alternative that was meant, from the errors of each.
pub(super) fn meant(at: &str, alternatives: &[Vec<ValidationError<'static>>]) -> Meant {
    let mut types = Vec::new();
    for errors in alternatives {
        if let [error] = errors.as_slice()
            && let Kind::Type { kind } = error.kind()
            && error.instance_path().as_str() == at
        {
            types.extend(words::types(kind).into_iter().filter(|kind| !types.contains(kind)).collect::<Vec<_>>());
        } else {
            types.clear();
            break;
        }
    }
    if !types.is_empty() {
        return Meant::Types(types);
    }
    // Each sieve keeps the alternatives that could have been meant; one that keeps none tells nothing.
    let sieves: [&dyn Fn(&ValidationError<'_>) -> bool; 3] = [
        &|error| matches!(error.kind(), Kind::Type { .. } | Kind::FalseSchema) && error.instance_path().as_str() == at,
        &|error| is_discriminator(at, error),
        &|error| matches!(error.kind(), Kind::Required { .. }) && error.instance_path().as_str() == at,
    ];
    let mut left: Vec<usize> = (0..alternatives.len()).collect();
    for excludes in sieves {
        let kept: Vec<usize> =
            left.iter().copied().filter(|index| !alternatives[*index].iter().any(excludes)).collect();
        if !kept.is_empty() {
            left = kept;
        }
        if let [one] = left.as_slice() {
            return Meant::One(*one);
        }
    }
    Meant::Unclear
}

/// Whether the error is that a member right below has another constant than the alternative's: `kind: a`.
fn is_discriminator(at: &str, error: &ValidationError<'_>) -> bool {
    let below = error.instance_path().as_str().strip_prefix(at);
    let member = below.is_some_and(|below| below.matches('/').count() == 1);
    member && matches!(error.kind(), Kind::Constant { .. } | Kind::Enum { .. })
}
