//! What must not compile: each file in `compile_fail` is a way around the gate that the types close.
//! The `.stderr` beside it says why it does not compile, so that it does not fail for another reason.

#[test]
fn ways_around_the_gate_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
