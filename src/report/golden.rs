//! Comparison with the committed files under `tests/golden/`. With `FIREDRILL_BLESS` set, a test writes instead.

use std::path::Path;

/// Panics unless `bytes` are those of the golden file.
pub(crate) fn check(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("FIREDRILL_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_default();
    let (is, should_be) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&golden));
    assert!(is == should_be, "{name} changed; look at it, then run with FIREDRILL_BLESS=1:\n{is}");
}
