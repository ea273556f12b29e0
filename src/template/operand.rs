//! Operands: where a template looks at text instead of writing it.
//!
//! Text that was captured (the result of a macro, a `{% set %}` block, `caller()`) holds markers and marks in the place of
//! values. Written out or joined, that is right; compared, measured, sliced or tested, it is not the text it stands
//! for. So a filter of [`super::worth`] is put behind each operand of such an operation before the template is
//! compiled, as somebody might have written it: `a == b` becomes `(a)|__value == (b)|__value`. Nothing else changes.
//! What makes text longer (`~`, `+`) gets one as well, which keeps the account of how much there is.

use minijinja::machinery::{Span, Token};
use minijinja::{Error, ErrorKind};

/// Most words and signs between two delimiters: the engine recurses over them.
const MOST_TOKENS: usize = 4096;

/// Text to be put into the source of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Insertion {
    /// Byte offset in the source.
    pub at: usize,
    /// What is put there.
    pub text: String,
}

/// How an operand is looked at; the names of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As the text it stands for, also inside lists and mappings.
    Value,
    /// As the text it stands for, but lists and mappings keep what they hold.
    Text,
    /// Only whether it is empty.
    Held,
    /// As a part of longer text.
    Joined,
    /// As a part of a sum.
    Added,
}

impl Look {
    pub(super) fn filter(self) -> &'static str {
        match self {
            Self::Value => "__value",
            Self::Text => "__text",
            Self::Held => "__held",
            Self::Joined => "__joined",
            Self::Added => "__added",
        }
    }
}

/// How a filter looks at what it is applied to; `None` if it works on captured text as it is.
fn look_of(filter: &str) -> Option<Look> {
    match filter {
        "indent" | "trim" | "to_yaml" | "tojson" | "to_json" | "sha256" | "b64encode" | "quantity_add"
        | "quantity_mul" | "quantity_sum" | "quantity_max" | "join" => None,
        "default" | "d" => Some(Look::Held),
        "list" | "first" | "last" | "reverse" | "batch" | "slice" | "items" | "attr" | "chain" | "zip" | "string" => {
            Some(Look::Text)
        }
        _ => Some(Look::Value),
    }
}

/// Whether a test looks at text.
fn looks(test: &str) -> bool {
    matches!(test, "eq" | "equalto" | "ne" | "lt" | "lessthan" | "le" | "gt" | "greaterthan" | "ge" | "in" | "sameas")
        || matches!(test, "startingwith" | "endingwith" | "containing" | "lower" | "upper" | "true" | "false")
}

type Tokens<'a> = [(Token<'a>, Span)];

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    /// Nothing, or what separates expressions: a comma, `else`.
    Edge,
    Colon,
    Assign,
    Compare,
    /// `and`, `or`, `not`, or the `if` of a condition.
    Logic,
    /// The `if` behind a value.
    If,
}

/// A run of tokens between two [`Between`]s.
struct Part {
    from: usize,
    to: usize,
    before: Between,
    after: Between,
}

/// What brackets that follow belong to.
#[derive(Clone, Copy)]
enum Callee<'a> {
    Function,
    Filter(&'a str),
    Test(&'a str),
    Method(&'a str),
}

/// The insertions for all tags of a template, in the order of their offsets.
pub(super) fn insertions(tokens: &Tokens<'_>) -> Result<Vec<Insertion>, Error> {
    let mut scan = Scan { tokens, close: closes(tokens), insertions: Vec::new() };
    let mut begin = None;
    for (index, (token, span)) in tokens.iter().enumerate() {
        match token {
            Token::VariableStart | Token::BlockStart => begin = Some(index),
            Token::VariableEnd | Token::BlockEnd => {
                let Some(start) = begin.take() else { continue };
                if matches!(tokens[start].0, Token::VariableStart) {
                    scan.expression(start + 1, index, None, false);
                } else {
                    scan.statement(start + 1, index);
                }
            }
            _ if begin.is_some_and(|start| index - start > MOST_TOKENS) => {
                let line = span.start_line;
                let said = format!("has more than {MOST_TOKENS} words and signs in one tag, on line {line}");
                return Err(Error::new(ErrorKind::OutOfFuel, said));
            }
            _ => {}
        }
    }
    // Stable: of what stands at one offset, the inner comes first.
    scan.insertions.sort_by_key(|insertion| insertion.at);
    Ok(scan.insertions)
}

/// For each opening bracket, the index of its closing one.
fn closes(tokens: &Tokens<'_>) -> Vec<usize> {
    let mut close = vec![usize::MAX; tokens.len()];
    let mut open = Vec::new();
    for (index, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => open.push(index),
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                if let Some(begin) = open.pop() {
                    close[begin] = index;
                }
            }
            // A bracket that is not closed in its tag is the parser's to refuse.
            Token::VariableEnd | Token::BlockEnd => open.clear(),
            _ => {}
        }
    }
    close
}

