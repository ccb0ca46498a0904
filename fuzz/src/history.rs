//! Bytes as the choices of the random plans and histories of claims that the tests of `benefits` make up: what
//! they describe always parses, so that mutations reach the rules. It does not ask the naive adjudicator, whose
//! fractions are too narrow for the rates that a mutation finds.

use domain::{Accumulators, ClaimId};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{random, support};

/// More bytes than any history asks for.
const BYTES_MAX: usize = 16 * 1024;

pub(crate) fn check(input: &[u8]) {
    if input.len() > BYTES_MAX {
        return;
    }
    let rng = TestRng::from_seed(RngAlgorithm::PassThrough, input);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let case = (random::plan().boxed(), random::member().boxed(), random::history().boxed());
    let Ok(case) = case.new_tree(&mut runner) else { return };
    let (plan, member, claims) = case.current();
    let compiled = plan.plan();
    let mut accumulators = Accumulators::default();
    for claim in &claims {
        let before = accumulators.clone();
        let determination = support::run(&compiled, &member, claim, &mut accumulators);
        let mut undone = accumulators.clone();
        benefits::reverse(&mut undone, ClaimId::from_bytes([claim.id; 16]), &determination).unwrap();
        assert!(undone == before, "a reversal is the exact negative");
    }
}
