//! One encrypted value as it is written: `ENC[AES256_GCM,data:..,iv:..,tag:..,type:str]`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::plain::Kind;

/// Bytes of a nonce. The program `sops` takes 32 at random, and others are refused here.
pub(super) const NONCE: usize = 32;
/// Bytes of a tag.
pub(super) const TAG: usize = 16;

const BEGIN: &str = "ENC[AES256_GCM,";

/// An encrypted value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) data: Vec<u8>,
    pub(super) nonce: [u8; NONCE],
    pub(super) tag: [u8; TAG],
    pub(super) kind: Kind,
}

impl Cell {
    /// Whether a text is meant to be one.
    pub(super) fn is_like(text: &str) -> bool {
        text.starts_with("ENC[") && text.ends_with(']')
    }

    /// Reads one. There is one spelling for each.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix(BEGIN)?.strip_suffix(']')?.split(',');
        let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix(':');
        let bytes = |text: &str| STANDARD.decode(text).ok();
        let cell = Self {
            data: bytes(field("data")?)?,
            nonce: bytes(field("iv")?)?.try_into().ok()?,
            tag: bytes(field("tag")?)?.try_into().ok()?,
            kind: Kind::named(field("type")?)?,
        };
        fields.next().is_none().then_some(cell)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| STANDARD.encode(bytes);
        let (data, nonce, tag) = (text(&self.data), text(&self.nonce), text(&self.tag));
        write!(f, "{BEGIN}data:{data},iv:{nonce},tag:{tag},type:{}]", self.kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_one_spelling() {
        let cell = Cell { data: vec![1], nonce: [2; NONCE], tag: [3; TAG], kind: Kind::Int };
        let text = cell.to_string();
        assert_eq!(Cell::parse(&text), Some(cell));
        for (from, to) in [
            ("AQ==", "AQ"),
            ("AQ==", "AR=="),
            ("AES256_GCM", "AES128_GCM"),
            ("int", "Int"),
            ("int]", "int,]"),
            ("int]", "int"),
            ("iv:Ag", "iv:"),
            ("data:", "data: "),
            ("tag:", "tag"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            assert_eq!(Cell::parse(&other), None, "{other}");
        }
    }
}
