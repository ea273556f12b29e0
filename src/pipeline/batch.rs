//! Batches: runs of consecutive targets that are compiled, looked up and kept together.

use std::collections::VecDeque;
use std::sync::{Arc, mpsc};

use crate::target::Target;

/// Targets of a batch on average. What one change makes anew is a batch; what is looked up is one as well.
const USUAL: u8 = 16;
/// Most targets of a batch, however their names fall.
const MOST: usize = 64;

/// Batches under way for each thread: enough that none waits while others are consumed, few enough that memory does
/// not grow with the number of tenants.
const AHEAD: usize = 2;

/// Cuts targets into batches. Where one ends depends on the name of its last target alone, so a tenant that comes or goes
/// changes its own batch and no other.
pub(super) fn batches<'a, 't>(targets: &'a [&'t Target]) -> impl Iterator<Item = &'a [&'t Target]> {
    let mut rest = targets;
    std::iter::from_fn(move || {
        let end = rest.iter().position(|target| is_last(target)).map_or(rest.len(), |last| last + 1).min(MOST);
        let (batch, after) = rest.split_at(end);
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

fn is_last(target: &Target) -> bool {
    let name: &Arc<str> = target.tenant().unwrap_or(target.environment());
    blake3::hash(name.as_bytes()).as_bytes()[0].is_multiple_of(USUAL)
}

/// Makes something of each batch in parallel and consumes it in order, here, while others are made.
pub(super) fn ahead<'a, 't: 'a, T: Send>(
    pool: &rayon::ThreadPool,
    batches: impl Iterator<Item = &'a [&'t Target]>,
    compile: &(impl Fn(&'a [&'t Target]) -> Vec<T> + Sync),
    consume: &mut impl FnMut(T),
) {
    let most = pool.current_num_threads() * AHEAD;
    pool.in_place_scope(|scope| {
        let begin = |batch: &'a [&'t Target]| {
            let (outcomes, made) = mpsc::sync_channel(1);
            // Nobody takes what is sent only if the run was given up.
            scope.spawn(move |_| drop(outcomes.send(compile(batch))));
            made
        };
        let mut batches = batches;
        let mut under_way: VecDeque<_> = batches.by_ref().take(most).map(begin).collect();
        while let Some(made) = under_way.pop_front() {
            // A thread that died is reported by the scope.
            let Ok(outcomes) = made.recv() else { break };
            under_way.extend(batches.next().map(begin));
            outcomes.into_iter().for_each(&mut *consume);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(names: impl IntoIterator<Item = u32>) -> Vec<Target> {
        let target = |name: u32| Target::new("prod".into(), Some(format!("tenant-{name:05}").into()), Vec::new());
        names.into_iter().map(target).collect()
    }

    fn cut(targets: &[Target]) -> Vec<Vec<String>> {
        let targets: Vec<&Target> = targets.iter().collect();
        batches(&targets).map(|batch| batch.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn batches_hold_every_target_once_in_order() {
        let targets = targets(0..1000);
        let names: Vec<String> = targets.iter().map(ToString::to_string).collect();
        let batches = cut(&targets);
        assert_eq!(batches.concat(), names);
        assert!((40..100).contains(&batches.len()), "{}", batches.len());
        assert!(batches.iter().all(|batch| batch.len() <= MOST));
        assert!(cut(&[]).is_empty());
    }

    #[test]
    fn a_tenant_that_goes_changes_one_batch_or_joins_two() {
        let all = cut(&targets(0..1000));
        for gone in [0, 1, 499, 998, 999] {
            let fewer = cut(&targets((0..1000).filter(|name| *name != gone)));
            let new = fewer.iter().filter(|batch| !all.contains(batch)).count();
            assert!(new <= 1, "{gone}: {new}");
        }
    }
}
