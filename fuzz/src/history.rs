//! Bytes as the choices of the random plans and histories of claims that the tests of `benefits` make up: what
//! they describe always parses, so that mutations reach the rules. The naive adjudicator must agree.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{agreement, random};

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
    agreement::agree(&plan, &member, &claims, |_, _| {});
}
