//! What the names of an expression stand for.

use std::sync::{Arc, OnceLock};

use cel::common::traits::Indexer;
use cel::common::types::{CelOptional, CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::{Context, ExecutionError};

use super::expression::{Expression, Failure};
use super::{Shape, environment, value};
use crate::tree::Node;

/// Names and their values, over trees that live for `'v`.
pub(crate) struct Scope<'v>(Context<'v, 'v>);

impl<'v> Scope<'v> {
    /// No names.
    pub(crate) fn new() -> Self {
        Self(Context::with_env(Arc::clone(environment())))
    }

    /// Binds a name to a value of a tree.
    pub(crate) fn bind(&mut self, name: &str, node: &'v Node) {
        self.0.add_variable_as_val(name, value::seen(node, None));
    }

    /// Binds a name to a value of a tree that has a shape.
    pub(crate) fn bind_shaped(&mut self, name: &str, node: &'v Node, shape: &'v dyn Shape) {
        self.0.add_variable_as_val(name, value::seen(node, Some(shape)));
    }

    /// Binds a name to a text.
    pub(crate) fn bind_text(&mut self, name: &str, text: &'v str) {
        self.0.add_variable_as_val(name, Box::new(CelString::from(text)));
    }

    /// Binds a name to nothing that is there: `name.hasValue()` is false.
    pub(crate) fn bind_none(&mut self, name: &str) {
        self.0.add_variable_as_val(name, Box::new(CelOptional::none()));
    }

    /// Binds `variables` to what expressions give, each of which may use those before it. Fails with the position of one
    /// that gives nothing.
    pub(crate) fn bind_variables(&mut self, variables: &'v [(String, Expression)]) -> Result<(), (usize, Failure)> {
        let slots: Arc<[OnceLock<Box<dyn Val + 'v>>]> = variables.iter().map(|_| OnceLock::new()).collect();
        self.0.add_variable_as_val("variables", Box::new(Variables { variables, slots: Arc::clone(&slots) }));
        for (index, ((_, expression), slot)) in variables.iter().zip(slots.iter()).enumerate() {
            let value = expression.value(&self.0).map_err(|failure| (index, failure))?;
            let filled = slot.set(value);
            debug_assert!(filled.is_ok(), "each slot is filled once");
        }
        Ok(())
    }

    pub(super) fn context(&self) -> &Context<'v, 'v> {
        &self.0
    }
}

/// What `variables` stands for.
#[derive(Debug)]
struct Variables<'v> {
    variables: &'v [(String, Expression)],
    /// One for each; open until it has a value.
    slots: Arc<[OnceLock<Box<dyn Val + 'v>>]>,
}

impl Val for Variables<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Variables { variables: self.variables, slots: Arc::clone(&self.slots) })
    }
}

impl Indexer for Variables<'_> {
    fn get<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let name = key.downcast_ref::<CelString<'_>>().map_or("", |key| key.inner());
        let slot = self.variables.iter().position(|(known, _)| known == name).and_then(|index| self.slots.get(index));
        let value = slot.and_then(OnceLock::get).ok_or_else(|| ExecutionError::no_such_key(name))?;
        Ok(CowVal::Borrowed(value.as_ref()))
    }

    fn steal<'w>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(key).map(CowVal::into_owned)
    }
}
