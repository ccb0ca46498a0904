//! Who may depend on what: the powers that belong to one crate, and the direction in which crates
//! depend on each other.
//!
//! It reads manifests. What lies deeper in the tree of dependencies, `deny.toml` says.

use super::Finding;
use super::purity::PURE;
use super::tree::{Manifest, Tree};

/// Packages that one of our crates alone may use, with what it would mean elsewhere.
const RESERVED: &[(&str, &str, &str)] = &[
    ("rusqlite", "store", "only the store speaks SQL"),
    ("tokio-postgres", "store", "only the store speaks SQL"),
    ("deadpool-postgres", "store", "only the store speaks SQL"),
    ("postgres", "store", "only the store speaks SQL"),
    ("sqlx", "store", "only the store speaks SQL"),
    ("diesel", "store", "only the store speaks SQL"),
    ("sea-orm", "store", "only the store speaks SQL"),
    ("libsqlite3-sys", "store", "only the store speaks SQL"),
    ("aes-gcm", "gate", "only the gate seals and opens"),
    ("aes-siv", "gate", "only the gate seals and opens"),
    ("aes", "gate", "only the gate seals and opens"),
    ("chacha20poly1305", "gate", "only the gate seals and opens"),
    ("chacha20", "gate", "only the gate seals and opens"),
    ("crypto_secretbox", "gate", "only the gate seals and opens"),
    ("orion", "gate", "only the gate seals and opens"),
    ("age", "gate", "only the gate seals and opens"),
    ("aes-gcm-siv", "gate", "only the gate seals and opens"),
    ("ring", "gate", "only the gate seals and opens"),
    ("aws-lc-rs", "gate", "only the gate seals and opens"),
    ("openssl", "gate", "only the gate seals and opens"),
    ("sodiumoxide", "gate", "only the gate seals and opens"),
    ("dryoc", "gate", "only the gate seals and opens"),
    ("libsodium-sys-stable", "gate", "only the gate seals and opens"),
    ("crypto_box", "gate", "only the gate seals and opens"),
    ("fernet", "gate", "only the gate seals and opens"),
    ("ecies", "gate", "only the gate seals and opens"),
    ("magic-crypt", "gate", "only the gate seals and opens"),
    ("aead", "gate", "only the gate seals and opens"),
    ("cipher", "gate", "only the gate seals and opens"),
    ("hkdf", "gate", "only the gate handles keys"),
    ("argon2", "gate", "only the gate handles keys"),
    ("hpke", "gate", "only the gate handles keys"),
];

/// What may use them beside their owner: no part of the product.
const EXEMPT: &[(&str, &[&str], &str)] = &[(
    "bench",
    &["rusqlite", "tokio-postgres", "aes-gcm-siv", "hkdf"],
    "the floor program: the same SQL and opens without the gate",
)];

/// Packages that do I/O or draw random numbers: not for pure crates, tests of theirs aside.
const IMPURE: [&str; 5] = ["tokio", "getrandom", "rand", "axum", "tempfile"];

/// Of our crates, those that each of these may not use. The pure ones may use each other alone.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "store",
        &["gate", "service", "notice", "benefits", "documents", "portal"],
        "the store carries sealed bytes",
    ),
    ("gate", &["service", "documents", "portal", "benefits", "intake"], "the gate knows no use case"),
    (
        "documents",
        &["store", "gate", "service"],
        "a face sees what a grant has shown, not where it came from",
    ),
    ("portal", &["store"], "a face cannot reach the store"),
    ("service", &["portal", "moretus"], "use cases know no page"),
];

/// A power stays with the crate that it belongs to.
pub(super) fn reserved(tree: &Tree, found: &mut Vec<Finding>) {
    for manifest in &tree.manifests {
        for (package, owner, reason) in RESERVED.iter().filter(|(_, owner, _)| *owner != manifest.package) {
            let is_exempt = |(name, packages, _): &(&str, &[&str], &str)| {
                *name == manifest.package && packages.contains(package)
            };
            if EXEMPT.iter().any(is_exempt) {
                continue;
            }
            let used = manifest.dependencies.iter().filter(|dependency| dependency.package == *package);
            found.extend(used.map(|dependency| {
                Finding::new(
                    &manifest.path,
                    dependency.line,
                    format!("`{package}` is for `{owner}`: {reason}"),
                )
            }));
        }
    }
}

