//! What a `$ref` means: a file of the workspace, or the file it stands in, and a fragment.

use super::positions::percent_decoded;

/// The keywords that refer to another schema.
pub(super) const KEYWORDS: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The scheme of the URIs the engine knows our documents by.
const SCHEME: &str = "tenantctl:///";

/// What a reference means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// The name of a file of the workspace; `None` is the file the reference stands in.
    pub(super) file: Option<String>,
    /// What follows the `#`, still escaped.
    pub(super) fragment: &'a str,
}

/// Reads a reference written in the file `from` whose `$id` is `id`; `Err` says why it is none of ours.
pub(super) fn target<'a>(written: &'a str, from: &str, id: Option<&str>) -> Result<Target<'a>, String> {
    let (address, fragment) = written.split_once('#').unwrap_or((written, ""));
    if address.is_empty() || id.is_some_and(|id| id.trim_end_matches('#') == address) {
        return Ok(Target { file: None, fragment });
    }
    if has_scheme(address) || address.starts_with("//") {
        return Err(format!("`{written}` is not a file of the workspace, and nothing is fetched"));
    }
    let outside = || format!("`{written}` leads out of the workspace");
    let path = percent_decoded(address);
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return Err(outside());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    let file = parts.join("/");
    Ok(Target { file: (file != from).then_some(file), fragment })
}

/// Whether the address begins with a scheme (RFC 3986, 3.1).
fn has_scheme(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// The URI the engine knows document `index` by.
pub(super) fn uri(index: usize) -> String {
    format!("{SCHEME}{index}")
}

/// The document and the pointer behind a URI of ours.
pub(super) fn read_uri(uri: &str) -> Option<(usize, String)> {
    let (address, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    Some((address.strip_prefix(SCHEME)?.parse().ok()?, percent_decoded(fragment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_relative_to_their_file_and_stay_inside() {
        let file =
            |written| target(written, "schemas/config.json", Some("https://a.b/c.json")).map(|target| target.file);
        assert_eq!(file("#/$defs/a"), Ok(None));
        assert_eq!(file("config.json#/a"), Ok(None));
        assert_eq!(file("https://a.b/c.json#/a"), Ok(None));
        assert_eq!(file("common.json"), Ok(Some("schemas/common.json".into())));
        assert_eq!(file("./a%20b/../c.yml#x"), Ok(Some("schemas/c.yml".into())));
        assert_eq!(file("../other/c.yml"), Ok(Some("other/c.yml".into())));
        for bad in [
            "http://a.b/c",
            "//a.b/c",
            "file:///etc/passwd",
            "/etc/passwd",
            "../../etc/passwd",
            "%2e%2e/%2e%2e/x",
            "urn:x",
        ] {
            assert!(file(bad).is_err(), "{bad}");
        }
    }
}
