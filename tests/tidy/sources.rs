//! What the sources hold, and what they must not.

use std::path::{Path, PathBuf};

use crate::manifests::{crates, root};

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn name(&self) -> String {
        let path = self.path.strip_prefix(root()).unwrap();
        path.display().to_string().replace('\\', "/")
    }

    /// The lines that ship, numbered from 1: neither comments nor unit tests,
    /// which come last in a file.
    fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines())
            .take_while(|(_, line)| *line != "mod tests {")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn under(folder: &Path, extension: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn shipped_sources() -> Vec<Source> {
    let sources: Vec<_> = crates()
        .into_iter()
        .flat_map(|(name, _)| under(&root().join("crates").join(name).join("src"), "rs"))
        .collect();
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

/// Whether `line` holds `word` as a word of its own.
fn says(line: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        !inside(line[..at].chars().next_back()) && !inside(line[at + word.len()..].chars().next())
    })
}

fn forbid(words: &[&str], except: &[&str], why: &str) {
    for source in shipped_sources() {
        let name = source.name();
        if except.contains(&name.as_str()) {
            continue;
        }
        for (number, line) in source.shipped() {
            for word in words {
                assert!(!says(line, word), "{name}:{number}: `{word}`: {why}");
            }
        }
    }
}

#[test]
fn only_the_system_clock_reads_the_time() {
    forbid(
        &["Utc::now", "Local::now", "SystemTime::now", "Instant::now"],
        &["crates/core/src/clock.rs"],
        "time is an input",
    );
    forbid(
        &["now_v7"],
        &["crates/core/src/id.rs", "crates/sql/src/sqlite/testing.rs"],
        "ids are made by `id!`",
    );
}

#[test]
fn no_floating_point() {
    // Linkage is about probabilities, and of nothing that is counted or paid. A
    // number of JSON is a float, and what reads JSON holds it as it came.
    let exempt = [
        "crates/linkage/",
        "crates/dci/src/json/",
        "crates/dci/src/decimal.rs",
    ];
    for source in shipped_sources() {
        let name = source.name();
        if exempt.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        for (number, line) in source.shipped() {
            let float = ["f32", "f64"].iter().any(|word| says(line, word));
            assert!(
                !float,
                "{name}:{number}: money, counts and dates are never floats"
            );
        }
    }
}

#[test]
fn no_stubs_and_no_silence_without_a_reason() {
    for source in shipped_sources() {
        for (number, line) in (1..).zip(source.text.lines()) {
            for bad in [
                "todo!(",
                "unimplemented!(",
                "#[ignore",
                "#[allow(",
                "#![allow(",
            ] {
                assert!(!line.contains(bad), "{}:{number}: {bad}", source.name());
            }
        }
    }
}

#[test]
fn every_crate_forbids_unsafe_code_and_lists_its_contents_in_a_screen() {
    for (name, _) in crates() {
        let lib =
            std::fs::read_to_string(root().join("crates").join(&name).join("src/lib.rs")).unwrap();
        assert!(lib.contains("#![forbid(unsafe_code)]"), "{name}");
        assert!(
            lib.contains("#![doc = include_str!(\"../README.md\")]"),
            "{name}"
        );
        assert!(
            lib.lines().count() <= 60,
            "{name}: lib.rs is a table of contents"
        );
    }
}

#[test]
fn files_fit_in_the_head() {
    let mut lengths = Vec::new();
    for source in shipped_sources() {
        let length = source.text.lines().count();
        assert!(length <= 800, "{} has {length} lines", source.name());
        assert!(!source.path.ends_with("mod.rs"), "{}", source.name());
        lengths.push(length);
    }
    lengths.sort_unstable();
    let at = |share: usize| lengths[(lengths.len() - 1) * share / 100];
    assert!(
        at(90) <= 500,
        "nine files in ten are under 500 lines, not {}",
        at(90)
    );
}

#[test]
fn traits_are_narrow() {
    for source in shipped_sources() {
        let mut inside: Option<(&str, usize)> = None;
        let mut before = "";
        for line in source.text.lines() {
            // The traits of stores and of the outside world.
            let role = std::mem::replace(&mut before, line) == "#[async_trait]";
            if let Some(rest) = line.strip_prefix("pub trait ").filter(|_| role) {
                inside = Some((rest, 0));
            } else if line == "}" {
                inside = None;
            } else if let Some((name, methods)) = &mut inside {
                let declared = line.strip_prefix("    ").unwrap_or_default();
                *methods +=
                    usize::from(declared.starts_with("fn ") || declared.starts_with("async fn "));
                assert!(*methods <= 10, "{}: {name}", source.name());
            }
        }
    }
}

#[test]
fn lists_are_paged() {
    for source in shipped_sources() {
        for (number, line) in source.shipped() {
            let lists = line.trim_start().starts_with("async fn list");
            assert!(
                !lists || !line.contains("-> Result<Vec<"),
                "{}:{number}: a list takes a page",
                source.name()
            );
        }
    }
}

#[test]
fn the_book_holds_every_page_and_runs_it() {
    let book = root().join("docs/src");
    let summary = std::fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let tested = std::fs::read_to_string(root().join("tests/book.rs")).unwrap();
    let pages = under(&book, "md");
    assert!(pages.len() > 10, "the book was not found");
    for page in pages {
        let name = page.path.strip_prefix(&book).unwrap().display().to_string();
        if name != "SUMMARY.md" {
            assert!(
                summary.contains(&format!("({name})")),
                "{name} is not in the summary"
            );
            assert!(
                tested.contains(&format!("docs/src/{name}\"")),
                "{name} is not tested"
            );
        }
    }
}

#[test]
fn nothing_tells_where_it_was_made() {
    let hosts = [
        "crates.io/api",
        "static.crates.io",
        "index.crates.io",
        "pypi.org",
        "registry.npmjs.org",
    ];
    let home = ["/ho", "me/"].concat();
    let places = [home.as_str(), "/root/", "/tmp/"];
    for folder in ["crates", "examples", "tests", "benches", "docs"] {
        for extension in ["rs", "md", "toml", "sql"] {
            for source in under(&root().join(folder), extension) {
                if source.name() == "tests/tidy/sources.rs" {
                    continue;
                }
                for (number, line) in (1..).zip(source.text.lines()) {
                    for bad in hosts.iter().chain(&places) {
                        assert!(!line.contains(bad), "{}:{number}: {bad}", source.name());
                    }
                }
            }
        }
    }
}