/// Dependencies point one way.
pub(super) fn directions(tree: &Tree, found: &mut Vec<Finding>) {
    let ours = tree.manifests.iter().map(|manifest| manifest.package.as_str()).collect::<Vec<_>>();
    for manifest in &tree.manifests {
        for dependency in manifest.dependencies.iter().filter(|dependency| !dependency.tests_only) {
            if let Some(reason) = refused(manifest, &dependency.package, &ours) {
                let problem =
                    format!("`{}` may not use `{}`: {reason}", manifest.package, dependency.package);
                found.push(Finding::new(&manifest.path, dependency.line, problem));
            }
        }
    }
}

/// Why the package may not use this one, if it may not.
fn refused(manifest: &Manifest, used: &str, ours: &[&str]) -> Option<&'static str> {
    let pure = PURE.contains(&manifest.package.as_str());
    if pure && IMPURE.contains(&used) {
        return Some("it is pure");
    }
    if pure && ours.contains(&used) && !PURE.contains(&used) && used != "domain-derive" {
        return Some("it is pure and the other is not");
    }
    let rows = FORBIDDEN.iter().filter(|(package, ..)| *package == manifest.package);
    rows.filter(|(_, forbidden, _)| forbidden.contains(&used)).map(|(.., reason)| *reason).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(rule: fn(&Tree, &mut Vec<Finding>), package: &str, dependencies: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{package}\"\n{dependencies}");
        let other = |name: &str| format!("[package]\nname = \"{name}\"\n");
        let tree = Tree::planted(&[
            ("crates/a/Cargo.toml", &manifest),
            ("crates/b/Cargo.toml", &other("gate")),
            ("crates/c/Cargo.toml", &other("domain")),
        ]);
        let mut found = Vec::new();
        rule(&tree, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_driver_outside_the_store_is_found() {
        let driver = "[dependencies]\nrusqlite.workspace = true\n";
        let found = findings(reserved, "portal", driver);
        assert_eq!(found, ["crates/a/Cargo.toml:4: `rusqlite` is for `store`: only the store speaks SQL"]);
        assert!(findings(reserved, "store", driver).is_empty());
        let hidden = "[dev-dependencies]\nsql = { package = \"tokio-postgres\", version = \"1\" }\n";
        assert_eq!(findings(reserved, "service", hidden).len(), 1, "tests and other names do not hide it");
        assert_eq!(findings(reserved, "store", "[dependencies]\naes-gcm-siv.workspace = true\n").len(), 1);
    }

    #[test]
    fn each_reserved_package_is_found_elsewhere() {
        for (package, owner, reason) in RESERVED {
            let uses = format!("[dependencies]\n{package}.workspace = true\n");
            let found = findings(reserved, "service", &uses);
            assert!(found.len() == 1 && found[0].contains(reason), "{package}: {found:?}");
            assert!(findings(reserved, owner, &uses).is_empty(), "{package}");
        }
    }

    #[test]
    fn the_floor_program_may_use_what_its_row_names_and_no_more() {
        let uses = |package: &str| format!("[dependencies]\n{package}.workspace = true\n");
        assert!(findings(reserved, "bench", &uses("rusqlite")).is_empty());
        assert_eq!(findings(reserved, "bench", &uses("deadpool-postgres")).len(), 1);
        assert_eq!(findings(reserved, "benches", &uses("rusqlite")).len(), 1);
    }

    #[test]
    fn a_dependency_that_points_back_is_found() {
        assert_eq!(findings(directions, "store", "[dependencies]\ngate.workspace = true\n").len(), 1);
        assert_eq!(findings(directions, "notice", "[dependencies]\ngate.workspace = true\n").len(), 1);
        assert_eq!(findings(directions, "benefits", "[dependencies]\ntokio.workspace = true\n").len(), 1);
        assert!(findings(directions, "benefits", "[dependencies]\ndomain.workspace = true\n").is_empty());
        assert!(
            findings(directions, "benefits", "[dev-dependencies]\ntempfile.workspace = true\n").is_empty()
        );
        assert!(findings(directions, "service", "[dependencies]\ngate.workspace = true\n").is_empty());
    }
}
