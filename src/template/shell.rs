//! What stands around a place in a shell script: whether a value there is a word, or a part of quotes, of a comment, of
//! a calculation.
//!
//! In goes the text of a script, piece by piece, out comes the [`Context`] where a piece ends. It follows the quotes of
//! POSIX and bash and what nests in them (POSIX.1-2024, XCU 2.2, 2.3 and 2.6; bash manual, 3.1.2 and 3.5). What it cannot
//! follow for sure, it does not guess: from there on, every place is [`Context::Unknown`].

use std::collections::VecDeque;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Outside of all quotes: a word, or a part of one.
    Word,
    /// Inside of double quotes.
    Double,
    /// Inside of single quotes: mostly a program for another interpreter.
    Single,
    /// A comment.
    Comment,
    /// Inside of `$(( ))` or `(( ))`.
    Arithmetic,
    /// The text of a here-document.
    Here,
    /// Where quotes mean something else, or may.
    Unknown,
    /// Behind a character that takes what follows with it: `$`, `\\` or `${`.
    Glued,
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// `(`, also of `$(`; whether a word goes on after its end.
    Group { within: bool },
    /// `"`
    Double,
    /// `'`
    Single,
    /// `$'`
    Ansi,
    /// `${`
    Brace,
    /// `$((` or `((`, with so many parentheses open in it.
    Arithmetic(usize),
    /// `#`
    Comment,
}

/// A here-document whose text is still to come.
#[derive(Debug, Default)]
struct Here {
    delimiter: String,
    /// `<<-`: tabs before lines do not count.
    tabs: bool,
    /// Whether quotes were read.
    quoted: bool,
}

/// Reads a script.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    frames: Vec<Frame>,
    /// The unquoted beginning of the word that is being read; `None` between words.
    word: Option<String>,
    /// The last character, where it changes what the next one means: `\`, `$`, `{` of `${`, `(`, `)`, `<`, `>`, `|`.
    last: Option<char>,
    /// `<<` was read, and its delimiter is being read.
    heading: Option<Here>,
    /// Here-documents that begin at the next line.
    awaited: VecDeque<Here>,
    /// The current line of a here-document's text.
    line: String,
    /// Whether the text of the first of them is being read.
    inside: bool,
    /// `[` was read inside of a word: an index, which is calculated.
    index: bool,
    lost: bool,
}

impl Scanner {
    /// What a value here would be.
    pub(super) fn here(&self) -> Context {
        if matches!(self.last, Some('\\' | '$' | '{')) {
            return Context::Glued;
        }
        if self.lost || self.heading.is_some() {
            return Context::Unknown;
        }
        if self.inside {
            return Context::Here;
        }
        match self.frames.last() {
            // A line break in a value would come before the text of the here-document.
            None | Some(Frame::Group { .. }) if self.index || !self.awaited.is_empty() => Context::Unknown,
            None | Some(Frame::Group { .. }) => Context::Word,
            Some(Frame::Double) => Context::Double,
            Some(Frame::Single) => Context::Single,
            Some(Frame::Comment) => Context::Comment,
            Some(Frame::Arithmetic(_)) => Context::Arithmetic,
            Some(Frame::Ansi | Frame::Brace) => Context::Unknown,
        }
    }

    /// Whether a value here could be a part of the line that ends the here-document.
    pub(super) fn may_end_here(&self, value: &str) -> bool {
        self.awaited.front().is_some_and(|here| here.delimiter.contains(value))
    }

    /// A value stands here.
    pub(super) fn value(&mut self) {
        // The delimiter of a here-document is a value.
        if self.heading.is_some() {
            self.lost = true;
        }
        if self.inside {
            self.line.push('\u{FFFD}');
        }
        self.last = None;
        self.word.get_or_insert_default().push('\u{FFFD}');
    }

    /// Reads on.
    pub(super) fn feed(&mut self, text: &str) {
        for character in text.chars() {
            if self.lost || self.inside {
                self.last = match (self.last, character) {
                    (Some('\\'), _) => None,
                    (Some('$'), '{') | (_, '$' | '\\') => Some(character),
                    _ => None,
                };
                if self.inside {
                    self.here_text(character);
                }
            } else if self.last == Some('\\') {
                self.escaped(character);
            } else {
                self.next(character);
            }
        }
    }

    /// A character behind `\`.
    fn escaped(&mut self, character: char) {
        self.last = None;
        if character == '\'' && self.frames.last() == Some(&Frame::Ansi) {
            // Shells without `$'` take it for an end.
            self.lost = true;
        } else if character != '\n' && self.in_command() {
            // The end of a line is nothing.
            self.word.get_or_insert_default().push('\u{FFFD}');
        }
    }

    fn in_command(&self) -> bool {
        matches!(self.frames.last(), None | Some(Frame::Group { .. }))
    }

