//! The workload that is measured: a workspace of the size that platforms have, with as many tenants as wanted.
//!
//! In go a number of tenants and a seed, out come the files of a workspace. The shared part stands in
//! `workload/workspace` as it is: a base of some 170 values four deep, three environments of 60, overrides of 20, four
//! tiers of 16, a schema, and twelve objects for a tenant. Tenants have 16 values each and live in `prod`. The same
//! number and seed give the same bytes; nothing is read or written.

use include_dir::{Dir, include_dir};

/// The part that all tenants share.
static SHARED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/benches/workload/workspace");

/// Of ten tenants, four are free, three basic, two premium and one enterprise.
const TIERS: [&str; 10] =
    ["free", "free", "free", "free", "basic", "basic", "basic", "premium", "premium", "enterprise"];
const REGIONS: [&str; 3] = ["eu", "us", "ap"];
const LOCALES: [&str; 4] = ["en-GB", "de-DE", "fr-FR", "ja-JP"];
const EDITIONS: [&str; 3] = ["core", "plus", "max"];

/// The files of a workspace with so many tenants in `prod`: name in the workspace, and bytes.
pub(crate) fn files(tenants: usize, seed: u64) -> impl Iterator<Item = (String, Vec<u8>)> {
    let mut shared = Vec::new();
    collect(&SHARED, &mut shared);
    shared.sort();
    let mut random = Random(seed);
    let tenants = (0..tenants).map(move |number| {
        let (id, text) = tenant(number, &mut random);
        (format!("environments/prod/tenants/{id}.yml"), text.into_bytes())
    });
    shared.into_iter().chain(tenants)
}

fn collect(folder: &Dir<'_>, files: &mut Vec<(String, Vec<u8>)>) {
    // Names have `/` between parts on every system.
    let name = |path: &std::path::Path| path.display().to_string().replace('\\', "/");
    files.extend(folder.files().map(|file| (name(file.path()), file.contents().to_vec())));
    folder.dirs().for_each(|below| collect(below, files));
}

/// The id of a tenant and what its file says.
fn tenant(number: usize, random: &mut Random) -> (String, String) {
    let id = format!("shop-{number:05}");
    let tier = TIERS[number % TIERS.len()];
    let owner = random.below(10_000);
    let text = format!(
        "\
tenant:
  id: {id}
  title: Shop number {number} of {owner:04}
  tier: {tier}
  namespace: tenant-{id}
  owner: owner-{owner:04}
  contact: owner-{owner:04}@{id}.example
  contract: contract-{:04}
  region: {}
ingress:
  host: {id}.shops.example
app:
  image:
    tag: 1.{}.{}
  variables:
    EDITION: {}
settings:
  look: {{title: Shop {number}, colour: \"#{:06x}\", locale: {}}}
  database: {{name: shop_{number:05}}}
  features: {{single_sign_on: \"{}\"}}
",
        random.below(10_000),
        random.one_of(&REGIONS),
        random.below(20),
        random.below(50),
        random.one_of(&EDITIONS),
        random.below(0x0100_0000),
        random.one_of(&LOCALES),
        random.below(2) == 1,
    );
    (id, text)
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): good enough to vary values, and it never changes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let chosen = self.below(words.len() as u64);
        words.iter().zip(0..).find(|(_, at)| *at == chosen).map_or("", |(word, _)| word)
    }
}
