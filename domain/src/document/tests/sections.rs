//! Each section: given terms, expected lines.
use super::{super::markdown, fixture::Terms};
#[test]
fn show() {
    println!("{}", markdown(&Terms::new().document()));
}
