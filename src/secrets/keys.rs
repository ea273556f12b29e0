//! The keys that the environment of the program offers, as `sops` looks for them.

use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::sops::Identities;
use crate::world::{Unreadable, World};

/// The variable that holds keys.
const KEY: &str = "SOPS_AGE_KEY";
/// The variable that names a file of keys.
const KEY_FILE: &str = "SOPS_AGE_KEY_FILE";

/// Most bytes of a file of keys.
const LARGEST: u64 = 1 << 20;

/// The keys of `SOPS_AGE_KEY`, of the file that `SOPS_AGE_KEY_FILE` names and of the usual file, which need not be there.
/// A place that should hold keys and holds none is an error; nothing of it is shown.
pub(crate) fn identities(world: &dyn World, diagnostics: &mut Diagnostics) -> Result<Identities, Failed> {
    let mark = diagnostics.mark();
    let mut identities = Identities::default();
    if let Some(text) = world.variable(KEY).map(Zeroizing::new) {
        add(&mut identities, &text, KEY, diagnostics);
    }
    if let Some(file) = world.variable(KEY_FILE) {
        match read(world, &file) {
            Ok(text) => add(&mut identities, &text, &file, diagnostics),
            Err(why) => diagnostics.record(
                Diagnostic::new(code::KEY_FILE, format!("{file} cannot be read: {}", reason(&why)))
                    .note(format!("it is the value of the variable {KEY_FILE}"))
                    .help("name the file that `age-keygen -o FILE` wrote"),
            ),
        }
    }
    for file in usual(world) {
        match read(world, &file) {
            Ok(text) => add(&mut identities, &text, &file, diagnostics),
            Err(Unreadable::Missing) => continue,
            Err(why) => diagnostics.record(
                Diagnostic::new(code::KEY_FILE, format!("{file} cannot be read: {}", reason(&why)))
                    .help("make it a file that the user who runs this may read, or remove it"),
            ),
        }
        break;
    }
    diagnostics.since(mark)?;
    Ok(identities)
}

/// Where keys are looked for, the first that is there.
fn usual(world: &dyn World) -> Vec<String> {
    let below = |folder: String| format!("{}/sops/age/keys.txt", folder.trim_end_matches('/'));
    let home = |folder: &str| world.variable("HOME").map(|home| format!("{}/{folder}", home.trim_end_matches('/')));
    let configured = world.variable("XDG_CONFIG_HOME").or_else(|| home(".config"));
    // The second is where macOS keeps such files.
    configured.into_iter().chain(home("Library/Application Support")).map(below).collect()
}

fn read(world: &dyn World, file: &str) -> Result<Zeroizing<String>, Unreadable> {
    // A sign for standard input elsewhere.
    let file = if file == "-" { "./-" } else { file };
    let bytes = Zeroizing::new(world.read_argument(file, LARGEST)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| Unreadable::System("it is not UTF-8".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn reason(why: &Unreadable) -> String {
    match why {
        Unreadable::Missing => "it is not there".to_owned(),
        Unreadable::Outside | Unreadable::NotAFile => "it is not a regular file".to_owned(),
        Unreadable::TooLarge { limit } => format!("it has more than {limit} bytes"),
        Unreadable::System(error) => error.clone(),
    }
}

fn add(identities: &mut Identities, text: &str, from: &str, diagnostics: &mut Diagnostics) {
    let before = identities.recipients().count();
    let wrong = identities.add(text);
    if identities.recipients().count() > before {
        // Keys of other kinds beside those that are known are for other programs.
        return;
    }
    let diagnostic = match wrong.first() {
        Some((line, why)) => {
            Diagnostic::new(code::KEY_FILE, format!("{from} holds no key: line {line} is {}", why.what()))
                .help(why.help())
        }
        None => Diagnostic::new(code::KEY_FILE, format!("{from} holds no key"))
            .help("name the file that `age-keygen -o FILE` wrote"),
    };
    diagnostics.record(diagnostic);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    const FILE: &str = include_str!("../../tests/sops/key.txt");
    const OTHER: &str = include_str!("../../tests/sops/other-key.txt");

    fn found(world: &Memory) -> Result<usize, String> {
        let mut diagnostics = Diagnostics::new();
        let found = identities(world, &mut diagnostics).map(|identities| identities.recipients().count());
        found.map_err(|_| {
            assert_eq!(diagnostics.exit_code(), 4);
            diagnostics.items()[0].message.clone()
        })
    }

    #[test]
    fn keys_are_found_in_all_three_places() {
        let usual = |world: Memory| world.with_variable("HOME", "home").file("home/.config/sops/age/keys.txt", FILE);
        assert_eq!(found(&Memory::new()), Ok(0));
        assert_eq!(found(&usual(Memory::new())), Ok(1));
        assert_eq!(found(&usual(Memory::new()).with_variable("XDG_CONFIG_HOME", "elsewhere")), Ok(0));
        assert_eq!(found(&Memory::new().with_variable(KEY, OTHER)), Ok(1));
        let all = usual(Memory::new()).with_variable(KEY, OTHER).file("k", OTHER).with_variable(KEY_FILE, "k");
        assert_eq!(found(&all), Ok(3));
    }

    #[test]
    fn what_should_hold_a_key_and_does_not_is_an_error() {
        let wrong = |world: &Memory| found(world).unwrap_err();
        assert_eq!(wrong(&Memory::new().with_variable(KEY_FILE, "k")), "k cannot be read: it is not there");
        let public = "age1d3m84ppfqp7cu759kw54z5xzzw57spxx5mp0vlhcmakvzqrmpeqq7yt9lf";
        let message = wrong(&Memory::new().with_variable(KEY, public));
        assert_eq!(message, "SOPS_AGE_KEY holds no key: line 1 is the public part of a key, which opens nothing");
        assert_eq!(wrong(&Memory::new().file("k", "# x\n").with_variable(KEY_FILE, "k")), "k holds no key");
    }
}
