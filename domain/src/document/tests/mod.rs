//! What the document says, and that no text can break it.

mod clauses;
mod fixture;
mod formats;
mod sections;
mod words;
