//! The examples, built and run as a user does.

use std::path::PathBuf;
use std::process::Command;

/// The example of this name, built as these tests were.
pub(crate) fn built(name: &str) -> PathBuf {
    // <target>/<profile>/deps/<test>
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let target = profile.parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--workspace"]);
    build.args(["--example", name, "--target-dir"]);
    build.arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let built = build.status().unwrap();
    assert!(built.success(), "the example `{name}` does not build");
    profile.join("examples").join(name)
}
