//! Why a line was decided otherwise than before, or than elsewhere: the step at which two amounts first can differ. It
//! compares what was traced, computes nothing anew and finds one step a line, not all of them.

use domain::{Step, Trace};

/// The step at which two ways of deciding one line part: the first that changed what the plan would pay in one and not in
/// the other, or to something else. Where all amounts are the same, the first at which the traces differ in anything but
/// the numbers of rules, which differ from one plan version to the next; none where they do not.
#[must_use]
pub fn parted_at(before: &[Trace], after: &[Trace], line: u32) -> Option<Step> {
    let changing = |trace: &&Trace| trace.line == line && trace.input != trace.output;
    let amounts = |trace: &Trace| (trace.step, trace.output);
    let by_amount = first_apart(before.iter().filter(changing), after.iter().filter(changing), amounts);
    let of_line = |trace: &&Trace| trace.line == line;
    let all = |trace: &Trace| (trace.step, trace.output, trace.accumulator);
    by_amount.or_else(|| first_apart(before.iter().filter(of_line), after.iter().filter(of_line), all))
}

fn first_apart<'a, T: PartialEq>(
    before: impl Iterator<Item = &'a Trace>,
    after: impl Iterator<Item = &'a Trace>,
    told: impl Fn(&Trace) -> T,
) -> Option<Step> {
    let (before, after): (Vec<&Trace>, Vec<&Trace>) = (before.collect(), after.collect());
    let place = (0..before.len().max(after.len())).find(|place| {
        let told = |traces: &[&Trace]| traces.get(*place).map(|trace| told(trace));
        told(&before) != told(&after)
    })?;
    let of = |traces: &[&Trace]| traces.get(place).map(|trace| trace.step);
    match (of(&before), of(&after)) {
        // Where the other goes on with a step that comes later here, the one before it has gone.
        (Some(was), Some(is)) if before.iter().skip(place).any(|trace| trace.step == is) => Some(was),
        (was, is) => is.or(was),
    }
}

/// The step of a line's trace that first leaves the plan less to pay than somebody else paid, in minor units: until then
/// both may have reckoned alike. None when no step does, so that the other paid less by a rule that is not traced here.
#[must_use]
pub fn overpaid_at(traces: &[Trace], line: u32, paid: i64) -> Option<&Trace> {
    traces.iter().find(|trace| trace.line == line && trace.input != trace.output && trace.output < paid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(step: Step, input: i64, output: i64) -> Trace {
        Trace { line: 1, step, rule: 0, input, output, accumulator: None }
    }

    #[test]
    fn the_first_step_that_differs_explains() {
        let before = [trace(Step::Deductible, 100, 80), trace(Step::Coinsurance, 80, 64)];
        let of = |after: &[Trace]| parted_at(&before, after, 1);
        assert_eq!(of(&before), None);
        assert_eq!(of(&[before[0].clone(), trace(Step::Coinsurance, 80, 72)]), Some(Step::Coinsurance));
        assert_eq!(of(&[trace(Step::Coinsurance, 100, 80)]), Some(Step::Deductible), "it is gone");
        assert_eq!(of(&[trace(Step::Eligibility, 100, 0)]), Some(Step::Eligibility), "it is refused");
        let added = [before[0].clone(), trace(Step::Copay, 80, 70), trace(Step::Coinsurance, 70, 56)];
        assert_eq!(of(&added), Some(Step::Copay), "it is new");
        assert_eq!(of(&before[..1]), Some(Step::Coinsurance));
        assert_eq!(parted_at(&before, &added, 2), None, "another line says nothing");
        // A step that changes no amount explains only where no amount differs.
        let counted = [trace(Step::MoneyLimit, 100, 100), before[0].clone(), before[1].clone()];
        assert_eq!(of(&counted), Some(Step::MoneyLimit));
    }

    #[test]
    fn what_others_paid_more_is_found_at_the_step_that_passes_it() {
        let traces = [trace(Step::Deductible, 100, 80), trace(Step::Coinsurance, 80, 64)];
        let at = |paid| overpaid_at(&traces, 1, paid).map(|trace| trace.step);
        assert_eq!(at(90), Some(Step::Deductible));
        assert_eq!(at(80), Some(Step::Coinsurance));
        assert_eq!((at(64), at(10)), (None, None));
    }
}
