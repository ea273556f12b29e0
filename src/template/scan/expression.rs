//! Expressions: what a value of theirs means, and what is read on the way.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::ast;

use super::{Meaning, Scanner};

impl<'a> Scanner<'a> {
    /// An expression whose value is used.
    pub(super) fn read(&mut self, expression: &'a ast::Expr<'a>) {
        let value = self.value(expression);
        self.escape(&value);
    }

    /// An expression that is asked only whether it holds.
    pub(super) fn condition(&mut self, expression: &'a ast::Expr<'a>) {
        let value = self.value(expression);
        self.peek(&value);
    }

    /// What an expression may give.
    pub(super) fn value(&mut self, expression: &'a ast::Expr<'a>) -> Meaning {
        if !self.step() {
            return Meaning::default();
        }
        let value = match expression {
            ast::Expr::Var(variable) => self.variable(variable.id),
            ast::Expr::Const(_) => Meaning::default(),
            ast::Expr::Slice(slice) => {
                let value = self.value(&slice.expr);
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.read(bound);
                }
                Meaning::list(self.items(&value))
            }
            ast::Expr::UnaryOp(unary) => {
                match unary.op {
                    ast::UnaryOpKind::Not => self.condition(&unary.expr),
                    ast::UnaryOpKind::Neg => self.read(&unary.expr),
                }
                Meaning::default()
            }
            ast::Expr::BinOp(binary) => match binary.op {
                ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => {
                    let left = self.value(&binary.left);
                    self.peek(&left);
                    left.or(self.value(&binary.right))
                }
                _ => {
                    self.read(&binary.left);
                    self.read(&binary.right);
                    Meaning::default()
                }
            },
            ast::Expr::Compare(compare) => {
                self.read(&compare.expr);
                for operand in &compare.ops {
                    self.read(&operand.expr);
                }
                Meaning::default()
            }
            ast::Expr::IfExpr(either) => {
                self.condition(&either.test_expr);
                let value = self.value(&either.true_expr);
                match &either.false_expr {
                    Some(other) => value.or(self.value(other)),
                    None => value,
                }
            }
            ast::Expr::Filter(filter) => self.filter(filter),
            ast::Expr::Test(test) => {
                let value = self.value(&test.expr);
                // Others look at the value itself.
                if !asks_kind(test.name) {
                    self.escape(&value);
                }
                self.read_arguments(&test.args);
                Meaning::default()
            }
            ast::Expr::GetAttr(attribute) => self.value(&attribute.expr).member(attribute.name),
            ast::Expr::GetItem(item) => {
                let value = self.value(&item.expr);
                if let Some(key) = item.subscript_expr.as_const() {
                    match (key.as_str(), key.as_usize()) {
                        (Some(key), _) => value.member(key),
                        (None, Some(position)) => Self::at_position(&value, position),
                        (None, None) => value.any(),
                    }
                } else {
                    self.read(&item.subscript_expr);
                    value.any()
                }
            }
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::List(list) => self.positions(&list.items),
            ast::Expr::Tuple(tuple) => self.positions(&tuple.items),
            ast::Expr::Map(map) => self.mapping(map),
        };
        // What is looked up is read, whatever becomes of it.
        self.touch(&value);
        self.bounded(value)
    }

    /// The item at a position of a list.
    pub(super) fn at_position(value: &Meaning, position: usize) -> Meaning {
        let of_configuration = Meaning { places: value.places.clone(), ..Meaning::default() };
        let made = Meaning { places: BTreeSet::default(), ..value.clone() };
        of_configuration.any().or(made.member(&position.to_string()))
    }

    /// A value is looked up, and perhaps asked whether it is there or of which kind.
    fn touch(&mut self, value: &Meaning) {
        for place in &value.places {
            self.mentions.add(place, false);
        }
    }

    fn positions(&mut self, items: &'a [ast::Expr<'a>]) -> Meaning {
        let items: Vec<Meaning> = items.iter().map(|item| self.value(item)).collect();
        Meaning::positions(items)
    }

    fn mapping(&mut self, map: &'a ast::Map<'a>) -> Meaning {
        let mut made = Meaning::default();
        for (key, value) in map.keys.iter().zip(&map.values) {
            let value = self.value(value);
            if let Some(key) = key.as_const().as_ref().and_then(minijinja::Value::as_str) {
                made.members.entry(key.into()).or_default().join(value);
            } else {
                self.read(key);
                made.join(Meaning::list(value));
            }
        }
        made
    }

    /// A filter applied to what stands before it; to text in a `{% filter %}` block.
    fn filter(&mut self, filter: &'a ast::Filter<'a>) -> Meaning {
        let value = filter.expr.as_ref().map(|expression| self.value(expression)).unwrap_or_default();
        let arguments = filter.args.as_slice();
        let first = match arguments.first() {
            Some(ast::CallArg::Pos(first)) => first.as_const(),
            _ => None,
        };
        let text = first.as_ref().and_then(minijinja::Value::as_str);
        match (filter.name, text) {
            ("default" | "d", _) => {
                self.peek(&value);
                arguments.iter().fold(value, |value, argument| value.or(self.argument(argument)))
            }
            ("items", _) => self.pairs(&value),
            ("dictsort", _) if arguments.is_empty() => self.pairs(&value),
            ("list" | "reverse", _) => Meaning::list(self.items(&value)),
            ("first" | "last", _) => self.items(&value),
            ("length" | "count", _) => {
                self.peek(&value);
                Meaning::default()
            }
            ("attr", Some(name)) => value.member(name),
            ("selectattr" | "rejectattr", Some(name)) => {
                let items = self.items(&value);
                let compared = name.split('.').fold(items.clone(), |item, name| item.member(name));
                self.escape(&compared);
                self.read_arguments(arguments);
                Meaning::list(items)
            }
            ("map", _) if arguments.len() == 1 && attribute(arguments).is_some() => {
                let items = self.items(&value);
                let name = attribute(arguments).unwrap_or_default();
                Meaning::list(name.split('.').fold(items, |item, name| {
                    let position = name.parse().map(|position| Self::at_position(&item, position));
                    position.unwrap_or_default().or(item.member(name))
                }))
            }
            _ => {
                self.escape(&value);
                self.read_arguments(arguments);
                Meaning::default()
            }
        }
    }

    /// Keys and values, as `items()` gives them.
    pub(super) fn pairs(&mut self, value: &Meaning) -> Meaning {
        let items = self.items(value);
        Meaning::list(Meaning::positions([Meaning::default(), items]))
    }

    /// What may be given for a parameter.
    pub(super) fn argument(&mut self, argument: &'a ast::CallArg<'a>) -> Meaning {
        match argument {
            ast::CallArg::Pos(value) | ast::CallArg::Kwarg(_, value) => self.value(value),
            ast::CallArg::PosSplat(all) | ast::CallArg::KwargSplat(all) => {
                self.read(all);
                Meaning::default()
            }
        }
    }

    pub(super) fn read_arguments(&mut self, arguments: &'a [ast::CallArg<'a>]) {
        for argument in arguments {
            let value = self.argument(argument);
            self.escape(&value);
        }
    }

    /// `dict(a=..)`
    pub(super) fn named_members(&mut self, arguments: &'a [ast::CallArg<'a>]) -> Meaning {
        let mut members = BTreeMap::new();
        let mut made = Meaning::default();
        for argument in arguments {
            let value = self.argument(argument);
            match argument {
                ast::CallArg::Kwarg(name, _) => drop(members.insert((*name).into(), value)),
                _ => made.join(value),
            }
        }
        made.join(Meaning { members, ..Meaning::default() });
        made
    }
}

/// Whether a test asks only whether a value is there, or of which kind.
fn asks_kind(test: &str) -> bool {
    matches!(
        test,
        "defined"
            | "undefined"
            | "none"
            | "number"
            | "integer"
            | "int"
            | "float"
            | "string"
            | "boolean"
            | "mapping"
            | "sequence"
            | "iterable"
    )
}

/// The attribute that `map(attribute="a.b")` takes.
fn attribute(arguments: &[ast::CallArg<'_>]) -> Option<String> {
    let [ast::CallArg::Kwarg("attribute", name)] = arguments else { return None };
    name.as_const()?.as_str().map(str::to_owned)
}
