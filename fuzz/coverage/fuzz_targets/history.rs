//! `history` of `fuzz`, guided by coverage. Its bytes are choices: libFuzzer's own mutations fit them.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::check("history", input));
