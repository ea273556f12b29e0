//! Known contents are put wherever a secret can be; then they must be in nothing that is said, written or kept.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads and writes files and may fail")]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "canary/bench.rs"]
mod bench;
#[path = "canary/planting.rs"]
mod planting;
#[path = "canary/scanner.rs"]
mod scanner;

use bench::{Bench, May, RECIPIENT};
use planting::{Planting, Tried};


#[test]
fn no_text_of_the_shipped_layers_leaks_as_a_secret() {
    let store = "store: {name: vault, key: \"{environment}/{path}\", property: \"{label}\"}";
    let settings = format!(
        "secrets:\n  dev: {{delivery: inline, recipients: [{RECIPIENT}]}}\n  staging: {{delivery: sops, recipients: \
         [{RECIPIENT}]}}\n  prod: {{delivery: external, {store}, recipients: [{RECIPIENT}]}}\n"
    );
    let planting = Planting::new(&settings);
    let secrets = planting.secrets();
    let values: Vec<(&str, &str)> = secrets.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    let bench = Bench::new(values.iter().map(|(_, content)| *content));
    planting.files.iter().for_each(|(file, text)| bench.write(file, text));
    for environment in ["dev", "staging", "prod"] {
        bench.encrypt(&format!("environments/{environment}/secrets/_environment.yml"), &values);
    }
    let look = |texts: &BTreeSet<usize>, code: Option<i32>, environments: &[&str]| {
        planting.with(texts).iter().for_each(|(file, text)| bench.write(file, text));
        for environment in environments {
            for arguments in [&["validate", environment][..], &["render", environment, "-o", "out"]] {
                let ended = bench.run(arguments, "", May::Hide).status.code();
                assert!(code.map_or(ended <= Some(1), |code| ended == Some(code)), "{arguments:?}: {ended:?}");
            }
        }
    };
    let environments = ["dev", "staging", "prod"];
    look(&planting.all(), Some(1), &environments);
    let batches = planting.batches();
    let next = AtomicUsize::new(0);
    let tried: Mutex<Vec<Tried>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = planting.try_out(batch);
                    tried.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let tried = tried.into_inner().unwrap();
    let accepted: BTreeSet<usize> = tried.iter().flat_map(|tried| tried.accepted.iter().copied()).collect();
    look(&accepted, None, &environments);
    // What each batch alone may be, all together may not: a rest of them is found that goes through to the end.
    let rest = planting.try_out(&Planting::batch(accepted, "dev")).accepted;
    assert!(!rest.is_empty());
    look(&rest, Some(0), &["dev"]);
    let refused = |code: &str| tried.iter().filter_map(|tried| tried.refused.get(code)).sum::<usize>();
    assert!(refused("TC801") > 20 && refused("TC820") > 20 && refused("TC301") > 20, "{tried:?}");
    assert!(bench.search() > 100);
}
