//! TC-INT-953: waivers are in force, and within the days of their rule's severity. What form they have was said when they
//! were read; that one covers nothing only findings tell.

use super::{Breach, Spot, Verdict, View};
use crate::compliance::waiver::{Severities, judged};
use crate::path::Path;

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let Ok(today) = view.grounds.today.parse() else { return };
    let rules: Severities<'_> = view.grounds.catalogue.iter().map(|rule| (rule.id.as_ref(), rule.severity)).collect();
    for waiver in view.grounds.waivers.iter().filter(|waiver| waiver.environment == view.grounds.environment) {
        let told = judged(waiver, &rules, today);
        if told.problems.is_empty() {
            verdict.keep(None);
        }
        for (problem, pointer) in told.problems {
            let place = match pointer {
                "/spec/rule" => waiver.places.rule,
                "/spec/compensatingControls" => waiver.places.id,
                _ => waiver.places.expires,
            };
            let spot = Spot::File {
                reference: format!("tenantctl.dev/v1/Waiver/{}", waiver.id),
                tenant: waiver.tenant.as_deref().map(Into::into),
                path: Path::from_keys(pointer.split('/').skip(1)),
                place,
                hidden: false,
            };
            verdict.broken.push(Breach::new(spot, format!("the waiver {}: {problem}", waiver.id)));
        }
    }
}
