//! What several scenarios came to together: a table, a page with a link to each report, and one file for a CI system.
//!
//! Owns which rows there are, in the order in which the scenarios ran. Does not know where anything is written.

use super::junit::JunitSuite;
use super::view::MatrixRow;
use super::{Look, Subject, html, terminal};

/// Several scenarios.
#[derive(Debug, Default)]
pub struct Matrix {
    rows: Vec<MatrixRow>,
    suites: Vec<JunitSuite>,
}

impl Matrix {
    /// Adds what came out of `file`, whose results lie in `directory`, below that of the page.
    pub fn add(&mut self, subject: Subject<'_>, file: &str, directory: &str) {
        self.rows.push(MatrixRow::of(subject, file, directory));
        self.suites.push(JunitSuite::of(subject, file));
    }

    /// The rows.
    pub fn rows(&self) -> &[MatrixRow] {
        &self.rows
    }

    /// The table for a terminal.
    pub fn text(&self, look: Look) -> Vec<u8> {
        terminal::matrix(&self.rows, look)
    }

    /// The page.
    pub fn page(&self) -> Vec<u8> {
        html::matrix(&self.rows)
    }

    /// The file for a CI system: a suite for each scenario.
    pub fn junit(&self) -> Vec<u8> {
        JunitSuite::document(&self.suites)
    }

    /// Whether `bytes` are a page or a file that was made here, and may be replaced.
    pub fn is_ours(bytes: &[u8]) -> bool {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]);
        let page = format!("<meta name=\"generator\" content=\"{}\">", html::GENERATOR);
        head.contains(&page) || head.contains("<testsuites name=\"firedrill\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn only_what_was_made_here_is_replaced() {
        let mut matrix = Matrix::default();
        matrix.add(Subject::Run(&fixture::outage(7)), "dark.yaml", "dark");
        assert!(Matrix::is_ours(&matrix.page()) && Matrix::is_ours(&matrix.junit()));
        assert!(!Matrix::is_ours(b"<!DOCTYPE html><title>my page</title>") && !Matrix::is_ours(b""));
        assert_eq!(matrix.rows().len(), 1);
    }
}
