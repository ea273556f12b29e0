//! Scalars: as values and as keys.

use std::sync::Arc;

use super::{Reader, Scalar};
use crate::diagnostic::{Diagnostic, Failed, code};
use crate::source::Place;
use crate::yaml::frame::{Awaited, Frame, Open, Weighed};
use crate::yaml::scalar::Reading;
use crate::yaml::shown::Shown;
use crate::yaml::tags::{self, Asked};
use crate::yaml::{Content, Written, keys};

impl<'a> Reader<'a> {
    pub(super) fn scalar(&mut self, scalar: Scalar<'a>) -> Result<(), Failed> {
        let here = self.place(scalar.start, scalar.end);
        if scalar.text.len() > self.limits.scalar {
            let most = self.limits.scalar;
            return Err(self.limit(here, format!("a text must have at most {most} bytes, but this one has more")));
        }
        if !scalar.omitted {
            self.end = scalar.end;
        }
        if self.frames.last().is_some_and(Frame::awaits_key) {
            return self.key(scalar, here);
        }
        self.charge(1, here)?;
        let place = if scalar.omitted { self.omitted_place(&scalar) } else { here };
        let content = self.content(&scalar, place)?;
        let is_root_without_content = self.frames.is_empty() && scalar.omitted && scalar.asked.is_none();
        let mut written = Written::new(content, place);
        if let Some(Asked::Merge(tagged)) = scalar.asked {
            written.tag = Some(tagged);
        }
        if is_root_without_content && self.most_documents > 1 {
            return Ok(());
        }
        self.value(Weighed { written, nodes: 1, height: 0 }, scalar.anchor)
    }

    /// Where an error about a value that is not written points: at its key, else at its dash, else at its tag.
    fn omitted_place(&self, scalar: &Scalar<'_>) -> Place {
        if let Some(key) = self.frames.last().and_then(Frame::key_place) {
            return key;
        }
        if let Some(asked) = scalar.asked {
            return asked.place();
        }
        let before = self.text.get(..scalar.start).unwrap_or_default().trim_end();
        match before.strip_suffix('-') {
            Some(before) if !self.frames.is_empty() => self.place(before.len(), before.len() + 1),
            _ => self.place(scalar.start, scalar.start),
        }
    }

    fn content(&mut self, scalar: &Scalar<'_>, place: Place) -> Result<Content, Failed> {
        if let Some(Asked::Secret(tag)) = scalar.asked {
            let name = if scalar.omitted { "" } else { scalar.text.as_ref() };
            return match tags::secret(name, tag, place) {
                Ok(secret) => Ok(Content::Secret(secret)),
                Err(diagnostic) => self.problem(*diagnostic).map(|()| Content::Null),
            };
        }
        if scalar.omitted {
            return Ok(Content::Null);
        }
        let text = scalar.text.as_ref();
        let string = || Content::String { text: text.into(), plain: scalar.plain };
        if !scalar.plain {
            return Ok(string());
        }
        if matches!(scalar.asked, Some(Asked::Core(tags::STRING, _))) {
            return Ok(string());
        }
        let reading = match self.dialect.reading(text) {
            Reading::Ambiguous(doubt) => {
                self.problem(
                    Diagnostic::new(code::AMBIGUOUS, format!("{} is ambiguous: {}", Shown(text), doubt.why))
                        .at(place, doubt.why)
                        .about(self.path())
                        .help(doubt.help),
                )?;
                doubt.core
            }
            other => other,
        };
        Ok(match reading {
            Reading::Null => Content::Null,
            Reading::Bool(value) => Content::Bool(value),
            Reading::Number(number) => Content::Number(number),
            Reading::String | Reading::Ambiguous(_) => string(),
            Reading::OutOfRange(what) => {
                self.problem(
                    Diagnostic::new(code::NUMBER_RANGE, format!("{} cannot be held as a number", Shown(text)))
                        .at(place, what)
                        .about(self.path())
                        .help(format!("put it in quotes if the text is meant: `\"{text}\"`")),
                )?;
                string()
            }
        })
    }

    fn key(&mut self, scalar: Scalar<'_>, place: Place) -> Result<(), Failed> {
        if let Some(asked) = scalar.asked.filter(|asked| !matches!(asked, Asked::Core(..))) {
            self.problem(
                Diagnostic::new(code::TAG_MISPLACED, "a key cannot have a tag")
                    .at(asked.place(), "")
                    .help("put the tag after the colon, before the value"),
            )?;
        }
        let omitted = scalar.omitted;
        if scalar.plain
            && let Some(key) = self.dialect.key(&scalar.text)
        {
            return self.name(key.into(), false, place);
        }
        match keys::check(if omitted { None } else { Some(&scalar.text) }, scalar.plain, place) {
            keys::Verdict::Good => {}
            keys::Verdict::Doubtful(diagnostic) => self.problem(*diagnostic)?,
            keys::Verdict::Bad(diagnostic) => {
                self.problem(*diagnostic)?;
                self.expect(Awaited::Refused(place));
                return Ok(());
            }
        }
        if scalar.anchor != 0 {
            let text = Arc::from(scalar.text.as_ref());
            let written = Written::new(Content::String { text, plain: scalar.plain }, place);
            self.keep(scalar.anchor, &Weighed { written, nodes: 1, height: 0 })?;
        }
        self.name(scalar.text.into(), scalar.plain, place)
    }

    /// Takes in a key that is a string, and refuses it if it is there already.
    pub(super) fn name(&mut self, name: Arc<str>, plain: bool, place: Place) -> Result<(), Failed> {
        let Some(Frame { open: Open::Map(map), .. }) = self.frames.last_mut() else { return Ok(()) };
        let is_merge = plain && name.as_ref() == "<<";
        let earlier = if is_merge { map.merge_key } else { map.members.get(&name).map(|member| member.key) };
        if let Some(earlier) = earlier {
            map.awaited = Awaited::Refused(place);
            return self.problem(
                Diagnostic::new(code::DUPLICATE_KEY, format!("the key {} is written twice", Shown(&name)))
                    .at(place, "written again here")
                    .also(earlier, "first written here")
                    .help("keep one of them"),
            );
        }
        map.awaited = if is_merge {
            map.merge_key = Some(place);
            Awaited::Merge(place)
        } else {
            Awaited::Value(name, place)
        };
        Ok(())
    }
}
