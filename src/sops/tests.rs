//! Files as a whole: those of the program `sops`, and every way to tamper with one.

use super::key::{DataKey, NoRandomness, Randomness, System};
use super::{Identities, Opened, Plain, Recipient, Rule, Sealed, Selection};
use crate::diagnostic::{Code, Diagnostics, code};
use crate::path::Path;
use crate::source::{FileId, Sources};

const KEY: &str = include_str!("../../tests/sops/key.txt");
const EVERYTHING: &str = include_str!("../../tests/sops/everything.yml");
const NOW: &str = "2026-11-22T10:00:00Z";

/// The vectors of age, by name.
pub(super) fn vectors() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = include_str!("../../tests/sops/age.txt").split("=== ").skip(1);
    all.map(|vector| vector.split_once('\n').unwrap())
}

fn identities() -> Identities {
    let mut identities = Identities::default();
    assert_eq!(identities.add(KEY), []);
    identities
}

fn recipient() -> Recipient {
    Recipient::parse(identities().recipients().next().unwrap()).unwrap()
}

fn file() -> FileId {
    Sources::default().add("f", "")
}

/// Opens a text, or gives the codes of what is wrong with it.
fn open_as(text: &str, terms: &Selection) -> Result<Opened, Vec<Code>> {
    let mut diagnostics = Diagnostics::new();
    let opened = Sealed::read(file(), text, terms, &mut diagnostics)
        .and_then(|sealed| sealed.open(&identities(), &mut diagnostics));
    for item in diagnostics.items() {
        let shown = format!("{} {:?} {:?}", item.message, item.notes, item.help);
        assert!(!shown.contains("not-a-real"), "{shown}");
    }
    opened.map_err(|_| diagnostics.items().iter().map(|item| item.code).collect())
}

fn open(text: &str) -> Result<Opened, Vec<Code>> {
    open_as(text, &Selection::default())
}

fn refused(text: &str) -> Vec<Code> {
    open(text).err().unwrap_or_else(|| panic!("opened:\n{text}"))
}

fn at(opened: &Opened, path: &str) -> Option<String> {
    opened.get(&Path::parse(path).unwrap()).map(|plain| plain.reveal().to_owned())
}

/// Everything that a reader has of a file.
fn said(opened: &Opened) -> Vec<String> {
    let values = opened.values();
    // The format does not guard the names of what it leaves in plain text.
    let named = |path: &Path| if opened.selection().encrypts(&path.keys()) { path.to_string() } else { String::new() };
    let values = values.iter().map(|(path, plain)| format!("{} {:?} {}", named(path), plain.kind(), plain.reveal()));
    let recipients = opened.recipients().map(str::to_owned);
    values.chain(recipients).chain([format!("{:?} {}", opened.selection().rule(), opened.modified())]).collect()
}

/// A small file, made here.
fn small() -> String {
    let key = DataKey::generate(&mut System).unwrap();
    let mut opened = Opened::new(file(), key, &[recipient()], Selection::default()).unwrap();
    opened.set(&["database", "password"], Plain::text("not-a-real-password".to_owned())).unwrap();
    opened.set(&["database", "user"], Plain::text("not-a-real-user".to_owned())).unwrap();
    opened.set(&["day_unencrypted"], Plain::text("2026-11-21".to_owned())).unwrap();
    opened.seal(NOW, &mut System).unwrap()
}

#[test]
fn a_file_of_the_real_program_opens_and_is_written_as_it_was() {
    let mut opened = open(EVERYTHING).unwrap();
    assert_eq!(opened.text().as_str(), include_str!("../../tests/sops/everything.plain.yml"));
    assert!(!opened.is_changed());
    assert_eq!(opened.seal(NOW, &mut System).unwrap(), EVERYTHING);
}

