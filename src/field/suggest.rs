//! The known word nearest to a mistyped one.
//!
//! Words are as far apart as edits turn one into the other: insert, delete, replace, or swap two neighbours (optimal string
//! alignment). Whether capitals are written makes no difference.

use strsim::osa_distance;

/// Longer words are cut: nobody mistypes what comes after.
const LONGEST: usize = 64;

/// The candidate nearest to `word`, if one is near enough to be meant: at most a third of its letters differ, a swap of
/// neighbours counting once. Of equally near ones, the first. One that differs in its digits alone is another thing, not
/// a misspelling: whoever writes `p99` does not mean `p95`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let length = word.chars().count();
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters = letters(candidate);
        if letters.chars().count().abs_diff(length) > allowed || differs_in_digits_alone(&word, &letters) {
            continue;
        }
        let distance = osa_distance(&word, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// As [`nearest`], of names in parts between dots: each part must be near enough by itself.
pub fn nearest_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |candidate: &&str| {
        let (mut ours, mut theirs) = (name.split('.'), candidate.split('.'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b || nearest(a, [b]).is_some() => {}
                _ => return false,
            }
        }
    };
    nearest(name, candidates.into_iter().filter(alike))
}

/// The three candidates most like `word`, however far: by how many parts between dots they do not share, then by the
/// letters that differ, then in their order.
pub fn nearest_three<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = letters(word);
    let alike = |candidate: &str| {
        let shared = |part: &&str| nearest(part, candidate.split('.')).is_some();
        let strange = word.split('.').filter(|part| !shared(part)).count();
        (strange, osa_distance(&wanted, &letters(candidate)))
    };
    let mut ranked: Vec<((usize, usize), &str)> = candidates.into_iter().map(|c| (alike(c), c)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// What of a word is compared.
fn letters(word: &str) -> String {
    word.chars().take(LONGEST).flat_map(char::to_lowercase).collect()
}

fn differs_in_digits_alone(a: &str, b: &str) -> bool {
    let has_digits = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let letters = |word: &str| word.replace(|c: char| c.is_ascii_digit(), "");
    a != b && has_digits(a) && has_digits(b) && letters(a) == letters(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_word_is_suggested() {
        let known = ["westeurope", "northeurope", "rate"];
        assert_eq!(nearest("westeuorpe", known), Some("westeurope"));
        assert_eq!(nearest("rtae", known), Some("rate"));
        assert_eq!(nearest("Rate", known), Some("rate"));
        assert_eq!(nearest("elephant", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn another_number_is_another_thing() {
        assert_eq!(nearest("p99", ["median", "sigma", "p95", "mean", "scv"]), None);
        assert_eq!(nearest("west1", ["west2", "north"]), None);
        assert_eq!(nearest("p9", ["p95"]), None);
        assert_eq!(nearest("wets2", ["west2"]), Some("west2"));
    }

    #[test]
    fn each_part_of_a_name_must_be_near() {
        let known = ["region.west.share", "region.north.ok"];
        assert_eq!(nearest_name("region.west.latency", known), None);
        assert_eq!(nearest_name("region.nroth.ok", known), Some("region.north.ok"));
        assert_eq!(nearest_name("region.nroth", known), None);
    }

    #[test]
    fn the_three_most_alike_share_parts_first() {
        let known =
            ["attempts", "db.orders.lag", "db.orders.backlog", "region.west.ok", "region.west.share", "region.west.up"];
        assert_eq!(
            nearest_three("region.west.errors", known),
            ["region.west.ok", "region.west.share", "region.west.up"]
        );
        assert_eq!(nearest_three("x", ["a"]), ["a"]);
    }

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(osa_distance("ab", "ba"), 1);
        assert_eq!(osa_distance("kitten", "sitting"), 3);
    }
}
