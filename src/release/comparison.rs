//! What differs between two releases, field by field, as their stored texts have it.

use std::collections::BTreeMap;

use super::audit;
use super::digest::Digest;
use super::ledger::{Ledger, Sealed};
use crate::diagnostic::{Diagnostics, Failed};
use crate::diff::{Fleets, Rendered, Report, Side, compare};
use crate::pipeline::Watch;
use crate::source::Sources;
use crate::world::World;

/// What differs between two releases. Only texts that differ are read. Findings about stored texts are told as errors of
/// their own, since their places are in no file.
pub fn comparison(
    world: &dyn World,
    ledger: &Ledger,
    [before, after]: [&Sealed; 2],
    watch: Option<&dyn Watch>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Report, Failed> {
    let digests = |sealed: &Sealed| -> BTreeMap<String, Digest> {
        sealed.entry().blobs().map(|(path, blob)| (path, blob.digest)).collect()
    };
    let digests = [digests(before), digests(after)];
    let differs = |path: &str| digests[0].get(path) != digests[1].get(path);
    let mut read = |sealed: &Sealed| -> Result<(String, Rendered), Failed> {
        let texts = audit::texts_of(world, ledger, sealed, |path, _| differs(path), diagnostics)?;
        let environment = ledger.environment();
        let overrides = sealed.release().map(|release| release.overrides.as_slice()).unwrap_or_default();
        let folder = overrides.iter().fold(environment.to_owned(), |name, over| name + "+" + over);
        let name = format!("release {}", ledger.called(sealed));
        let targets: Vec<String> = sealed.entry().targets().iter().map(|made| made.target.clone()).collect();
        let rendered = Rendered::stored(&name, &folder, &targets, texts);
        Ok((format!("{folder} release {}", ledger.called(sealed)), rendered))
    };
    let (older, newer) = (read(before)?, read(after)?);
    let fleets = Fleets {
        before: Side::Rendered(&older.1),
        after: Side::Rendered(&newer.1),
        before_name: older.0,
        after_name: newer.0,
        same_if_same_files: false,
        judged: false,
    };
    let (mut first, mut second) = (Diagnostics::new(), Diagnostics::new());
    let report = compare(&fleets, watch, &mut first, &mut second);
    crate::diff::adopt(&first, older.1.sources(), diagnostics, sources);
    crate::diff::adopt(&second, newer.1.sources(), diagnostics, sources);
    report
}
