//! Thirty-two bytes as the seed of the random plans and histories of claims that the tests of `benefits` make up: what
//! they describe always parses and reaches the rules. Bytes are no single choices: proptest waits for ever for one
//! that fits once they have run out. It does not ask the naive adjudicator: the tests of `benefits` do.

use domain::{Accumulators, ClaimId};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{random, support};

pub(crate) fn check(input: &[u8]) {
    let mut seed = [0; 32];
    seed.iter_mut().zip(input).for_each(|(place, byte)| *place = *byte);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
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
