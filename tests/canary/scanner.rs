//! Finds secrets in bytes, however they are spelled or packed.
//!
//! In go the contents that must be nowhere and some bytes; out comes which of them is there, and in which spelling.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{GzDecoder, ZlibDecoder};
use regex::bytes::{Regex, RegexBuilder};

/// Shortest text that is looked for: what is shorter is found by chance.
const SHORTEST: usize = 8;
/// Most bytes that something is unpacked to.
const LARGEST: usize = 64 << 20;
/// Bytes before what is packed in which somebody may say what it is.
const HEADER: usize = 64;

/// What is looked for.
pub(crate) struct Scanner {
    /// Spellings, each with whose it is and what it is called.
    needles: Vec<(String, String)>,
    any: Regex,
}

/// The spellings of a text, by name.
pub(crate) fn spellings(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let mut spellings = vec![
        ("as it is", text.to_owned()),
        ("JSON", inner(&serde_json::to_string(text).unwrap())),
        ("JSON in JSON", inner(&serde_json::to_string(&inner(&serde_json::to_string(text).unwrap())).unwrap())),
        ("JSON in ASCII", ascii(text)),
        ("YAML, single quotes", text.replace('\'', "''")),
        ("percent", bytes.iter().map(|byte| percent(*byte)).collect()),
        ("percent, all", bytes.iter().map(|byte| format!("%{byte:02X}")).collect()),
        ("XML", text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")),
        ("shell", text.replace('\'', "'\\''")),
        ("hex", bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("HEX", bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
        ("debug", inner(&format!("{text:?}"))),
    ];
    for (name, aligned) in [("base64", 0), ("base64 after one", 1), ("base64 after two", 2)].map(|(name, before)| {
        // What comes before or after shares the signs at the ends.
        let coded = STANDARD.encode([&vec![0; before][..], bytes].concat());
        let from = [0, 2, 3][before];
        let until = coded.trim_end_matches('=').len() - usize::from(!(bytes.len() + before).is_multiple_of(3));
        (name, coded[from..until].to_owned())
    }) {
        spellings.push(("base64url", aligned.replace('+', "-").replace('/', "_")));
        spellings.push((name, aligned));
    }
    spellings
}

fn inner(quoted: &str) -> String {
    quoted[1..quoted.len() - 1].to_owned()
}

fn ascii(text: &str) -> String {
    let mut spelled = String::new();
    for unit in inner(&serde_json::to_string(text).unwrap()).encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => spelled.push(char::from(byte)),
            _ => spelled.push_str(&format!("\\u{unit:04x}")),
        }
    }
    spelled
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

impl Scanner {
    /// Looks for contents, each as a whole and line by line.
    pub(crate) fn new<'c>(contents: impl IntoIterator<Item = &'c str>) -> Self {
        let mut needles: Vec<(String, String)> = Vec::new();
        for (number, content) in contents.into_iter().enumerate() {
            let lines = content.lines().map(str::trim).filter(|line| line.len() >= SHORTEST && *line != content);
            for text in lines.chain([content]) {
                for (name, spelling) in spellings(text) {
                    if !needles.iter().any(|(known, _)| *known == spelling) {
                        needles.push((spelling, format!("canary {number} ({name})")));
                    }
                }
            }
        }
        let all: Vec<String> = needles.iter().map(|(needle, _)| regex::escape(needle)).collect();
        let any = RegexBuilder::new(&all.join("|")).size_limit(1 << 28).build().unwrap();
        Self { needles, any }
    }

    /// The first canary that is in bytes or in what they are packed from.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<&str> {
        self.found_in(bytes).or_else(|| unpacked(bytes).iter().find_map(|bytes| self.found_in(bytes)))
    }

    fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        // Broken into lines, a spelling is the same.
        let joined: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let found = self.any.find(bytes).or_else(|| self.any.find(&joined))?;
        let needle = self.needles.iter().find(|(needle, _)| needle.as_bytes() == found.as_bytes());
        Some(needle.map_or("a canary", |(_, name)| name.as_str()))
    }
}

/// What bytes are packed from, in each form that they may have.
pub(crate) fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut read = |reader: &mut dyn std::io::Read| {
        let mut text = Vec::new();
        // What is broken off is looked at as far as it goes.
        let _ = reader.take(LARGEST as u64).read_to_end(&mut text);
        if !text.is_empty() {
            found.push(text);
        }
    };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        read(&mut GzDecoder::new(bytes));
    }
    if bytes.first() == Some(&0x78) {
        read(&mut ZlibDecoder::new(bytes));
    }
    for start in 0..bytes.len().min(HEADER) {
        if let Ok((size, packed)) = lz4_flex::block::uncompressed_size(&bytes[start..])
            && (1..LARGEST).contains(&size)
            && let Ok(text) = lz4_flex::decompress(packed, size)
        {
            found.push(text);
        }
    }
    found
}

#[test]
fn a_leak_is_found_in_every_spelling_and_packing() {
    let contents = ["Kestrel7-Qv9+Zr4/Lm2", "first \"Heron5tYw\"\\\n'second' %Gull8üñí&<x>\nPlover3kk\n"];
    let scanner = Scanner::new(contents);
    for content in contents {
        for text in content.lines().chain([content]) {
            for (name, spelling) in spellings(text) {
                let leak = format!("error: before {spelling} after");
                assert!(scanner.find(leak.as_bytes()).is_some(), "{name} of {text:?}: {leak}");
            }
            for before in ["", "x", "xy", "xyz"] {
                let coded = STANDARD.encode(format!("{before}{text}{before}"));
                assert!(scanner.find(coded.as_bytes()).is_some(), "{before}{text}");
                let lines: Vec<String> =
                    coded.as_bytes().chunks(7).map(|chunk| String::from_utf8_lossy(chunk).into()).collect();
                assert!(scanner.find(lines.join("\n  ").as_bytes()).is_some(), "{before}{text} in lines");
            }
        }
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(content.as_bytes(), flate2::Compression::best()).read_to_end(&mut packed).unwrap();
        assert!(scanner.find(&packed).is_some());
        let mut packed = Vec::new();
        flate2::read::ZlibEncoder::new(content.as_bytes(), flate2::Compression::best())
            .read_to_end(&mut packed)
            .unwrap();
        assert!(scanner.find(&packed).is_some());
        let packed = lz4_flex::compress_prepend_size(content.as_bytes());
        assert!(scanner.find(&[&[7; 40][..], &packed].concat()).is_some());
    }
    for innocent in ["", "a long text in which nothing is", "Kestrel7-Qv9", "Heron5tY", "S2VzdHJlbDc="] {
        assert_eq!(scanner.find(innocent.as_bytes()), None, "{innocent}");
    }
}
