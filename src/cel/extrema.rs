//! Lists: `sum`, `min`, `max`, `isSorted`, `indexOf`, `lastIndexOf`.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelInt, CelList, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("sum", "list.sum()", LIST_TYPE, vec![], sum)?;
    env.add_member_overload("min", "list.min()", LIST_TYPE, vec![], min)?;
    env.add_member_overload("max", "list.max()", LIST_TYPE, vec![], max)?;
    cel::add_member_overload!(env, fn is_sorted: (CelList<'_>) -> Result<CelBool>)?;
    env.add_member_overload("indexOf", "list.indexOf(dyn)", LIST_TYPE, vec![cel::common::types::DYN_TYPE], index_of)?;
    env.add_member_overload(
        "lastIndexOf",
        "list.lastIndexOf(dyn)",
        LIST_TYPE,
        vec![cel::common::types::DYN_TYPE],
        last_index_of,
    )
}

/// The items of a list, the target of a call.
fn items<'b, 'v>(of: &'b CowVal<'_, 'v>) -> &'b [Box<dyn Val + 'v>] {
    of.downcast_ref::<CelList<'_>>().map_or(&[], |list| list.inner())
}

fn sum<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some((first, rest)) = arguments.first().and_then(|list| items(list).split_first()) else {
        return Ok(CowVal::owned(CelInt::from(0)));
    };
    let mut total = first.clone();
    for item in rest {
        let adder = total.as_adder().ok_or_else(|| no_order("sum"))?;
        let next = adder.add(item.as_ref())?.into_owned();
        total = next;
    }
    Ok(CowVal::Owned(total))
}

fn min<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    extreme("min", &arguments, Ordering::Less)
}

fn max<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    extreme("max", &arguments, Ordering::Greater)
}

/// The item that every other one is on the other side of.
fn extreme<'b, 'v>(
    function: &str,
    arguments: &[CowVal<'b, 'v>],
    side: Ordering,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some((mut found, rest)) = arguments.first().and_then(|list| items(list).split_first()) else {
        return Err(ExecutionError::function_error(function, "the list is empty"));
    };
    for item in rest {
        if compare(function, item.as_ref(), found.as_ref())? == side {
            found = item;
        }
    }
    Ok(CowVal::Owned(found.clone()))
}

fn is_sorted(list: &CelList<'_>) -> Result<CelBool, ExecutionError> {
    for pair in list.inner().windows(2) {
        if let [left, right] = pair
            && compare("isSorted", left.as_ref(), right.as_ref())? == Ordering::Greater
        {
            return Ok(false.into());
        }
    }
    Ok(true.into())
}

fn compare(function: &str, left: &dyn Val, right: &dyn Val) -> Result<Ordering, ExecutionError> {
    left.as_comparer().ok_or_else(|| no_order(function))?.compare(right)
}

fn index_of<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    Ok(position(&arguments, |items, wanted| items.iter().position(|item| item.equals(wanted))))
}

fn last_index_of<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    Ok(position(&arguments, |items, wanted| items.iter().rposition(|item| item.equals(wanted))))
}

fn position<'b, 'v>(
    arguments: &[CowVal<'b, 'v>],
    find: impl Fn(&[Box<dyn Val + 'v>], &dyn Val) -> Option<usize>,
) -> CowVal<'b, 'v> {
    let found = match arguments {
        [list, wanted] => find(items(list), wanted.as_ref()),
        _ => None,
    };
    CowVal::owned(CelInt::from(found.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1)))
}

fn no_order(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "the items of the list have no such operation")
}
