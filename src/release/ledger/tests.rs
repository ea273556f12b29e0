use super::super::entry::tests::entry;
use super::*;

type Files = Vec<(String, Vec<u8>)>;

fn file(entry: &Entry) -> (String, Vec<u8>) {
    (entry.file_name(), entry.text().into_bytes())
}

/// A ledger of so many releases.
fn chain(length: u64) -> (Vec<Entry>, Files) {
    let mut entries: Vec<Entry> = Vec::new();
    for number in 1..=length {
        let previous: Vec<Digest> = entries.last().map(Entry::hash).into_iter().collect();
        entries.push(entry(number, &previous));
    }
    let files = entries.iter().map(file).collect();
    (entries, files)
}

fn said(files: Files) -> Vec<String> {
    let ledger = Ledger::of("prod", files);
    let mut diagnostics = Diagnostics::new();
    let _ = ledger.sound(&mut diagnostics).and_then(|()| ledger.unforked(&mut diagnostics));
    diagnostics.items().iter().map(|item| item.message.clone()).collect()
}

#[test]
fn a_chain_is_sound_and_has_one_newest_release() {
    let (entries, files) = chain(4);
    let ledger = Ledger::of("prod", files);
    let newest = ledger.newest(&mut Diagnostics::new()).unwrap().unwrap();
    assert_eq!(newest.entry(), &entries[3]);
    assert_eq!(ledger.history(newest).len(), 4);
}

#[test]
fn what_was_removed_is_named() {
    let (entries, mut files) = chain(4);
    files.remove(1);
    assert_eq!(said(files.clone()), ["release 2 of prod was removed"]);
    files.remove(0);
    assert_eq!(said(files), ["release 2 of prod was removed"]);
    // One in the middle is named by its own hash.
    let (_, mut files) = chain(4);
    files.remove(2);
    let ledger = Ledger::of("prod", files);
    let Flaw::Removed { hash, .. } = &ledger.flaws()[0] else { panic!("not removed") };
    assert_eq!(*hash, entries[2].hash());
}

#[test]
fn what_was_edited_is_named_once() {
    let (entries, mut files) = chain(4);
    let mut edited = entries[1].clone();
    edited.author.name = "Eve".to_owned();
    files[1].1 = edited.text().into_bytes();
    assert_eq!(said(files.clone()), ["release 2 of prod was edited"]);
    // With a name that fits, it is one that nobody knows, and the one they know is gone.
    files[1].0 = edited.file_name();
    assert_eq!(said(files)[0], "release 2 of prod was removed");
    let (_, mut files) = chain(3);
    files[1].1.push(b' ');
    assert!(said(files)[0].contains("is no entry of a ledger: it is not written as"));
}

#[test]
fn what_was_reordered_is_named() {
    let (_, mut files) = chain(4);
    let (second, third) = (files[1].1.clone(), files[2].1.clone());
    files[1].1 = third;
    files[2].1 = second;
    assert_eq!(said(files), ["release 3 of prod was moved", "release 2 of prod was moved"]);
    let (entries, mut files) = chain(4);
    files[2].0 = file_name(5, &entries[2].hash());
    assert_eq!(said(files), ["release 3 of prod was moved"]);
}

#[test]
fn a_release_of_another_environment_is_none_of_this_one() {
    let (_, mut files) = chain(2);
    let foreign = Entry { environment: "dev".to_owned(), ..entry(3, &[]) };
    files.push(file(&foreign));
    let said = said(files);
    assert_eq!(said.len(), 1);
    assert!(said[0].ends_with("holds release 3 of dev"), "{said:?}");
}

#[test]
fn a_number_that_does_not_follow_is_named() {
    let (entries, mut files) = chain(2);
    files.push(file(&entry(9, &[entries[1].hash()])));
    let said = said(files);
    assert!(said[0].contains("has the number 9, and what comes before it asks for 3"), "{said:?}");
}

#[test]
fn two_branches_are_told_and_the_next_release_joins_them() {
    let (entries, mut files) = chain(2);
    let mut other = entry(2, &[entries[0].hash()]);
    other.author.name = "Bob".to_owned();
    files.push(file(&other));
    assert!(said(files.clone())[0].starts_with("prod has several newest releases: 2-"));
    let joined = entry(3, &[entries[1].hash(), other.hash()]);
    files.push(file(&joined));
    assert_eq!(said(files.clone()), [""; 0]);
    let ledger = Ledger::of("prod", files);
    let mut diagnostics = Diagnostics::new();
    assert_eq!(ledger.newest(&mut diagnostics).unwrap().unwrap().entry(), &joined);
    assert!(ledger.find(&"2".parse().unwrap(), &mut diagnostics).is_err());
    let exact = format!("2-{}", other.hash().hex());
    assert_eq!(ledger.find(&exact.parse().unwrap(), &mut diagnostics).unwrap().entry(), &other);
    // What one branch saw is a history of its own.
    let first = ledger.find(&format!("2-{}", entries[1].hash().hex()).parse().unwrap(), &mut diagnostics).unwrap();
    assert_eq!(ledger.history(first).len(), 2);
}

#[test]
fn no_byte_of_an_entry_changes_unseen() {
    let (_, files) = chain(3);
    for at in 0..files.len() {
        for byte in 0..files[at].1.len() {
            for bit in [1, 32] {
                let mut changed = files.clone();
                changed[at].1[byte] ^= bit;
                assert!(!Ledger::of("prod", changed).flaws().is_empty(), "file {at}, byte {byte}");
            }
        }
    }
}
