//! Findings about who answers for what, what the client owes, and what is promised.

use super::{Draft, Hit, hit, missing};
use crate::{
    terms::{BackupCommitment, Obligation, Responsibility},
    words::{ComponentClass, FailureScenario, Party, PromiseStrength},
};

pub(super) fn unassigned(draft: &Draft<'_>) -> Vec<Hit> {
    use FailureScenario::{HardwareFailure, NetworkFailure, SoftwareGlitch, SystemFailure};
    let assigned = |s: FailureScenario| draft.sections.responsibilities.iter().any(|r| r.scenario == s);
    let basic = [HardwareFailure, NetworkFailure, SoftwareGlitch, SystemFailure];
    let open = basic.into_iter().filter(|s| !assigned(*s));
    open.map(|s| hit(format!("Nobody is responsible for {s}."), &["responsibilities"])).collect()
}

pub(super) fn no_obligations(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.obligations.is_empty(), "The client has no obligations.", "obligations")
}

pub(super) fn gates_nothing(draft: &Draft<'_>) -> Vec<Hit> {
    let nothing = |o: &Obligation| o.gates_services.is_empty() && o.gates_scenarios.is_empty();
    each_obligation(draft, nothing, |o| format!("{} gates neither a service nor a scenario.", o.code))
}

pub(super) fn without_standard(draft: &Draft<'_>) -> Vec<Hit> {
    each_obligation(draft, |o| o.standard.trim().is_empty(), |o| format!("{} does not say what must be met.", o.code))
}

fn each_obligation(draft: &Draft<'_>, wrong: fn(&Obligation) -> bool, say: fn(&Obligation) -> String) -> Vec<Hit> {
    let found = draft.sections.obligations.iter().enumerate().filter(|(_, obligation)| wrong(obligation));
    found.map(|(place, obligation)| hit(say(obligation), &["obligations", &place.to_string()])).collect()
}

pub(super) fn no_promises(draft: &Draft<'_>) -> Vec<Hit> {
    let firm = |strength: PromiseStrength| strength != PromiseStrength::BestEffort;
    let sections = draft.sections;
    let targets = draft.tiers.iter().any(|(_, tier)| tier.targets().iter().any(|t| firm(t.strength)));
    let promised = targets
        || sections.recovery.iter().any(|c| firm(c.strength))
        || sections.availability.iter().any(|c| firm(c.strength))
        || sections.backups.iter().any(|c| firm(c.strength));
    missing(!promised, "Nothing is promised beyond best effort.", "tier")
}

pub(super) fn no_expectation(draft: &Draft<'_>) -> Vec<Hit> {
    use ComponentClass::{Hardware, ThirdPartySystem, Workstation};
    let stated = |c: ComponentClass| draft.sections.performance.iter().any(|e| e.component == c);
    let open = [Hardware, ThirdPartySystem, Workstation].into_iter().filter(|c| !stated(*c));
    open.map(|c| hit(format!("Nothing is expected of {c}."), &["performance"])).collect()
}

pub(super) fn no_recovery(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.recovery.is_empty(), "How fast failures get fixed is not said.", "recovery")
}

pub(super) fn no_backup(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.backups.is_empty(), "How often backups run is not said.", "backups")
}

pub(super) fn no_restore_test(draft: &Draft<'_>) -> Vec<Hit> {
    let untried =
        draft.sections.backups.iter().enumerate().filter(|(_, backup)| backup.restore_test_every_days.is_none());
    let said = |(place, backup): (usize, &BackupCommitment)| {
        hit(format!("Restoring {} is never tried.", backup.subject), &["backups", &place.to_string()])
    };
    untried.map(said).collect()
}

/// A failure that is excluded whatever the service, and that the provider answers for all the same.
pub(super) fn responsible_for_excluded(draft: &Draft<'_>) -> Vec<Hit> {
    let ours = |answer: &&Responsibility| matches!(answer.party, Party::Provider | Party::Shared);
    let mut hits = Vec::new();
    for (place, exclusion) in draft.sections.exclusions.iter().enumerate().filter(|(_, e)| e.service.is_none()) {
        let same = |answer: &&Responsibility| {
            exclusion.scenario == Some(answer.scenario)
                && (exclusion.component.is_none() || exclusion.component == answer.component)
        };
        if let Some(answer) = draft.sections.responsibilities.iter().filter(ours).find(same) {
            let text = format!("\"{}\" is excluded, and {} answers for it.", exclusion.title, answer.party);
            hits.push(hit(text, &["exclusions", &place.to_string()]));
        }
    }
    hits
}
