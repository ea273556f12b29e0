//! The Merkle tree of RFC 6962, section 2.1: one hash for a list, which tells every change of it.

use super::digest::Digest;

/// What stands before a leaf, and before two hashes: so that neither can be taken for the other.
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of a leaf.
pub(super) fn leaf(data: &[u8]) -> Digest {
    Digest::of([&[LEAF], data].concat())
}

/// The root over leaves; that of none is the hash of nothing.
pub(super) fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(""),
        [one] => *one,
        _ => {
            // The left side is the largest full tree that leaves something for the right.
            let left = 1 << (leaves.len() - 1).ilog2();
            let (left, right) = leaves.split_at(left);
            Digest::of([[NODE].as_slice(), root(left).bytes(), root(right).bytes()].concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        // The leaves and roots of the tests of RFC 6962's first implementation.
        let leaves: Vec<Digest> =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
                .iter()
                .map(|hex| {
                    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
                    leaf(&bytes.collect::<Vec<_>>())
                })
                .collect();
        for (size, expected) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(root(&leaves[..size]).hex(), expected, "{size}");
        }
    }
}