    fn next(&mut self, character: char) {
        let last = self.last.take();
        if character == '\n'
            && !self.awaited.is_empty()
            && !self.in_command()
            && self.frames.last() != Some(&Frame::Comment)
        {
            // Where the text of a here-document begins then is not the same in every shell.
            self.lost = true;
            return;
        }
        match self.frames.last().copied() {
            None | Some(Frame::Group { .. }) => self.command(character, last),
            Some(Frame::Single) => {
                if character == '\'' {
                    self.frames.pop();
                }
            }
            Some(Frame::Ansi) => match character {
                '\'' => drop(self.frames.pop()),
                '\\' => self.last = Some('\\'),
                _ => {}
            },
            Some(Frame::Comment) => {
                if character == '\n' {
                    self.frames.pop();
                    self.command('\n', None);
                }
            }
            Some(Frame::Double) => match character {
                '"' => drop(self.frames.pop()),
                _ => self.expansion(character, last),
            },
            Some(Frame::Brace) => match character {
                '}' => drop(self.frames.pop()),
                '"' => self.frames.push(Frame::Double),
                // It quotes, or not, by what the operator is and what is around.
                '\'' => self.lost = true,
                _ => self.expansion(character, last),
            },
            Some(Frame::Arithmetic(open)) => self.arithmetic(open, character, last),
        }
    }

    /// A character where `$` and `\` have a meaning.
    fn expansion(&mut self, character: char, last: Option<char>) {
        match (last, character) {
            (_, '\\') => self.last = Some('\\'),
            (_, '`') | (Some('$'), '[') => self.lost = true,
            (Some('$'), '(') => {
                self.frames.push(Frame::Group { within: true });
                self.word = None;
                self.last = Some('(');
            }
            (Some('$'), '{') => {
                self.frames.push(Frame::Brace);
                self.last = Some('{');
            }
            // `$$` is the whole of it.
            (Some('$'), '$') => {}
            (_, '$') => self.last = Some('$'),
            _ => {}
        }
    }

    fn arithmetic(&mut self, open: usize, character: char, last: Option<char>) {
        let depth = match (character, open) {
            ('(', _) if last != Some('$') => Some(open + 1),
            (')', 0) if last == Some(')') => {
                self.frames.pop();
                self.word.get_or_insert_default();
                return;
            }
            (')', 0) => {
                self.last = Some(')');
                return;
            }
            (')', _) => Some(open - 1),
            _ => None,
        };
        if let (Some(depth), Some(frame)) = (depth, self.frames.last_mut()) {
            *frame = Frame::Arithmetic(depth);
            return;
        }
        // `$((` may also begin a subshell in a substitution; then it does not end with `))`.
        if last == Some(')') || character == '\'' {
            self.lost = true;
        } else if character == '"' {
            self.frames.push(Frame::Double);
        } else {
            self.expansion(character, last);
        }
    }

    /// A character outside of quotes.
    fn command(&mut self, character: char, last: Option<char>) {
        if let Some(heading) = self.heading.take() {
            return self.delimiter(heading, character, last);
        }
        match character {
            '\'' if last == Some('$') => self.open(Frame::Ansi),
            '\'' => self.open(Frame::Single),
            '"' => self.open(Frame::Double),
            '#' if self.word.is_none() => {
                // In a pattern of bash it would be one of its characters.
                self.lost = matches!(last, Some('(' | '|'));
                self.frames.push(Frame::Comment);
            }
            '(' if last == Some('(') => {
                self.frames.pop();
                self.frames.push(Frame::Arithmetic(0));
            }
            '(' => {
                let within = self.word.is_some() || matches!(last, Some('$' | '<' | '>'));
                self.frames.push(Frame::Group { within });
                self.end_of_word();
                self.last = Some('(');
            }
            ')' => {
                self.end_of_word();
                // One without a beginning ends a pattern of `case`.
                if let Some(Frame::Group { within: true }) = self.frames.pop() {
                    self.word = Some('\u{FFFD}'.to_string());
                }
            }
            '<' if last == Some('<') => {
                self.heading = Some(Here::default());
                self.last = Some('<');
            }
            '<' | '>' | '|' => {
                self.end_of_word();
                self.last = Some(character);
            }
            '\n' => {
                self.end_of_word();
                if !self.awaited.is_empty() {
                    // Of one inside of a substitution shells differ in where it ends.
                    self.lost = !self.frames.is_empty();
                    self.inside = true;
                    self.line.clear();
                }
            }
            ' ' | '\t' | ';' | '&' => self.end_of_word(),
            '[' if self.word.is_some() && last != Some('$') => self.index = true,
            ']' => self.index = false,
            '\\' => self.last = Some('\\'),
            _ => {
                self.expansion(character, last);
                if self.in_command() {
                    self.word.get_or_insert_default().push(character);
                }
            }
        }
    }

    fn open(&mut self, frame: Frame) {
        self.word.get_or_insert_default().push('\u{FFFD}');
        self.frames.push(frame);
    }

