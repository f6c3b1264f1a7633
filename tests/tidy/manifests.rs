//! Who may depend on whom.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::Table;

const BLOCKS: [&str; 5] = ["registry", "identity", "payments", "grievance", "consent"];

/// Crates that may know a database, a transport or a runtime.
const BACK_ENDS: [&str; 2] = ["sql", "http"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The published crates: folder name and manifest.
pub(crate) fn crates() -> Vec<(String, Table)> {
    let mut crates: Vec<_> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, manifest.parse().unwrap())
        })
        .collect();
    crates.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(crates.len() >= 10, "the crates were not found");
    crates
}

/// What a crate ships with, by package name.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let table = manifest.get("dependencies").and_then(|d| d.as_table());
    table.into_iter().flat_map(|d| d.keys().cloned()).collect()
}

fn family(manifest: &Table) -> BTreeSet<String> {
    dependencies(manifest)
        .into_iter()
        .filter_map(|name| name.strip_prefix("solidarity-").map(str::to_owned))
        .collect()
}

#[test]
fn core_depends_on_no_family_crate() {
    for (name, manifest) in crates() {
        if name == "core" {
            assert_eq!(family(&manifest), BTreeSet::new());
        }
    }
}

#[test]
fn a_block_never_depends_on_another_block() {
    let allowed = BTreeSet::from(["core".to_owned()]);
    for (name, manifest) in crates() {
        if BLOCKS.contains(&name.as_str()) {
            assert_eq!(family(&manifest), allowed, "{name}");
        }
    }
}

#[test]
fn arrows_point_down_only() {
    let layer = |name: &str| match name {
        "core" => 0,
        "linkage" | "evidence" | "signing" => 1,
        // It knows how messages are signed, and no block.
        "dci" => 2,
        "registry" | "identity" | "payments" | "grievance" | "consent" => 2,
        "programme" | "exchange" => 3,
        "sql" | "http" => 4,
        "solidarity" => 5,
        // Beside the tree: it may use what examples use, and nothing uses it
        // but the facade.
        "synthetic" => 4,
        other => panic!("`{other}` has no place in the architecture"),
    };
    for (name, manifest) in crates() {
        for below in family(&manifest) {
            assert!(layer(&below) < layer(&name), "{name} depends on {below}");
        }
    }
}

/// `serde_json` is not among them: it fixes the bytes that digests and
/// commitments are taken over (decision 14 in `docs/src/decisions.md`).
#[test]
fn no_block_knows_a_database_a_transport_or_a_runtime() {
    let elsewhere = [
        "rusqlite",
        "sqlx",
        "tokio-postgres",
        "axum",
        "reqwest",
        "hyper",
        "tokio",
        "anyhow",
        "async-std",
        "smol",
    ];
    for (name, manifest) in crates() {
        if BACK_ENDS.contains(&name.as_str()) {
            continue;
        }
        for dependency in dependencies(&manifest) {
            assert!(
                !elsewhere.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn every_crate_is_described_and_linted() {
    for (name, manifest) in crates() {
        let package = manifest.get("package").and_then(|p| p.as_table()).unwrap();
        for key in [
            "description",
            "keywords",
            "categories",
            "readme",
            "license",
            "rust-version",
            "repository",
        ] {
            assert!(package.contains_key(key), "{name} has no {key}");
        }
        let all_features = package
            .get("metadata")
            .and_then(|m| m.get("docs")?.get("rs")?.get("all-features")?.as_bool());
        assert_eq!(
            all_features,
            Some(true),
            "{name}: docs.rs shows every feature"
        );
        let lints = manifest
            .get("lints")
            .and_then(|l| l.get("workspace")?.as_bool());
        assert_eq!(lints, Some(true), "{name}: the workspace's lints");
    }
}
