//! What templates could read and use, told from their text: no branch is taken, all of them are looked at.
//!
//! In go the compiled templates, or the text of an expression; out come the paths that they mention, the templates that
//! are reached from those that are rendered, and the macros with whether anybody calls them. Macros are followed with the
//! values they are called with. Where the text does not tell, more is taken as mentioned, never less: what is not
//! mentioned, no rendering reads.

mod call;
mod expression;
mod meaning;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use minijinja::machinery::{ast, parse};
use minijinja::syntax::SyntaxConfig;

use self::meaning::Meaning;
use super::mentions::{Hop, Mentions};
use super::{Scope, Templates};
use crate::source::{FileId, Place, Source, Sources};

/// Steps of a scan, and values that are kept on the way; the shipped templates take less than a tenth. Beyond that,
/// everything counts as mentioned.
const MOST_STEPS: usize = 1_000_000;
/// Macros that call each other. Beyond that, everything counts as mentioned.
const DEEPEST: usize = 100;
/// Times a macro is followed within itself, before the values it gets count as read whole.
const ROUNDS: usize = 3;
/// Most that a variable may mean; beyond that its value counts as read whole.
const LARGEST: usize = 512;

/// What all templates of a workspace could read and use.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The paths of the configuration they mention, and those below `target`.
    pub(crate) mentions: Mentions,
    /// The templates that are rendered for no target and reached from none that is, by name and file.
    pub(crate) unreached: Vec<(Arc<str>, FileId)>,
    /// The macros of the others that nothing calls: name and place.
    pub(crate) unused: Vec<(String, Place)>,
}

/// A template as it is scanned.
struct Text<'a> {
    name: &'a Arc<str>,
    file: FileId,
    source: &'a str,
    body: Option<ast::Stmt<'a>>,
}

/// The variables that were set in one place. Shared with the macros that see them, until one is set again.
type Variables<'a> = Rc<BTreeMap<&'a str, Meaning>>;

/// A macro, where it was declared.
struct Macro<'a> {
    declaration: &'a ast::Macro<'a>,
    /// Where its name stands.
    place: Place,
    /// The variables it sees.
    scopes: Vec<Variables<'a>>,
}

/// A scan under way.
struct Scanner<'a> {
    templates: &'a [Text<'a>],
    mentions: Mentions,
    /// By number.
    reached: BTreeSet<usize>,
    /// The places of macros that were called.
    called: BTreeSet<Place>,
    /// The places of all macros, with their names.
    declared: BTreeMap<Place, &'a str>,
    macros: Vec<Macro<'a>>,
    scopes: Vec<Variables<'a>>,
    /// Templates being looked at, outermost first.
    stack: Vec<usize>,
    /// Calls that were followed.
    followed: BTreeSet<(usize, Vec<Meaning>)>,
    /// Macros being followed, outermost first.
    active: Vec<usize>,
    /// Whether a name is computed, so that any template may be reached.
    computed: bool,
    steps: usize,
}

impl Templates {
    /// What they could read and use.
    pub(crate) fn scan(&self, sources: &Sources) -> Scan {
        let sources: Vec<Arc<Source>> = self.files.values().map(|template| sources.get(template.file)).collect();
        let texts = self.files.iter().zip(&sources).map(|((name, template), source)| Text {
            name,
            file: template.file,
            source: source.text(),
            // They were compiled, so they can be read.
            body: parse(source.text(), name, SyntaxConfig::default()).ok(),
        });
        let texts: Vec<Text<'_>> = texts.collect();
        let mut scanner = Scanner::new(&texts);
        for (number, text) in texts.iter().enumerate() {
            if self.renders(text.name) {
                scanner.template(number);
            }
        }
        if scanner.computed || scanner.is_exhausted() {
            (0..texts.len()).for_each(|number| scanner.template(number));
        }
        scanner.finish()
    }

    /// Whether a template is rendered for its own sake.
    fn renders(&self, name: &Arc<str>) -> bool {
        Scope::ALL.into_iter().any(|scope| self.names(scope).chain(self.artifacts(scope)).any(|known| known == name))
    }
}

/// The paths that an expression in a value mentions; everything if it cannot be read.
pub(crate) fn mentioned(text: &str) -> Mentions {
    let body = parse(text, "expression", SyntaxConfig::default());
    let mut scanner = Scanner::new(&[]);
    match &body {
        Ok(body) => scanner.statement(body),
        Err(_) => scanner.mentions.add(&[], true),
    }
    scanner.mentions
}

