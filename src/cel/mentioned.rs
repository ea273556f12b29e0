//! What an expression mentions: names that it does not bind itself, and functions.

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

/// Names and functions, sorted.
#[derive(Debug, Default)]
pub(super) struct Mentioned<'e> {
    pub(super) names: BTreeSet<&'e str>,
    pub(super) functions: BTreeSet<&'e str>,
    /// How many levels the expression has.
    pub(super) levels: usize,
}

/// What loops around a place bind, and how deep it is.
#[derive(Default)]
struct Bound<'e> {
    names: Vec<&'e str>,
    level: usize,
}

/// What stands before a dot in the names of functions.
const NAMESPACES: [&str; 4] = ["ip", "optional", "sets", "strings"];

/// Names of types.
const TYPES: [&str; 14] = [
    "bool",
    "bytes",
    "double",
    "google",
    "int",
    "list",
    "map",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
    "net",
    "kubernetes",
];

/// Every function of the language as it is here, sorted. What is written as an operator or expanded while it is parsed
/// is not among them.
pub(super) const FUNCTIONS: &[&str] = &[
    "add",
    "asApproximateFloat",
    "asInteger",
    "bool",
    "bytes",
    "charAt",
    "cidr",
    "compareTo",
    "contains",
    "containsCIDR",
    "containsIP",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "equivalent",
    "family",
    "find",
    "findAll",
    "format",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getEscapedPath",
    "getFullYear",
    "getHost",
    "getHostname",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getPort",
    "getQuery",
    "getScheme",
    "getSeconds",
    "hasValue",
    "indexOf",
    "int",
    "intersects",
    "ip",
    "isCIDR",
    "isCanonical",
    "isGlobalUnicast",
    "isGreaterThan",
    "isIP",
    "isInteger",
    "isLessThan",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isLoopback",
    "isQuantity",
    "isSorted",
    "isURL",
    "isUnspecified",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "masked",
    "matches",
    "max",
    "min",
    "none",
    "of",
    "ofNonZeroValue",
    "or",
    "orValue",
    "prefixLength",
    "quantity",
    "quote",
    "replace",
    "reverse",
    "sign",
    "size",
    "split",
    "startsWith",
    "string",
    "sub",
    "substring",
    "sum",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "url",
    "value",
];

impl<'e> Mentioned<'e> {
    /// What `root` mentions.
    pub(super) fn of(root: &'e IdedExpr) -> Self {
        let mut found = Self::default();
        found.walk(root, &mut Bound::default());
        found
    }

    fn walk(&mut self, node: &'e IdedExpr, bound: &mut Bound<'e>) {
        bound.level += 1;
        self.levels = self.levels.max(bound.level);
        self.inside(node, bound);
        bound.level -= 1;
    }

    fn inside(&mut self, node: &'e IdedExpr, bound: &mut Bound<'e>) {
        match &node.expr {
            Expr::Ident(name) => {
                if !bound.names.contains(&name.as_str()) && !TYPES.contains(&name.as_str()) {
                    self.names.insert(name.trim_start_matches('.'));
                }
            }
            Expr::Call(call) => {
                if call.func_name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    self.functions.insert(&call.func_name);
                }
                if let Some(target) = &call.target
                    && !matches!(&target.expr, Expr::Ident(name) if NAMESPACES.contains(&name.as_str()))
                {
                    self.walk(target, bound);
                }
                call.args.iter().for_each(|argument| self.walk(argument, bound));
            }
            Expr::Comprehension(turn) => {
                self.walk(&turn.iter_range, bound);
                self.walk(&turn.accu_init, bound);
                let outside = bound.names.len();
                bound.names.push(&turn.accu_var);
                self.walk(&turn.result, bound);
                bound.names.push(&turn.iter_var);
                bound.names.extend(turn.iter_var2.as_deref());
                self.walk(&turn.loop_cond, bound);
                self.walk(&turn.loop_step, bound);
                bound.names.truncate(outside);
            }
            Expr::List(list) => list.elements.iter().for_each(|item| self.walk(item, bound)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| self.entry(&entry.expr, bound)),
            Expr::Struct(fields) => fields.entries.iter().for_each(|entry| self.entry(&entry.expr, bound)),
            Expr::Select(select) => self.walk(&select.operand, bound),
            Expr::Unspecified | Expr::Literal(_) => {}
        }
    }

    fn entry(&mut self, entry: &'e EntryExpr, bound: &mut Bound<'e>) {
        match entry {
            EntryExpr::StructField(field) => self.walk(&field.value, bound),
            EntryExpr::MapEntry(entry) => {
                self.walk(&entry.key, bound);
                self.walk(&entry.value, bound);
            }
        }
    }
}
