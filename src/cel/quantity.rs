//! Amounts of resources: `quantity('500m')` and what can be asked of it.

use std::any::Any;
use std::cmp::Ordering;

use cel::common::traits::Comparer;
use cel::common::types::{CelBool, CelDouble, CelInt, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::quantity::Quantity;

/// An amount, as a value of the language.
#[derive(Debug, Clone, Copy)]
struct Amount(Quantity);

static AMOUNT: Type = Type::new_unspecified_type("kubernetes.Quantity");

impl Val for Amount {
    fn get_type(&self) -> &Type {
        &AMOUNT
    }

    fn cel_type() -> &'static Type {
        &AMOUNT
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Amount {}

impl Comparer for Amount {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        let other = other
            .downcast_ref::<Self>()
            .ok_or_else(|| ExecutionError::no_such_overload("compareTo", vec![AMOUNT.name().to_owned()]))?;
        Ok(self.0.cmp(&other.0))
    }
}

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn quantity: (CelString<'_>) -> Result<Amount>)?;
    cel::add_overload!(env, fn is_quantity: (CelString<'_>) -> CelBool)?;
    cel::add_member_overload!(env, fn is_greater_than: (Amount, Amount) -> CelBool)?;
    cel::add_member_overload!(env, fn is_less_than: (Amount, Amount) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (Amount, Amount) -> CelInt)?;
    cel::add_member_overload!(env, fn sign: (Amount) -> CelInt)?;
    cel::add_member_overload!(env, fn is_integer: (Amount) -> CelBool)?;
    cel::add_member_overload!(env, fn as_integer: (Amount) -> Result<CelInt>)?;
    cel::add_member_overload!(env, fn as_approximate_float: (Amount) -> Result<CelDouble>)?;
    cel::add_member_overload!(env, fn add: (Amount, Amount) -> Result<Amount>)?;
    cel::add_member_overload!(env, fn add_whole: (Amount, CelInt) -> Result<Amount>, name = "add")?;
    cel::add_member_overload!(env, fn sub: (Amount, Amount) -> Result<Amount>)?;
    cel::add_member_overload!(env, fn sub_whole: (Amount, CelInt) -> Result<Amount>, name = "sub")
}

fn quantity(text: &CelString<'_>) -> Result<Amount, ExecutionError> {
    Quantity::parse(text.inner())
        .map(Amount)
        .ok_or_else(|| ExecutionError::function_error("quantity", "its argument is no quantity"))
}

fn is_quantity(text: &CelString<'_>) -> CelBool {
    Quantity::parse(text.inner()).is_some().into()
}

fn is_greater_than(left: &Amount, right: &Amount) -> CelBool {
    (left.0 > right.0).into()
}

fn is_less_than(left: &Amount, right: &Amount) -> CelBool {
    (left.0 < right.0).into()
}

fn compare_to(left: &Amount, right: &Amount) -> CelInt {
    CelInt::from(left.0.cmp(&right.0) as i64)
}

fn sign(amount: &Amount) -> CelInt {
    CelInt::from(amount.0.value().cmp(&Decimal::ZERO) as i64)
}

fn is_integer(amount: &Amount) -> CelBool {
    whole(amount).is_some().into()
}

fn as_integer(amount: &Amount) -> Result<CelInt, ExecutionError> {
    whole(amount).map(CelInt::from).ok_or_else(|| ExecutionError::function_error("asInteger", "it is no whole number"))
}

fn whole(amount: &Amount) -> Option<i64> {
    amount.0.value().is_integer().then(|| amount.0.value().to_i64()).flatten()
}

fn as_approximate_float(amount: &Amount) -> Result<CelDouble, ExecutionError> {
    amount.0.value().to_f64().map(CelDouble::from).ok_or_else(|| too_large("asApproximateFloat"))
}

fn add(left: &Amount, right: &Amount) -> Result<Amount, ExecutionError> {
    left.0.plus(right.0).map(Amount).ok_or_else(|| too_large("add"))
}

fn add_whole(left: &Amount, right: &CelInt) -> Result<Amount, ExecutionError> {
    add(left, &of(*right.inner())?)
}

fn sub(left: &Amount, right: &Amount) -> Result<Amount, ExecutionError> {
    let minus = right.0.times(Decimal::NEGATIVE_ONE).ok_or_else(|| too_large("sub"))?;
    left.0.plus(minus).map(Amount).ok_or_else(|| too_large("sub"))
}

fn sub_whole(left: &Amount, right: &CelInt) -> Result<Amount, ExecutionError> {
    sub(left, &of(*right.inner())?)
}

fn of(whole: i64) -> Result<Amount, ExecutionError> {
    Quantity::parse(&whole.to_string()).map(Amount).ok_or_else(|| too_large("quantity"))
}

fn too_large(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "the amount is too large")
}