impl<'a> Scanner<'a> {
    fn new(templates: &'a [Text<'a>]) -> Self {
        Self {
            templates,
            mentions: Mentions::default(),
            reached: BTreeSet::new(),
            called: BTreeSet::new(),
            declared: BTreeMap::new(),
            macros: Vec::new(),
            scopes: vec![Variables::default()],
            stack: Vec::new(),
            followed: BTreeSet::new(),
            active: Vec::new(),
            computed: false,
            steps: 0,
        }
    }

    fn finish(self) -> Scan {
        let everything = self.computed || self.is_exhausted();
        let unreached = self.templates.iter().enumerate().filter(|(number, _)| !self.reached.contains(number));
        let unused = self.declared.iter().filter(|(place, _)| !everything && !self.called.contains(place));
        Scan {
            unreached: unreached.map(|(_, text)| (Arc::clone(text.name), text.file)).collect(),
            unused: unused.map(|(place, name)| ((*name).to_owned(), *place)).collect(),
            mentions: self.mentions,
        }
    }

    fn is_exhausted(&self) -> bool {
        self.steps >= MOST_STEPS
    }

    /// Goes on by one step, unless there were too many.
    fn step(&mut self) -> bool {
        self.steps += 1;
        if self.is_exhausted() {
            self.mentions.add(&[], true);
        }
        !self.is_exhausted()
    }

    /// A template that is rendered for its own sake.
    fn template(&mut self, number: usize) {
        let scopes = std::mem::replace(&mut self.scopes, vec![Variables::default()]);
        self.include(number);
        self.scopes = scopes;
    }

    /// A template where it is included: it sees the variables there, and those it sets stay.
    fn include(&mut self, number: usize) {
        self.reached.insert(number);
        let Some(Text { body: Some(body), .. }) = self.templates.get(number) else { return };
        if self.stack.contains(&number) {
            // Once more with other values: they may be used in any way.
            return self.escape_all();
        }
        self.stack.push(number);
        self.statement(body);
        self.stack.pop();
    }

    /// The templates that an expression names. Any if it is computed.
    fn named(&mut self, name: &'a ast::Expr<'a>) -> Vec<usize> {
        let known = name.as_const().and_then(|name| match name.as_str() {
            Some(name) => Some(vec![name.to_owned()]),
            None => name.try_iter().ok()?.map(|name| name.as_str().map(str::to_owned)).collect(),
        });
        let Some(names) = known else {
            self.computed = true;
            self.read(name);
            self.escape_all();
            return Vec::new();
        };
        let number = |name: &String| self.templates.iter().position(|text| text.name.as_ref() == name);
        names.iter().filter_map(number).collect()
    }

    /// A template as a module: what it sets and declares.
    fn module(&mut self, name: &'a ast::Expr<'a>) -> Meaning {
        self.scopes.push(Variables::default());
        for number in self.named(name) {
            self.include(number);
        }
        let set = self.scopes.pop().unwrap_or_default();
        let members = set.iter().map(|(name, value)| ((*name).into(), value.clone()));
        Meaning { members: members.collect(), ..Meaning::default() }
    }

    fn body(&mut self, body: &'a [ast::Stmt<'a>]) {
        // A macro sees what is set after it as well: the second time it is there.
        let again = body.iter().any(|statement| matches!(statement, ast::Stmt::Macro(_)));
        for _ in 0..=usize::from(again) {
            for statement in body {
                self.statement(statement);
            }
        }
    }

    fn scoped(&mut self, body: &'a [ast::Stmt<'a>]) {
        self.scopes.push(Variables::default());
        self.body(body);
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &'a ast::Stmt<'a>) {
        if !self.step() {
            return;
        }
        match statement {
            ast::Stmt::Template(template) => self.body(&template.children),
            ast::Stmt::EmitExpr(emit) => self.read(&emit.expr),
            ast::Stmt::EmitRaw(_) | ast::Stmt::Continue(_) | ast::Stmt::Break(_) => {}
            ast::Stmt::ForLoop(each) => self.each(each),
            ast::Stmt::IfCond(branch) => {
                self.condition(&branch.expr);
                self.body(&branch.true_body);
                self.body(&branch.false_body);
            }
            ast::Stmt::WithBlock(with) => {
                self.scopes.push(Variables::default());
                for (target, value) in &with.assignments {
                    let value = self.value(value);
                    self.bind(target, value);
                }
                self.body(&with.body);
                self.scopes.pop();
            }
            ast::Stmt::Set(set) => {
                let value = self.value(&set.expr);
                self.set(&set.target, value);
            }
            ast::Stmt::SetBlock(set) => {
                self.scoped(&set.body);
                if let Some(filter) = &set.filter {
                    self.read(filter);
                }
                self.set(&set.target, Meaning::default());
            }
            ast::Stmt::AutoEscape(escape) => self.body(&escape.body),
            ast::Stmt::FilterBlock(block) => {
                self.read(&block.filter);
                self.scoped(&block.body);
            }
            ast::Stmt::Block(block) => self.scoped(&block.body),
            ast::Stmt::Import(import) => {
                let module = self.module(&import.expr);
                self.bind(&import.name, module);
            }
            ast::Stmt::FromImport(import) => {
                let module = self.module(&import.expr);
                for (name, alias) in &import.names {
                    let ast::Expr::Var(wanted) = name else { continue };
                    let known = module.members.get(wanted.id).cloned();
                    let value = known.unwrap_or_else(|| self.variable(wanted.id));
                    self.bind(alias.as_ref().unwrap_or(name), value);
                }
            }
            ast::Stmt::Extends(extends) => {
                for number in self.named(&extends.name) {
                    self.include(number);
                }
            }
            ast::Stmt::Include(include) => {
                for number in self.named(&include.name) {
                    self.include(number);
                }
            }
            ast::Stmt::Macro(declaration) => {
                let number = self.declare(declaration, declaration.span().start_offset as usize);
                self.assign(declaration.name, Meaning::of_macro(number));
            }
            ast::Stmt::CallBlock(block) => self.call_block(block),
            ast::Stmt::Do(call) => drop(self.call(&call.call)),
        }
    }

    fn each(&mut self, each: &'a ast::ForLoop<'a>) {
        let list = self.value(&each.iter);
        let item = self.items(&list);
        self.scopes.push(Variables::default());
        // Who else is at hand: `loop.previtem`, and `loop(..)`, whose argument counts as read.
        let around = [("previtem".into(), item.clone()), ("nextitem".into(), item.clone())];
        self.assign("loop", Meaning { members: around.into(), ..Meaning::default() });
        self.bind(&each.target, item);
        if let Some(filter) = &each.filter_expr {
            self.condition(filter);
        }
        self.body(&each.body);
        self.scopes.pop();
        self.scoped(&each.else_body);
    }

    /// Gives names to a value: one, or several for what it holds.
    fn bind(&mut self, target: &'a ast::Expr<'a>, value: Meaning) {
        let names = match target {
            ast::Expr::Var(name) => return self.assign(name.id, value),
            ast::Expr::List(list) => &list.items,
            ast::Expr::Tuple(tuple) => &tuple.items,
            // An attribute of something that others may know by another name.
            _ => return self.escape(&value),
        };
        for (position, name) in names.iter().enumerate() {
            let part = Self::at_position(&value, position);
            self.bind(name, part);
        }
    }

    /// `{% set %}`: perhaps in a branch, so what the name meant before it may still mean.
    fn set(&mut self, target: &'a ast::Expr<'a>, value: Meaning) {
        let value = match target {
            ast::Expr::Var(name) => value.or(self.variable(name.id)),
            _ => value,
        };
        self.bind(target, value);
    }

    fn assign(&mut self, name: &'a str, value: Meaning) {
        let value = self.bounded(value);
        if let Some(scope) = self.scopes.last_mut() {
            // A scope that a macro sees as well is copied.
            let copied = if Rc::strong_count(scope) > 1 { scope.len() } else { 0 };
            self.steps += copied;
            Rc::make_mut(scope).insert(name, value);
        }
    }

    /// A value that is small enough to go on with.
    fn bounded(&mut self, value: Meaning) -> Meaning {
        let size = value.size(LARGEST);
        self.steps += size;
        if size < LARGEST {
            return value;
        }
        self.escape(&value);
        Meaning::default()
    }

    /// What a name means; the key of the configuration if nobody has set it.
    fn variable(&self, name: &str) -> Meaning {
        let set = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        set.cloned().unwrap_or_else(|| Meaning::root(name))
    }

    /// All variables are used in ways that cannot be told.
    fn escape_all(&mut self) {
        let all: Vec<Meaning> = self.scopes.iter().flat_map(|scope| scope.values()).cloned().collect();
        for value in &all {
            self.escape(value);
        }
    }

    /// A value is used in a way that cannot be told, or written out.
    fn escape(&mut self, value: &Meaning) {
        if !self.step() {
            return;
        }
        for place in &value.places {
            self.mentions.add(place, true);
        }
        for below in value.members.values().chain(value.items.as_deref()) {
            self.escape(below);
        }
        for number in &value.macros {
            self.follow(*number, &[]);
        }
    }

    /// The items of a value, or the values of its keys. That there are any is read.
    fn items(&mut self, value: &Meaning) -> Meaning {
        self.peek(value);
        value.any()
    }

    /// A value is only asked whether it is there, or empty.
    fn peek(&mut self, value: &Meaning) {
        for place in &value.places {
            let mut below = place.clone();
            below.push(Hop::Any);
            self.mentions.add(&below, false);
        }
    }
}
