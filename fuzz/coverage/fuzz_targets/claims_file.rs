//! `claims_file` of `fuzz`, guided by coverage.
#![no_main]

#[path = "../mutation.rs"]
mod mutation;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::check("claims_file", input));