    fn end_of_word(&mut self) {
        self.index = false;
        // Its patterns end with parentheses that nothing opened, which would end what is around.
        if self.word.take().is_some_and(|word| word == "case") && !self.frames.is_empty() {
            self.lost = true;
        }
    }

    /// A character after `<<`.
    fn delimiter(&mut self, mut heading: Here, character: char, last: Option<char>) {
        match character {
            // `<<<` is followed by a word as any other.
            '<' if last == Some('<') => {}
            '-' if last == Some('<') => {
                heading.tabs = true;
                self.heading = Some(heading);
            }
            ' ' | '\t' if heading.delimiter.is_empty() && !heading.quoted => self.heading = Some(heading),
            '\'' | '"' => {
                heading.quoted = true;
                self.heading = Some(heading);
            }
            _ if character.is_ascii_alphanumeric() || character == '_' => {
                heading.delimiter.push(character);
                self.heading = Some(heading);
            }
            ' ' | '\t' | '\n' | ';' | '|' | '>' | '&' if !heading.delimiter.is_empty() => {
                self.awaited.push_back(heading);
                self.word = None;
                self.command(character, None);
            }
            _ => self.lost = true,
        }
    }

    /// A character of a here-document.
    fn here_text(&mut self, character: char) {
        if character != '\n' {
            self.line.push(character);
            return;
        }
        let line = std::mem::take(&mut self.line);
        let Some(here) = self.awaited.front() else { return };
        let line = if here.tabs { line.trim_start_matches('\t') } else { line.as_str() };
        if line == here.delimiter {
            self.awaited.pop_front();
            self.inside = !self.awaited.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each `@` of a script is.
    fn contexts(script: &str) -> Vec<Context> {
        let mut scanner = Scanner::default();
        let mut found = Vec::new();
        for (index, piece) in script.split('@').enumerate() {
            if index > 0 {
                found.push(scanner.here());
                scanner.value();
            }
            scanner.feed(piece);
        }
        found
    }

    #[test]
    fn quotes_are_told_from_words() {
        use Context::{Arithmetic, Comment, Double, Single, Word};
        for (script, expected) in [
            ("a=@ b@c", vec![Word, Word]),
            (r#"a="x @ y" b='x @ y' @"#, vec![Double, Single, Word]),
            (r#""a\\"@ "a\"@" 'a\'@"#, vec![Word, Double, Word]),
            ("# it's @\n\necho @ a#@ # @", vec![Comment, Word, Word, Comment]),
            (r#"echo \# @ "$#" @ $(( @ + (1) + @ )) @"#, vec![Word, Word, Arithmetic, Arithmetic, Word]),
            (r#"x="$(kubectl get "@" -o '@' | grep @)@" @"#, vec![Double, Single, Word, Double, Word]),
            (r#"x="${1:?name}@" y=${x%"@"}@"#, vec![Double, Double, Word]),
            ("case x in a) echo @ ;; (b) echo @ ;; esac; f() { echo @; }; (echo @)", vec![Word; 4]),
            ("(( @ > 1 )) && echo @ \\\n# it's @\n@", vec![Arithmetic, Word, Comment, Word]),
            ("cat <<< @ @", vec![Word, Word]),
            ("echo $'it' @ $\"@\" [[ @ ]]", vec![Word, Double, Word]),
        ] {
            assert_eq!(contexts(script), expected, "{script}");
        }
    }

    #[test]
    fn here_documents_end_at_their_delimiters() {
        use Context::{Here, Unknown, Word};
        let script = "cat <<A <<-'B' | cat @\nit's @\nA\n\"@\n\tB\necho @";
        assert_eq!(contexts(script), [Unknown, Here, Here, Word]);
        let mut scanner = Scanner::default();
        scanner.feed("cat <<EOF\n");
        assert!(["", "E", "EOF"].iter().all(|value| scanner.may_end_here(value)));
        assert!(!scanner.may_end_here("EOFF"));
    }

    #[test]
    fn what_cannot_be_followed_is_unknown_from_there_on() {
        use Context::{Glued, Unknown};
        for script in [
            "x=`echo`\necho @",
            "$(case x in a) echo \"b\";; esac; echo @",
            "x=$(cat <<A\n@\nA\n)",
            "cat <<'' \n@",
            "cat <<@\n",
            "cat <<\\A\n@",
            "x=${y:-'@'}",
            "x=${y:-@}",
            "a[@]=1",
            "$'@'",
            r"$'a\'b' @",
            "$((echo a); @)",
            "$[@]",
            "(#a\n@",
            "cat <<A \"b\nc\" @",
        ] {
            assert!(contexts(script).iter().all(|context| *context == Unknown), "{script}: {:?}", contexts(script));
        }
        for script in ["$@", "\"$@\"", r"\@", r#""\@""#, "${@}", "`$@", "cat <<A\n$@\n${@}"] {
            assert!(contexts(script).iter().all(|context| *context == Glued), "{script}: {:?}", contexts(script));
        }
    }
}