struct Scan<'t, 'a> {
    tokens: &'t Tokens<'a>,
    close: Vec<usize>,
    insertions: Vec<Insertion>,
}

impl<'a> Scan<'_, 'a> {
    fn word(&self, index: usize) -> Option<&'a str> {
        match self.tokens.get(index) {
            Some((Token::Ident(word), _)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, index: usize, wanted: &str) -> bool {
        self.word(index) == Some(wanted)
    }

    /// The index behind a token, or behind a whole group if it opens one.
    fn behind(&self, index: usize, to: usize) -> usize {
        match self.tokens[index].0 {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => self.close[index].min(to).saturating_add(1),
            _ => index + 1,
        }
    }

    fn put(&mut self, at: u32, text: impl Into<String>) {
        self.insertions.push(Insertion { at: at as usize, text: text.into() });
    }

    /// Puts a filter around the tokens `from..to`.
    fn wrap(&mut self, from: usize, to: usize, look: Look) {
        if from < to && !self.constant(from, to) {
            self.put(self.tokens[from].1.start_offset, "(");
            self.put(self.tokens[to - 1].1.end_offset, format!(")|{}", look.filter()));
        }
    }

    /// The same in brackets of its own, where a filter may not stand: before `[1:2]`, behind `is eq`.
    fn enclose(&mut self, from: usize, to: usize, look: Look) {
        if from < to && !self.constant(from, to) {
            self.put(self.tokens[from].1.start_offset, "((");
            self.put(self.tokens[to - 1].1.end_offset, format!(")|{})", look.filter()));
        }
    }

    /// Whether the tokens are a literal.
    fn constant(&self, from: usize, to: usize) -> bool {
        to - from == 1 && (self.number(from) || matches!(self.tokens[from].0, Token::Str(_) | Token::String(_)))
    }

    /// Whether a token is a literal that no text is equal to.
    fn number(&self, index: usize) -> bool {
        matches!(self.tokens[index].0, Token::Int(_) | Token::Int128(_) | Token::Float(_))
            || self
                .word(index)
                .is_some_and(|word| matches!(word, "true" | "True" | "false" | "False" | "none" | "None"))
    }

    fn statement(&mut self, from: usize, to: usize) {
        match self.word(from) {
            Some("if" | "elif") => self.expression(from + 1, to, Some(Look::Held), false),
            Some("for") => self.repetition(from + 1, to),
            // With a block, filters follow the name: `{% set x | upper %}`.
            Some("set" | "do" | "with") => self.expression(from + 1, to, None, false),
            Some("filter") => {
                if let Some(look) = self.word(from + 1).and_then(look_of) {
                    self.put(self.tokens[from + 1].1.start_offset, format!("{}|", look.filter()));
                }
                self.expression(from + 1, to, None, false);
            }
            Some("call") => {
                let begin = if matches!(self.tokens[from + 1].0, Token::ParenOpen) {
                    self.behind(from + 1, to)
                } else {
                    from + 1
                };
                self.expression(begin, to, None, false);
            }
            _ => {}
        }
    }

    /// `x in items if condition recursive`.
    fn repetition(&mut self, from: usize, to: usize) {
        let find = |scan: &Self, mut at: usize, word: &str| {
            while at < to && !scan.is(at, word) {
                at = scan.behind(at, to);
            }
            at
        };
        let begin = (find(self, from, "in") + 1).min(to);
        let end = if to > begin && self.is(to - 1, "recursive") { to - 1 } else { to };
        let condition = find(self, begin, "if").min(end);
        self.expression(begin, condition, Some(Look::Text), false);
        if condition < end {
            self.expression(condition + 1, end, Some(Look::Held), false);
        }
    }

    /// An expression, or several between commas; each that is a single operand is looked at with `look`.
    fn expression(&mut self, from: usize, to: usize, look: Option<Look>, mapping: bool) {
        let parts = self.parts(from, to);
        for (index, part) in parts.iter().enumerate() {
            self.sum(part.from, part.to);
            let numbered =
                |other: Option<&Part>| other.is_some_and(|other| other.to - other.from == 1 && self.number(other.from));
            let look = match (part.before, part.after) {
                (_, Between::Assign) => None,
                (Between::Compare, Between::Compare) => Some(Look::Value),
                (Between::Compare, _) if numbered(parts.get(index.wrapping_sub(1))) => None,
                (_, Between::Compare) if numbered(parts.get(index + 1)) => None,
                (Between::Compare, _) | (_, Between::Compare) => Some(Look::Value),
                (Between::Logic | Between::If, _) | (_, Between::Logic) => Some(Look::Held),
                (_, Between::Colon) if mapping => Some(Look::Value),
                _ => look,
            };
            if let Some(look) = look {
                self.wrap(part.from, part.to, look);
            }
        }
    }

    fn parts(&self, from: usize, to: usize) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut begin = from;
        let mut before = Between::Edge;
        let mut at = from;
        while at < to {
            let found = match &self.tokens[at].0 {
                Token::Comma => Some((Between::Edge, 1)),
                Token::Colon => Some((Between::Colon, 1)),
                Token::Assign => Some((Between::Assign, 1)),
                Token::Eq | Token::Ne | Token::Lt | Token::Lte | Token::Gt | Token::Gte => Some((Between::Compare, 1)),
                Token::Ident(word) if !self.named(at, from) => match *word {
                    "not" if at > begin && self.is(at + 1, "in") => Some((Between::Compare, 2)),
                    "and" | "or" | "not" => Some((Between::Logic, 1)),
                    "in" => Some((Between::Compare, 1)),
                    "if" => Some((Between::If, 1)),
                    "else" => Some((Between::Edge, 1)),
                    "is" => {
                        at += if self.is(at + 1, "not") { 2 } else { 1 };
                        None
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some((between, length)) = found {
                if at > begin {
                    // The `if` behind a value says nothing about the value.
                    let after = if between == Between::If { Between::Edge } else { between };
                    parts.push(Part { from: begin, to: at, before, after });
                }
                before = between;
                begin = at + length;
                at = begin;
            } else if at < to {
                at = self.behind(at, to);
            }
        }
        if begin < to {
            parts.push(Part { from: begin, to, before, after: Between::Edge });
        }
        parts
    }

    /// Whether a word is a name and not an operator: behind a dot or a bar.
    fn named(&self, index: usize, from: usize) -> bool {
        index > from && matches!(self.tokens[index - 1].0, Token::Dot | Token::Pipe)
    }

    /// Operands between `+`, `-` and `~`.
    fn sum(&mut self, from: usize, to: usize) {
        let mut begin = from;
        let mut before = None;
        let mut at = from;
        while at < to {
            let sign = match self.tokens[at].0 {
                Token::Tilde => Some(Look::Joined),
                Token::Plus if at > begin && self.ends_operand(at - 1, begin) => Some(Look::Added),
                Token::Minus if at > begin && self.ends_operand(at - 1, begin) => None,
                _ => {
                    at = self.behind(at, to);
                    continue;
                }
            };
            self.summand(begin, at, before, sign);
            before = sign;
            at += 1;
            begin = at;
        }
        self.summand(begin, to.max(begin), before, None);
    }

    fn summand(&mut self, from: usize, to: usize, before: Option<Look>, after: Option<Look>) {
        self.chain(from, to);
        let look = if before == Some(Look::Joined) { before } else { after.or(before) };
        // `"x" * 1000` is a sum as well.
        let look = look.or_else(|| self.multiplies(from, to).then_some(Look::Added));
        if let Some(look) = look {
            self.wrap(from, to, look);
        }
    }

    fn multiplies(&self, mut at: usize, to: usize) -> bool {
        while at < to && !matches!(self.tokens[at].0, Token::Mul) {
            at = self.behind(at, to);
        }
        at < to
    }

    /// Whether an operand can end with a token, so that a sign behind it stands between two.
    fn ends_operand(&self, index: usize, from: usize) -> bool {
        match self.tokens[index].0 {
            Token::Ident("is") => self.named(index, from),
            // The name of a test: what follows is its argument.
            Token::Ident(_) => {
                let test = index > from && (self.is(index - 1, "is") && !self.named(index - 1, from))
                    || index > from + 1 && self.is(index - 1, "not") && self.is(index - 2, "is");
                !test
            }
            Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_)
            | Token::ParenClose
            | Token::BracketClose
            | Token::BraceClose => true,
            _ => false,
        }
    }

    /// One operand with all that is applied to it: calls, subscripts, filters, tests.
    fn chain(&mut self, from: usize, to: usize) {
        let mut primary = from;
        let mut callee = Callee::Function;
        let mut at = from;
        while at < to {
            let behind = self.behind(at, to);
            let applied = at > from && self.ends_operand(at - 1, from);
            let tested =
                at > from && matches!((callee, self.word(at - 1)), (Callee::Test(test), Some(word)) if test == word);
            match &self.tokens[at].0 {
                Token::ParenOpen if applied || tested => {
                    let look = match callee {
                        Callee::Filter(name) if look_of(name) == Some(Look::Value) => Some(Look::Value),
                        Callee::Test(name) if looks(name) => Some(Look::Value),
                        Callee::Method("changed") => Some(Look::Value),
                        _ => None,
                    };
                    self.expression(at + 1, behind - 1, look, false);
                }
                Token::BracketOpen if applied => {
                    if self
                        .parts(at + 1, behind - 1)
                        .iter()
                        .any(|part| part.before == Between::Colon || part.after == Between::Colon)
                    {
                        self.enclose(primary, at, Look::Text);
                    }
                    self.expression(at + 1, behind - 1, Some(Look::Value), false);
                }
                Token::ParenOpen | Token::BracketOpen => {
                    primary = at;
                    self.expression(at + 1, behind - 1, None, false);
                }
                Token::BraceOpen => {
                    primary = at;
                    self.expression(at + 1, behind - 1, None, true);
                }
                Token::Pipe => {
                    if let (Some(name), true) = (self.word(at + 1), at > from) {
                        callee = Callee::Filter(name);
                        if let Some(look) = self.look_of_call(at + 1, name) {
                            self.put(self.tokens[at - 1].1.end_offset, format!("|{}", look.filter()));
                        }
                    }
                    at += 2;
                    continue;
                }
                Token::Dot => {
                    callee = self.word(at + 1).map_or(Callee::Function, Callee::Method);
                    at += 2;
                    continue;
                }
                Token::Ident("is") if at > from => {
                    at = self.test(at, to);
                    callee = self.word(at - 1).map_or(Callee::Function, Callee::Test);
                    continue;
                }
                Token::Ident(_) | Token::Str(_) | Token::String(_) => {
                    primary = at;
                    callee = Callee::Function;
                }
                _ => {}
            }
            at = behind;
        }
    }

    /// How a filter with these arguments looks at what it is applied to.
    fn look_of_call(&self, index: usize, name: &str) -> Option<Look> {
        let argument = match (self.tokens.get(index + 1), self.tokens.get(index + 2)) {
            (Some((Token::ParenOpen, _)), Some((argument, _))) => Some(argument),
            _ => None,
        };
        match (name, argument) {
            // It does to each item what the filter named does.
            ("map", Some(Token::Str(filter))) => {
                look_of(filter).map(|look| if look == Look::Text { Look::Value } else { look })
            }
            ("select" | "reject", None) => Some(Look::Held),
            _ => look_of(name),
        }
    }

    /// `is eq x`, from `is`; gives the index behind the name, or behind an argument without brackets.
    fn test(&mut self, at: usize, to: usize) -> usize {
        let name = if self.is(at + 1, "not") { at + 2 } else { at + 1 };
        let Some(word) = self.word(name).filter(|_| name < to) else { return at + 1 };
        if !looks(word) {
            return name + 1;
        }
        self.put(self.tokens[at - 1].1.end_offset, format!("|{}", Look::Value.filter()));
        // An argument without brackets ends with its postfixes; what follows applies to the test.
        let begin = name + 1;
        if begin < to && matches!(self.tokens[begin].0, Token::Ident(_)) && !self.is(begin, "is") {
            let mut end = begin + 1;
            while end < to && matches!(self.tokens[end].0, Token::Dot | Token::BracketOpen | Token::ParenOpen) {
                end = if matches!(self.tokens[end].0, Token::Dot) { end + 2 } else { self.behind(end, to) };
            }
            let end = end.min(to);
            self.chain(begin, end);
            self.enclose(begin, end, Look::Value);
            return end;
        }
        begin
    }
}

#[cfg(test)]
mod tests;