#[test]
fn files_with_rules_of_the_real_program_open_as_the_policy_says() {
    for (text, rule, pattern) in [
        (include_str!("../../tests/sops/encrypted-regex.yml"), Rule::EncryptedRegex, "^password$"),
        (include_str!("../../tests/sops/unencrypted-regex.yml"), Rule::UnencryptedRegex, "^(host|port)$"),
        (include_str!("../../tests/sops/encrypted-suffix.yml"), Rule::EncryptedSuffix, "word"),
        (include_str!("../../tests/sops/mac-only-encrypted.yml"), Rule::EncryptedRegex, "^password$"),
        (include_str!("../../tests/sops/manifest.yml"), Rule::EncryptedRegex, "^(data|stringData)$"),
    ] {
        let mut terms = Selection::new(rule, pattern).unwrap();
        terms.mac_only_encrypted = text.contains("mac_only_encrypted");
        let mut opened = open_as(text, &terms).unwrap_or_else(|codes| panic!("{codes:?}\n{text}"));
        assert!(opened.values().iter().any(|(_, plain)| plain.reveal().contains("word") || plain.reveal() == "app"));
        assert_eq!(opened.seal(NOW, &mut System).unwrap(), text);
        // A file does not choose for itself.
        assert!(refused(text).contains(&code::SEALED_PLAIN), "{text}");
    }
}

#[test]
fn who_could_open_a_file_is_said() {
    let text = include_str!("../../tests/sops/for-another.yml");
    assert_eq!(refused(text), [code::NO_KEY]);
    let mut diagnostics = Diagnostics::new();
    let sealed = Sealed::read(file(), text, &Selection::default(), &mut diagnostics).unwrap();
    let other = sealed.recipients().next().unwrap().to_owned();
    let names: Vec<String> = sealed.names().iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(names, ["database.host", "database.password", "database.port"]);
    assert!(sealed.open(&identities(), &mut diagnostics).is_err());
    let notes = diagnostics.items()[0].notes.join("\n");
    assert!(notes.contains(&format!("opened by {other}")) && notes.contains(recipient().as_str()), "{notes}");
}

#[test]
fn what_did_not_change_keeps_its_bytes() {
    let mut opened = open(EVERYTHING).unwrap();
    opened.set(&["b", "c"], Plain::text("2".to_owned())).unwrap();
    let text = opened.seal(NOW, &mut System).unwrap();
    let differing: Vec<_> = EVERYTHING.lines().zip(text.lines()).filter(|(old, new)| old != new).collect();
    let begins: Vec<_> = differing.iter().map(|(_, new)| new.trim_start().split(' ').next().unwrap()).collect();
    assert_eq!(begins, ["c:", "lastmodified:", "mac:"]);
    assert_eq!(EVERYTHING.lines().count(), text.lines().count());
    let mut again = open(&text).unwrap();
    assert_eq!(at(&again, "b.c").as_deref(), Some("2"));
    // The same value once more changes nothing.
    again.set(&["b", "c"], Plain::text("2".to_owned())).unwrap();
    assert!(!again.is_changed());
    assert!(again.set(&["b"], Plain::text("2".to_owned())).is_err());
    assert!(again.remove(&["b", "c"]) && again.remove(&["new"]).eq(&false));
    let text = again.seal(NOW, &mut System).unwrap();
    let last = open(&text).unwrap();
    assert_eq!((at(&last, "b.c"), at(&last, "a").as_deref()), (None, Some("hello")));
}

#[test]
fn an_edited_text_keeps_what_is_the_same() {
    let mut opened = open(EVERYTHING).unwrap();
    let text = opened.text();
    opened.replace(file(), &text, &[], &mut Diagnostics::new()).unwrap();
    assert!(!opened.is_changed());
    assert_eq!(opened.seal(NOW, &mut System).unwrap(), EVERYTHING);
    let edited = text
        .replace("f: true", "f: false")
        .replace("# in b", "# in it")
        .replace("    c: 1\n", "    c: 1\n    c2: new\n");
    opened.replace(file(), &edited, &[], &mut Diagnostics::new()).unwrap();
    assert!(opened.is_changed());
    let sealed = opened.seal(NOW, &mut System).unwrap();
    assert_eq!(open(&sealed).unwrap().text().as_str(), edited);
    let kept = EVERYTHING.lines().filter(|line| sealed.lines().any(|other| other == *line)).count();
    // The value, the comment, the time and the code.
    assert_eq!(kept, EVERYTHING.lines().count() - 4);
}

#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    let text = small();
    let before = said(&open(&text).unwrap());
    let mut harmless = Vec::new();
    for index in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            // What is no UTF-8 is refused when it is read.
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            if let Ok(opened) = open(&flipped) {
                assert_eq!(said(&opened), before, "{flipped}");
                harmless.push(index);
            }
        }
    }
    // The version of the program, line ends and spaces between lines: nothing that is read.
    let mut lines: Vec<&str> = harmless
        .iter()
        .map(|index| {
            let begin = text[..*index].rfind('\n').map_or(0, |at| at + 1);
            text[begin..].split(['\n', ':']).next().unwrap().trim()
        })
        .collect();
    lines.dedup();
    assert!(
        lines.iter().all(|line| [
            "day_unencrypted",
            "version",
            "lastmodified",
            "mac",
            "unencrypted_suffix",
            "enc",
            "age",
            "sops"
        ]
        .contains(line)),
        "{lines:?}"
    );
    assert!(harmless.len() < 120, "{}: {lines:?}", harmless.len());
}

