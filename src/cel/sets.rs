//! Lists as sets: `sets.contains`, `sets.equivalent`, `sets.intersects`.

use cel::common::types::{CelBool, CelList};
use cel::{DeclarationError, Env};

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn contains: (CelList<'_>, CelList<'_>) -> CelBool, name = "sets.contains")?;
    cel::add_overload!(env, fn equivalent: (CelList<'_>, CelList<'_>) -> CelBool, name = "sets.equivalent")?;
    cel::add_overload!(env, fn intersects: (CelList<'_>, CelList<'_>) -> CelBool, name = "sets.intersects")
}

fn covers(all: &CelList<'_>, some: &CelList<'_>) -> bool {
    some.inner().iter().all(|item| all.inner().iter().any(|other| other.equals(item.as_ref())))
}

fn contains(all: &CelList<'_>, some: &CelList<'_>) -> CelBool {
    covers(all, some).into()
}

fn equivalent(left: &CelList<'_>, right: &CelList<'_>) -> CelBool {
    (covers(left, right) && covers(right, left)).into()
}

fn intersects(left: &CelList<'_>, right: &CelList<'_>) -> CelBool {
    left.inner().iter().any(|item| right.inner().iter().any(|other| other.equals(item.as_ref()))).into()
}
