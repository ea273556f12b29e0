//! What an evaluation may spend: turns of its loops.
//!
//! CEL always ends, but nested loops end late. Compiling puts a call into the condition of every loop that counts its
//! turns; past the limit it is an error, and the expression with it. The same walk gives `matches` to the function of
//! this room that keeps what it compiled, and puts a mapping that is written out to the right of `==`: the mappings of
//! the engine do not know those of trees.

use std::cell::Cell;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, operators};
use cel::common::types::CelBool;
use cel::{DeclarationError, Env, ExecutionError};

/// Turns of all loops of one evaluation. The API server's own limit is of the same order.
pub(super) const TURNS: u64 = 1_000_000;

/// The function that counts, and the one that keeps compiled patterns: no text of an expression can spell them.
const COUNT: &str = "@count";
/// See [`COUNT`].
pub(super) const MATCHES: &str = "@matches";

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(TURNS) };
}

/// Gives an evaluation its turns.
pub(super) fn refill() {
    LEFT.set(TURNS);
}

/// Declares the function that counts.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn count: (CelBool) -> Result<CelBool>, name = COUNT)
}

fn count(go_on: &CelBool) -> Result<CelBool, ExecutionError> {
    let left = LEFT.get();
    if left == 0 {
        return Err(ExecutionError::function_error("loop", format!("its loops take more than {TURNS} turns")));
    }
    LEFT.set(left - 1);
    Ok(CelBool::from(*go_on.inner()))
}

/// Makes an expression one that is counted. The parser bounds how deep it is.
pub(super) fn attach(node: &mut IdedExpr) {
    match &mut node.expr {
        Expr::Call(call) => {
            if call.func_name == "matches" && call.target.is_some() {
                MATCHES.clone_into(&mut call.func_name);
            }
            if (call.func_name == operators::EQUALS || call.func_name == operators::NOT_EQUALS)
                && matches!(call.args.first(), Some(IdedExpr { expr: Expr::Map(_), .. }))
            {
                call.args.reverse();
            }
            call.target.iter_mut().for_each(|target| attach(target));
            call.args.iter_mut().for_each(attach);
        }
        Expr::Comprehension(turn) => {
            for part in [&mut turn.iter_range, &mut turn.accu_init, &mut turn.loop_step, &mut turn.result] {
                attach(part);
            }
            attach(&mut turn.loop_cond);
            let id = turn.loop_cond.id;
            let condition = std::mem::take(&mut turn.loop_cond);
            let call = CallExpr { func_name: COUNT.to_owned(), target: None, args: vec![condition] };
            turn.loop_cond = IdedExpr { id, expr: Expr::Call(call) };
        }
        Expr::List(list) => list.elements.iter_mut().for_each(attach),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| entries(&mut entry.expr)),
        Expr::Struct(fields) => fields.entries.iter_mut().for_each(|entry| entries(&mut entry.expr)),
        Expr::Select(select) => attach(&mut select.operand),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
    }
}

fn entries(entry: &mut EntryExpr) {
    match entry {
        EntryExpr::StructField(field) => attach(&mut field.value),
        EntryExpr::MapEntry(entry) => {
            attach(&mut entry.key);
            attach(&mut entry.value);
        }
    }
}
