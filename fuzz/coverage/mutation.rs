//! Half of the mutations are those of `fuzz`, which know numbers, dates, words and lines; half are libFuzzer's own.

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let output = fuzz::mutate(&data[..size], &mut fuzz::Random::new(seed.into()));
    let size = output.len().min(max_size);
    data[..size].copy_from_slice(&output[..size]);
    size
});