#[test]
fn a_truncated_file_is_refused() {
    let text = small();
    for end in 0..text.len() - 1 {
        refused(&text[..end].replace("3.11.", "3.x"));
        if !text[..end].ends_with("3.11.0") {
            let codes = open(&text[..end]).err();
            let version = text[..end].rsplit('\n').next().unwrap_or_default().trim();
            assert!(codes.is_some() || version.starts_with("version: 3."), "{end}");
        }
    }
}

#[test]
fn a_value_belongs_to_its_path_and_its_file() {
    let (text, other) = (small(), small());
    let line = |text: &str, key: &str| text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().to_owned();
    let value = |text: &str, key: &str| line(text, key).split_once(": ").unwrap().1.to_owned();
    let (password, user) = (value(&text, "password"), value(&text, "user"));
    let swapped = text.replace(&password, "@").replace(&user, &password).replace('@', &user);
    assert_eq!(refused(&swapped), [code::SEALED_CHANGED, code::SEALED_CHANGED]);
    // Two with one nonce give both away.
    assert_eq!(refused(&text.replace(&password, &value(&other, "password"))), [code::SEALED_CHANGED]);
    let nonce = |value: &str| value.split_once("iv:").unwrap().1.split(',').next().unwrap().to_owned();
    assert_eq!(refused(&text.replace(&nonce(&password), &nonce(&user))), [code::SEALED_CHANGED]);
    assert_eq!(refused(&text.replace(&format!("{}\n", line(&text, "user")), "")), [code::SEALED_CHANGED]);
    let order = text.replace(&line(&text, "user"), "@").replace(&line(&text, "password"), &line(&text, "user"));
    assert_eq!(refused(&order.replace('@', &line(&text, "password"))), [code::SEALED_CHANGED]);
    assert_eq!(refused(&text.replace("2026-11-21\"", "2026-11-20\"")), [code::SEALED_CHANGED]);
    assert_eq!(refused(&text.replace(&password, "not-a-real-password")), [code::SEALED_PLAIN]);
    assert_eq!(refused(&text.replace(&password, "ENC[AES256_GCM,data:,iv:,tag:,type:str]")), [code::SEALED_FORM]);
}

#[test]
fn a_header_cannot_be_downgraded() {
    let (text, other) = (small(), small());
    let line = |text: &str, key: &str| text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().to_owned();
    let with = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        refused(&changed)
    };
    let rule = "    unencrypted_suffix: _unencrypted\n";
    let mac = format!("{}\n", line(&text, "mac:"));
    assert_eq!(with(rule, "    encrypted_regex: ^nothing$\n"), [code::SEALED_PLAIN]);
    assert_eq!(with(rule, "    unencrypted_regex: ^x$\n"), [code::SEALED_PLAIN, code::SEALED_PLAIN]);
    assert_eq!(with(rule, "    unencrypted_suffix: d\n"), [code::SEALED_PLAIN]);
    assert_eq!(with(rule, "    encrypted_suffix: word\n    unencrypted_suffix: _unencrypted\n")[0], code::SEALED_FORM);
    assert_eq!(with(rule, &format!("{rule}    mac_only_encrypted: true\n")), [code::SEALED_PLAIN]);
    assert_eq!(with("version: 3.11.0", "version: 1.5.0"), [code::SEALED_UNSUPPORTED]);
    assert_eq!(with("version: 3.11.0", "version: 4.0.0"), [code::SEALED_UNSUPPORTED]);
    assert_eq!(with("version: 3.11.0", "shamir_threshold: 2\n    version: 3.11.0"), [code::SEALED_UNSUPPORTED]);
    assert_eq!(with(&mac, ""), [code::SEALED_FORM]);
    assert_eq!(with(&mac, &format!("{}\n", line(&other, "mac:"))), [code::SEALED_CHANGED]);
    assert_eq!(with("lastmodified: \"2026-11-22", "lastmodified: \"2026-11-23"), [code::SEALED_CHANGED]);
    assert_eq!(with("lastmodified: \"2026-11-22", "lastmodified: \"2026-13-22"), [code::SEALED_FORM]);
    assert_eq!(with("    age:\n", "    age:\n        - text\n"), [code::SEALED_FORM]);
    assert_eq!(with("sops:\n", "sops: {}\nx:\n"), [code::SEALED_FORM; 3]);
    assert_eq!(with("sops:\n", "soap:\n"), [code::SEALED_FORM]);
    assert_eq!(with("    version", "    versions: 1\n    version"), [code::SEALED_FORM]);
    assert_eq!(with("    version", "    mac: x\n    version"), [code::DUPLICATE_KEY]);
    // What is encrypted to us is said to be for somebody else.
    let stranger = Recipient::parse(
        include_str!("../../tests/sops/other-key.txt")
            .lines()
            .find_map(|line| line.split_once("public key: "))
            .unwrap()
            .1,
    )
    .unwrap();
    assert_eq!(with(recipient().as_str(), stranger.as_str()), [code::SEALED_CHANGED]);
}

