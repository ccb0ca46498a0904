//! The notice that ships with the program, with the notices related to it and one supplement, for the demo and for
//! tests of other crates. A site publishes its own.

/// The files of a version, as [`crate::Notice::read`] takes them: name and text.
type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($folder:literal) => {
        &[
            ("clauses.toml", include_str!(concat!("../../../notices/", $folder, "/clauses.toml"))),
            ("en.md", include_str!(concat!("../../../notices/", $folder, "/en.md"))),
            ("nl.md", include_str!(concat!("../../../notices/", $folder, "/nl.md"))),
            ("fr.md", include_str!(concat!("../../../notices/", $folder, "/fr.md"))),
            ("de.md", include_str!(concat!("../../../notices/", $folder, "/de.md"))),
        ]
    };
}

/// The files of the shipped version, 2026-11-01, as [`crate::Notice::read`] takes them. The
/// organisation's values are not filled in: add an `organisation.toml` to publish it.
pub const SHIPPED: Files = files!("2026-11-01");

/// The files of the notices that the shipped version names, each as [`crate::Related::read`] takes them: the online
/// and mobile notice, and the cookie notice.
pub const SHIPPED_RELATED: &[Files] = &[files!("online/2026-11-01"), files!("cookies/2026-11-01")];

/// The files of the supplement to the shipped version that comes with the travel questionnaire, as
/// [`crate::Supplement::read`] takes them.
pub const SHIPPED_TRAVEL: Files = files!("travel/2026-11-01");
