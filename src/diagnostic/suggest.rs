//! "Did you mean".

/// A help line naming the candidate nearest to `written`, if one is near enough.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = nearest(written, candidates)?;
    Some(format!("did you mean `{near}`?"))
}

/// The candidate nearest to `written` within a third of its length, the first of equals.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The distance is quadratic in the length; nobody mistypes a name of hundreds of characters.
    const LONGEST: usize = 128;
    // Thousands of errors over thousands of keys would take minutes.
    const MOST: usize = 1024;
    if written.len() > LONGEST {
        return None;
    }
    let limit = (written.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(MOST) {
        if candidate == written || candidate.len() > LONGEST {
            continue;
        }
        let same_but_for_case = candidate.eq_ignore_ascii_case(written) || spelled(candidate) == spelled(written);
        let distance = if same_but_for_case { 0 } else { strsim::damerau_levenshtein(written, candidate) };
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Letters only, so that `maxReplicas`, `max-replicas` and `max_replicas` are one.
fn spelled(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let keys = ["replicas", "resources", "max_replicas"];
        assert_eq!(nearest("replica", keys), Some("replicas"));
        assert_eq!(nearest("maxReplicas", keys), Some("max_replicas"));
        assert_eq!(nearest("storage", keys), None);
    }
}