/// Always the same numbers.
struct Stuck;

impl Randomness for Stuck {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        bytes.fill(7);
        Ok(())
    }
}

#[test]
fn no_nonce_serves_twice() {
    let key = DataKey::generate(&mut Stuck).unwrap();
    let mut opened = Opened::new(file(), key, &[recipient()], Selection::default()).unwrap();
    opened.set(&["a"], Plain::text("not-a-real-one".to_owned())).unwrap();
    assert_eq!(opened.seal(NOW, &mut Stuck), Err(NoRandomness));
}

#[test]
fn another_key_and_other_recipients_change_everything() {
    let text = small();
    let mut opened = open(&text).unwrap();
    let others = include_str!("../../tests/sops/other-key.txt");
    let stranger =
        Recipient::parse(others.lines().find_map(|line| line.split_once("public key: ")).unwrap().1).unwrap();
    opened.share(&[recipient(), stranger.clone()]).unwrap();
    let shared = opened.seal(NOW, &mut System).unwrap();
    assert!(
        text.lines().filter(|line| line.contains("ENC[") && !line.contains("mac:")).all(|line| shared.contains(line))
    );
    let mut theirs = Identities::default();
    theirs.add(others);
    let as_them = |text: &str| {
        let mut diagnostics = Diagnostics::new();
        let sealed = Sealed::read(file(), text, &Selection::default(), &mut diagnostics).unwrap();
        sealed.open(&theirs, &mut diagnostics).map(|opened| said(&opened)).ok()
    };
    assert_eq!(as_them(&shared), Some(said(&open(&shared).unwrap())));
    opened.rekey(DataKey::generate(&mut System).unwrap(), &[recipient()]).unwrap();
    let rotated = opened.seal(NOW, &mut System).unwrap();
    assert_eq!(as_them(&rotated), None);
    assert_eq!(open(&rotated).unwrap().values(), open(&text).unwrap().values());
    assert!(text.lines().filter(|line| line.contains("ENC[")).all(|line| !rotated.contains(line)));
}

#[test]
fn hostile_texts_are_refused_without_a_word_of_them() {
    for text in [
        "",
        "- not-a-real-one",
        "not-a-real-one",
        "a: [not-a-real-one",
        "a: not-a-real-one\na: not-a-real-one\nsops: {}",
        "a: 0123\nsops: {}",
        "a: !not-a-real-tag x\nsops: {}",
        "sops: 1",
        "sops: {age: [{recipient: not-a-real-one, enc: x}], mac: x, lastmodified: x, version: x}",
        "sops: {encrypted_regex: '('}",
    ] {
        refused(text);
    }
    let mut diagnostics = Diagnostics::new();
    let mut opened = open(&small()).unwrap();
    for text in ["a: [", "sops: {}", "- not-a-real-one", "a: 0123", "a: &x not-a-real-one\nb: *y", "a: ENC[x]"] {
        assert!(opened.replace(file(), text, &[], &mut diagnostics).is_err(), "{text}");
    }
    assert!(diagnostics.items().iter().all(|item| !format!("{item:?}").contains("not-a-real")));
}

/// A Secret with two contents and what is plain.
fn secret_object() -> crate::tree::Node {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: database}\ndata: {password: !secret database.password}\nstringData: {user: !secret database.user, mode: verify}\n";
    let written = crate::yaml::read_document(file(), text, &crate::yaml::Limits::default(), &mut Diagnostics::new());
    written.unwrap().to_node()
}

