//! What a request costs, and where it goes. `cargo bench -p remit`.
//!
//! The agreement page is asked in four ways within one run, each adding a layer: the rules alone, the use cases with the
//! database, the API without HTTP, and the document's checks alone.

fn main() {
    divan::main();
}
