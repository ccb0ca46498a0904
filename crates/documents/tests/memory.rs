//! What the typesetter remembers is dropped after every document: alone in its file, because it
//! measures the whole process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod common;

use common::statement;
use documents::Renderer;
use domain::Language;

/// What the program allocates with: how soon it gives memory back is part of what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Resident memory of this process in KiB, as the kernel tells it.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_number_of_documents() {
    let renderer = Renderer::new().unwrap();
    let set = |count: u32| {
        for number in 0..count {
            let mut one = statement(Language::English);
            // Another document each time: the same one would be remembered only once.
            one.claim_reference = format!("CLM-{number}-{count}");
            one.lines[0].description = format!("Consultation {number} of {count}");
            renderer.statement(&one).unwrap();
        }
    };
    set(40);
    let before = resident_kib();
    set(120);
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 12 * 1024, "{grown} KiB more after 120 documents");
}