#[test]
fn a_manifest_is_encrypted_to_the_same_bytes() {
    let opened = open(&small()).unwrap();
    let object = secret_object();
    let content = |secret: &crate::tree::Secret| opened.get(&Path::parse(secret.name()).unwrap()).map(Plain::copy);
    let write = |identity: &str| super::manifest(&object, &content, &opened, identity).unwrap();
    let text = write("acme-corp/v1/Secret/database");
    assert_eq!(text, write("acme-corp/v1/Secret/database"));
    let other = write("globex/v1/Secret/database");
    let cells = |text: &str| text.lines().filter(|line| line.contains("ENC[")).map(str::to_owned).collect::<Vec<_>>();
    assert!(cells(&text).iter().zip(&cells(&other)).all(|(one, other)| one != other));
    let terms = Selection::new(Rule::EncryptedRegex, "^(data|stringData)$").unwrap();
    let read = open_as(&text, &terms).unwrap();
    // In base64, as Kubernetes has it.
    assert_eq!(at(&read, "data.password").as_deref(), Some("bm90LWEtcmVhbC1wYXNzd29yZA=="));
    assert_eq!(at(&read, "stringData.user").as_deref(), Some("not-a-real-user"));
    assert_eq!(read.recipients().collect::<Vec<_>>(), opened.recipients().collect::<Vec<_>>());
    assert!(text.contains("metadata:\n  name: database\n") && !text.contains("verify"));
}

#[test]
fn a_manifest_lets_no_secret_out() {
    let opened = open(&small()).unwrap();
    let nothing = |_: &crate::tree::Secret| None;
    let missing = super::manifest(&secret_object(), &nothing, &opened, "x").unwrap_err();
    let path = Path::parse("data.password").unwrap();
    assert_eq!(missing, super::Unsealable::Missing { path, name: "database.password".to_owned() });
    let text = "metadata: {labels: {a: !secret database.password}}";
    let written = crate::yaml::read_document(file(), text, &crate::yaml::Limits::default(), &mut Diagnostics::new());
    let outside = super::manifest(&written.unwrap().to_node(), &nothing, &opened, "x").unwrap_err();
    assert_eq!(outside, super::Unsealable::Outside { path: Path::parse("metadata.labels.a").unwrap() });
}

/// What is made here is opened by the program `sops`, where there is one.
#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "another program reads files, or is not there")]
fn the_real_program_opens_what_is_made_here() {
    if std::process::Command::new("sops").arg("--help").output().is_err() {
        eprintln!("skipped: there is no program sops");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.txt");
    std::fs::write(&key, KEY).unwrap();
    let decrypt = |text: &str| {
        let path = folder.path().join("f.yml");
        std::fs::write(&path, text).unwrap();
        let run = std::process::Command::new("sops")
            .arg("decrypt")
            .arg(&path)
            .env("SOPS_AGE_KEY_FILE", &key)
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    let text = small();
    assert_eq!(
        decrypt(&text),
        "database:\n    password: not-a-real-password\n    user: not-a-real-user\nday_unencrypted: \"2026-11-21\"\n"
    );
    let mut opened = open(EVERYTHING).unwrap();
    opened.rekey(DataKey::generate(&mut System).unwrap(), &[recipient()]).unwrap();
    let ours = opened.seal(NOW, &mut System).unwrap();
    assert_eq!(decrypt(&ours), decrypt(EVERYTHING));
    let mut opened = open(EVERYTHING).unwrap();
    let edited =
        opened.text().replace("# in b", "# in it").replace("    c: 1\n", "    c: 1\n    # more\n    c2: new\n");
    opened.replace(file(), &edited, &[], &mut Diagnostics::new()).unwrap();
    let ours = opened.seal(NOW, &mut System).unwrap();
    let theirs =
        decrypt(EVERYTHING).replace("# in b", "# in it").replace("    c: 1\n", "    c: 1\n    # more\n    c2: new\n");
    assert_eq!(decrypt(&ours), theirs);
    let opened = open(&text).unwrap();
    let content = |secret: &crate::tree::Secret| opened.get(&Path::parse(secret.name()).unwrap()).map(Plain::copy);
    let manifest = super::manifest(&secret_object(), &content, &opened, "x").unwrap();
    assert!(decrypt(&manifest).contains("user: not-a-real-user"));
}
