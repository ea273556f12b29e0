//! A namespace's quota covers everything that its objects may ask for at the same time: at the largest scale, while a new
//! version is rolled out.

use rust_decimal::Decimal;

use super::Finding;
use super::amount::amounts;
use super::demand::{self, Demand};
use super::set::{Set, called, namespace, site};
use crate::diagnostic::code;
use crate::path::Path;
use crate::quantity::Quantity;

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, quota) in set.of_kind("ResourceQuota") {
        let spec = quota.node().at(&["spec"]);
        // One for a part of the pods: which, only the cluster knows.
        if spec.is_none_or(|spec| spec.at(&["scopes"]).is_some() || spec.at(&["scopeSelector"]).is_some()) {
            continue;
        }
        let asked = demand::of(set, namespace(quota));
        for (resource, hard) in amounts(quota.node(), &["spec", "hard"]) {
            let name = standard(resource);
            let asks: Vec<(&Demand, Quantity)> = asked
                .iter()
                .filter_map(|ask| {
                    let (_, each) = ask.amounts.iter().find(|(asked, _)| *asked == name)?;
                    Some((ask, each.times(Decimal::from(ask.count.most + ask.surge))?))
                })
                .filter(|(_, sum)| *sum > Quantity::ZERO)
                .collect();
            let sum = asks.iter().try_fold(Quantity::ZERO, |sum, (_, more)| sum.plus(*more));
            let Some(sum) = sum.filter(|sum| *sum > hard) else { continue };
            let at = site(index, &Path::from_keys(["spec", "hard", resource]));
            let message = format!("{} allows {hard} of {resource}, but {sum} may be asked for", called(quota));
            let mut finding = Finding::new(code::QUOTA, at, message, "less than its objects may ask for");
            for (ask, total) in asks {
                finding = finding.note(format!("{total}: {}", ask.who));
            }
            findings
                .push(finding.help("raise the quota, or lower the scale or the requests of what is in the namespace"));
        }
    }
}

/// One name for the several that a quota may use.
fn standard(resource: &str) -> String {
    match resource {
        "cpu" | "memory" | "ephemeral-storage" => format!("requests.{resource}"),
        "pods" => "count/pods".to_owned(),
        "services"
        | "configmaps"
        | "secrets"
        | "persistentvolumeclaims"
        | "resourcequotas"
        | "replicationcontrollers" => {
            format!("count/{resource}")
        }
        other => other.to_owned(),
    }
}
