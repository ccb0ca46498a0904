//! The notice that ships with the program, for the demo and for tests of other crates. A site
//! publishes its own.

/// The files of the shipped version, 2026-11-01, as [`crate::Notice::read`] takes them. The
/// organisation's values are not filled in: add an `organisation.toml` to publish it.
pub const SHIPPED: &[(&str, &str)] = &[
    ("clauses.toml", include_str!("../../../notices/2026-11-01/clauses.toml")),
    ("en.md", include_str!("../../../notices/2026-11-01/en.md")),
    ("nl.md", include_str!("../../../notices/2026-11-01/nl.md")),
    ("fr.md", include_str!("../../../notices/2026-11-01/fr.md")),
    ("de.md", include_str!("../../../notices/2026-11-01/de.md")),
];
