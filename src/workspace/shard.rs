//! One worker's part of the targets, for a fleet that renders an environment together.
//!
//! In go `I/N` and the targets of the whole, out comes a block of neighbours. The blocks of `0/N` to `N-1/N`, one after
//! the other, are the whole, so the streams of a fleet are the stream of one run. It does not know who the other workers
//! are.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The part `index` of `count` equal parts, counted from 0 as the pods of a Kubernetes Indexed Job are. Written `I/N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

/// Why a text is no shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoShard(String);

impl Shard {
    /// Those of the items that are this shard's, in order.
    pub fn of<T>(self, mut items: Vec<T>) -> Vec<T> {
        let Range { start, end } = self.range(items.len());
        items.truncate(end);
        items.drain(..start);
        items
    }

    /// Where its block stands among so many items. The first blocks take one more when they cannot be equal, so that the
    /// environment's own target, which is first, is the shard 0's, and shards without items are the last.
    fn range(self, items: usize) -> Range<usize> {
        let (index, count) = (self.index as usize, self.count as usize);
        let (size, larger) = (items / count, items % count);
        let start = |index: usize| index * size + index.min(larger);
        start(index)..start(index + 1)
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        let Some((index, count)) = text.split_once('/').filter(|(index, count)| digits(index) && digits(count)) else {
            return Err(NoShard("write I/N and count from 0: the shards of 8 workers are 0/8 to 7/8".to_owned()));
        };
        let Ok(count) = count.parse::<u32>() else {
            return Err(NoShard(format!("there are at most {} shards", u32::MAX)));
        };
        // An index that is too large for its type is too large for its count.
        match (count.checked_sub(1), index.parse()) {
            (None, _) => Err(NoShard("0 workers have no shards; the shard of a single one is 0/1".to_owned())),
            (Some(last), Ok(index)) if index <= last => Ok(Self { index, count }),
            (Some(0), _) => Err(NoShard("shards count from 0: the shard of a single worker is 0/1".to_owned())),
            (Some(last), _) => {
                Err(NoShard(format!("shards count from 0: those of {count} workers are 0/{count} to {last}/{count}")))
            }
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}

impl fmt::Display for NoShard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for NoShard {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_item_is_of_shard_0_and_surplus_shards_come_last() {
        let blocks: Vec<Vec<char>> = (0..5).map(|index| shard(&format!("{index}/5")).of(vec!['a', 'b'])).collect();
        assert_eq!(blocks, [vec!['a'], vec!['b'], vec![], vec![], vec![]]);
    }

    #[test]
    fn a_shard_is_shown_as_it_is_written() {
        for text in ["0/1", "7/8", "0/4294967295"] {
            assert_eq!(shard(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_shard_says_how_to_count() {
        let wrong = [
            "",
            "/",
            "x",
            "1",
            "1/",
            "/3",
            "-1/3",
            "1/-3",
            "+1/3",
            "1 / 3",
            "1/3/3",
            "0.5/3",
            "8/8",
            "1/1",
            "0/0",
            "1/0",
            "99999999999999999999/8",
            "0/99999999999999999999",
        ];
        for text in wrong {
            let why = text.parse::<Shard>().expect_err(text).to_string();
            assert!(why.contains("count from 0") || why.contains("0/1") || why.contains("at most"), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn shards_are_the_whole_in_order_and_equal_to_one(items in 0_usize..2_000, count in 1_u32..300) {
            let blocks: Vec<Vec<usize>> =
                (0..count).map(|index| Shard { index, count }.of((0..items).collect())).collect();
            prop_assert_eq!(blocks.concat(), (0..items).collect::<Vec<_>>());
            let sizes = || blocks.iter().map(Vec::len);
            prop_assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
        }

        #[test]
        fn no_count_is_too_large(items in 0_usize..10, index: u32, count: u32) {
            prop_assume!(index < count);
            let block = Shard { index, count }.of(vec![(); items]);
            prop_assert!(block.len() <= items);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-0-9/ x]{0,24}") {
            if let Ok(shard) = text.parse::<Shard>() {
                prop_assert!(shard.index < shard.count);
            }
        }
    }
}
