//! Counts in words.

/// So many things: `1 write`, `2 writes`. Allocates the same for every count, as the texts of a warm run must.
pub fn plural(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    [n.to_string().as_str(), " ", noun, ending].concat()
}
