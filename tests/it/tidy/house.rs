//! The house's files as the rules read them: which there are, what is code in them, what is a test or a table.
//!
//! Called by the rules beside it. Never here: a rule.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Every text file of the house but the lockfiles, read once.
pub(super) static HOUSE: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
    let mut files = Vec::new();
    walk(&root(), &Ignored::read(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 100, "the house has more than {} files", files.len());
    files
});

/// One file.
pub(super) struct SourceFile {
    /// From the house's own folder, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// The folder in which `Cargo.toml` and `README.md` lie.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the house")
        .to_owned()
}

/// The file at `path`, which must be there.
pub(super) fn file(path: &str) -> &'static SourceFile {
    HOUSE
        .iter()
        .find(|f| f.path == path)
        .unwrap_or_else(|| panic!("{path} is not there"))
}

/// What `.gitignore` leaves out. The house writes it with two kinds of lines: `/a/b` is that path, `a` is that name anywhere.
pub(super) struct Ignored {
    paths: Vec<PathBuf>,
    names: Vec<String>,
}

impl Ignored {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(root().join(".gitignore")).expect(".gitignore is there");
        let lines = || {
            text.lines()
                .map(str::trim)
                .filter(|l| !l.is_empty() && !l.starts_with('#'))
        };
        Self {
            paths: lines()
                .filter_map(|l| l.strip_prefix('/'))
                .map(|l| root().join(l))
                .collect(),
            names: lines()
                .filter(|l| !l.starts_with('/'))
                .map(str::to_owned)
                .chain([".git".to_owned()])
                .collect(),
        }
    }

    pub(super) fn holds(&self, path: &Path) -> bool {
        let name = path.file_name().map(|n| n.to_string_lossy());
        self.paths.iter().any(|p| p == path) || self.names.iter().any(|n| Some(n.as_str()) == name.as_deref())
    }
}

fn walk(folder: &Path, ignored: &Ignored, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder of the house can be listed") {
        let path = entry.expect("a folder of the house can be listed").path();
        if ignored.holds(&path) {
            continue;
        }
        if path.is_dir() {
            walk(&path, ignored, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root()).expect("below the root");
            let path = path.to_string_lossy().replace('\\', "/");
            if !["Cargo.lock", "package-lock.json"]
                .iter()
                .any(|lock| path.ends_with(lock))
            {
                files.push(SourceFile { path, text });
            }
        }
    }
}

impl SourceFile {
    pub(super) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|e| e == extension)
    }

    pub(super) fn below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Whether the whole file is a test, a benchmark or an example, by where it lies or what it is called.
    pub(super) fn is_test(&self) -> bool {
        let parts: Vec<_> = self.path.split('/').collect();
        parts
            .iter()
            .any(|part| matches!(*part, "tests" | "examples" | "benches" | "fuzz" | "tests.rs"))
            || self.path.ends_with(".test.ts")
    }

    /// The lines that ship: up to the tests at the bottom of a Rust file, with their numbers, comments taken off.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let comment = if self.is("rs") || self.is("ts") || self.is("svelte") || self.is("mjs") {
            "//"
        } else {
            "\0"
        };
        let shipped = if self.is_test() { 0 } else { self.shipped_lines() };
        self.text
            .lines()
            .take(shipped)
            .enumerate()
            .map(move |(n, line)| (n + 1, before(line, comment)))
    }

    /// How many lines stand before `#[cfg(test)]`.
    fn shipped_lines(&self) -> usize {
        let lines = || self.text.lines().map(str::trim_end);
        if self.is("rs") {
            lines().position(|l| l == "#[cfg(test)]").unwrap_or(lines().count())
        } else {
            lines().count()
        }
    }

    /// Lines that count for a file's length: tests at the bottom and tables of constants left out.
    pub(super) fn length(&self) -> usize {
        let mut table: Option<String> = None;
        let mut count = 0;
        for line in self.text.lines().take(self.shipped_lines()) {
            if let Some(end) = &table {
                if line.starts_with(end.as_str()) {
                    table = None;
                }
                continue;
            }
            count += 1;
            let words = line.trim_start();
            let names = [
                "const ",
                "static ",
                "pub const ",
                "pub static ",
                "pub(crate) const ",
                "pub(super) const ",
            ];
            if names.iter().any(|n| words.starts_with(n)) && line.ends_with('[') {
                table = Some(format!("{}]", &line[..line.len() - words.len()]));
            }
        }
        count
    }
}

/// The line up to a comment; `://` of an address begins none.
fn before<'a>(line: &'a str, comment: &str) -> &'a str {
    let begins = |at: &usize| *at == 0 || line.as_bytes()[at - 1] != b':';
    match line.match_indices(comment).map(|(at, _)| at).find(begins) {
        Some(at) => &line[..at],
        None => line,
    }
}
