//! Counts in words.

/// So many things: `1 write`, `2 writes`.
pub fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
