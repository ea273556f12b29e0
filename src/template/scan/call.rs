//! Calls: of macros, of functions, of methods.

use minijinja::machinery::ast;

use super::{DEEPEST, LARGEST, Macro, Meaning, ROUNDS, Scanner, Variables};
use crate::source::{FileId, Place};

impl<'a> Scanner<'a> {
    /// What a call may give.
    pub(super) fn call(&mut self, call: &'a ast::Call<'a>) -> Meaning {
        let arguments = call.args.as_slice();
        match call.identify_call() {
            ast::CallType::Function(name) => {
                let known = self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned();
                match (known, name) {
                    (Some(known), _) => self.apply(&known, arguments),
                    // What a namespace gets later counts as read where it is put in.
                    (None, "dict" | "namespace") => return self.named_members(arguments),
                    (None, _) => self.read_arguments(arguments),
                }
                Meaning::default()
            }
            ast::CallType::Method(receiver, name) => {
                let receiver = self.value(receiver);
                self.method(&receiver, name, arguments)
            }
            // Blocks are looked at where they stand.
            ast::CallType::Block(_) => Meaning::default(),
            ast::CallType::Object(callee) => {
                let callee = self.value(callee);
                self.apply(&callee, arguments);
                Meaning::default()
            }
        }
    }

    fn method(&mut self, receiver: &Meaning, name: &str, arguments: &'a [ast::CallArg<'a>]) -> Meaning {
        if let Some(member) = receiver.members.get(name).filter(|member| !member.macros.is_empty()) {
            let member = member.clone();
            self.apply(&member, arguments);
            return Meaning::default();
        }
        let key = match arguments.first() {
            Some(ast::CallArg::Pos(key)) => key.as_const(),
            _ => None,
        };
        match (name, key.as_ref().and_then(minijinja::Value::as_str)) {
            ("items", _) => self.pairs(receiver),
            ("values", _) => Meaning::list(self.items(receiver)),
            ("keys", _) => {
                self.peek(receiver);
                Meaning::default()
            }
            ("get", Some(key)) => {
                let instead = arguments.get(1).map(|instead| self.argument(instead));
                receiver.member(key).or(instead.unwrap_or_default())
            }
            _ => {
                self.escape(receiver);
                self.read_arguments(arguments);
                Meaning::default()
            }
        }
    }

    /// Calls a value with arguments.
    fn apply(&mut self, callee: &Meaning, arguments: &'a [ast::CallArg<'a>]) {
        self.apply_with(callee, arguments, None);
    }

    /// The same with what a `{% call %}` block gives as `caller`.
    fn apply_with(&mut self, callee: &Meaning, arguments: &'a [ast::CallArg<'a>], block: Option<usize>) {
        let values: Vec<(Option<&str>, Meaning)> = arguments
            .iter()
            .map(|argument| {
                let name = match argument {
                    ast::CallArg::Kwarg(name, _) => Some(*name),
                    _ => None,
                };
                (name, self.argument(argument))
            })
            .collect();
        for number in &callee.macros {
            let Some(Macro { declaration, .. }) = self.macros.get(*number) else { continue };
            let names: Vec<Option<&str>> = declaration.args.iter().map(name_of).collect();
            let mut parameters = vec![Meaning::default(); names.len()];
            let mut rest = Vec::new();
            for (position, (name, value)) in values.iter().enumerate() {
                let index = match name {
                    Some(name) => names.iter().position(|known| *known == Some(name)),
                    None => Some(position),
                };
                match index.and_then(|index| parameters.get_mut(index)) {
                    Some(parameter) => parameter.join(value.clone()),
                    None => rest.push(value),
                }
            }
            for value in rest {
                self.escape(value);
            }
            parameters.extend(block.map(Meaning::of_macro));
            self.follow(*number, &parameters);
        }
        if callee.macros.is_empty() {
            self.escape(callee);
            for (_, value) in &values {
                self.escape(value);
            }
        }
    }

    /// Looks through a macro that gets these; behind its parameters perhaps the number of its caller.
    pub(super) fn follow(&mut self, number: usize, parameters: &[Meaning]) {
        let Some(Macro { declaration, place, scopes }) = self.macros.get(number) else { return };
        let (declaration, scopes) = (*declaration, scopes.clone());
        self.called.insert(*place);
        self.steps += parameters.iter().map(|value| value.size(LARGEST)).sum::<usize>();
        if !self.step() || !self.followed.insert((number, parameters.to_vec())) {
            return;
        }
        if self.active.iter().filter(|active| **active == number).count() >= ROUNDS {
            for value in parameters {
                self.escape(value);
            }
            return;
        }
        if self.active.len() >= DEEPEST {
            return self.mentions.add(&[], true);
        }
        self.active.push(number);
        let before = std::mem::replace(&mut self.scopes, scopes);
        self.scopes.push(Variables::default());
        let defaults = declaration.args.len() - declaration.defaults.len().min(declaration.args.len());
        for (position, parameter) in declaration.args.iter().enumerate() {
            let instead = position.checked_sub(defaults).and_then(|index| declaration.defaults.get(index));
            let instead = instead.map(|instead| self.value(instead)).unwrap_or_default();
            let given = parameters.get(position).cloned().unwrap_or_default();
            self.bind(parameter, given.or(instead));
        }
        let caller = parameters.get(declaration.args.len()).cloned().unwrap_or_default();
        self.assign("caller", caller);
        self.body(&declaration.body);
        self.scopes = before;
        self.active.pop();
    }

    /// Takes a macro in, with the variables it sees here.
    pub(super) fn declare(&mut self, declaration: &'a ast::Macro<'a>, at: usize) -> usize {
        let text = self.stack.last().and_then(|number| self.templates.get(*number));
        let place = text.map_or(Place::top(FileId::NONE), |text| {
            let name = text.source.get(at..).and_then(|rest| rest.find(declaration.name));
            let start = at + name.unwrap_or_default();
            Place::new(text.file, start, start + declaration.name.len())
        });
        self.declared.insert(place, declaration.name);
        let number = self.macros.len();
        self.steps += self.scopes.len();
        self.macros.push(Macro { declaration, place, scopes: self.scopes.clone() });
        number
    }

    pub(super) fn call_block(&mut self, block: &'a ast::CallBlock<'a>) {
        let number = self.declare(&block.macro_decl, block.macro_decl.span().start_offset as usize);
        // Whether it is called is the callee's affair.
        if let Some(Macro { place, .. }) = self.macros.get(number) {
            self.called.insert(*place);
        }
        let callee = match block.call.identify_call() {
            ast::CallType::Function(name) => self.variable(name),
            ast::CallType::Method(receiver, name) => self.value(receiver).member(name),
            ast::CallType::Block(_) => Meaning::default(),
            ast::CallType::Object(callee) => self.value(callee),
        };
        if callee.macros.is_empty() {
            self.follow(number, &[]);
        }
        self.apply_with(&callee, &block.call.args, Some(number));
    }
}

fn name_of<'a>(parameter: &ast::Expr<'a>) -> Option<&'a str> {
    match parameter {
        ast::Expr::Var(name) => Some(name.id),
        _ => None,
    }
}
