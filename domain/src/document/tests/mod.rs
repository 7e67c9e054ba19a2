//! What the document says, and that no text can break it.

mod fixture;
mod formats;
mod sections;
mod words;
