//! CEL, the Common Expression Language, as the API server speaks it: rules of custom resources and of policies.
//!
//! In goes the text of an expression and trees to evaluate it over, out comes a boolean or a string. This room alone
//! knows the crate that does it: `expression` compiles and evaluates, `value` lets it look into a tree without
//! copying, `meter` keeps an evaluation from running on for ever, and the others are the functions that Kubernetes
//! adds to the language.

mod address;
mod expression;
mod extrema;
mod mentioned;
mod meter;
mod pattern;
mod quantity;
mod scope;
mod sets;
mod url;
mod value;

pub(crate) use expression::{Expression, Failure, Wrong};
pub(crate) use scope::{Scope, Spelling};

use std::sync::{Arc, OnceLock};

use ::cel::{DeclarationError, Env, extensions};

/// The language with all its functions.
fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut env = Env::stdlib();
        // Two functions of one name and signature would be a mistake in this room; a test sees it.
        let declared = declare(&mut env);
        debug_assert_eq!(declared, Ok(()), "each function is declared once");
        Arc::new(env)
    })
}

/// Declares what the standard library of CEL lacks.
fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(extensions::strings)?;
    meter::declare(env)?;
    pattern::declare(env)?;
    quantity::declare(env)?;
    address::declare(env)?;
    url::declare(env)?;
    sets::declare(env)?;
    extrema::declare(env)
}

#[cfg(test)]
mod tests;
