//! The document's text looked over before a parser recurses into it.

use std::ops::Range;

use async_graphql::Pos;

use super::{Limits, RequestError};

/// A text may begin with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Counts characters, tokens and open brackets, and knows strings, block strings and comments from code.
///
/// A parser descends once per open bracket and keeps every token: both are bounded here, in one pass. What the parser
/// would refuse anyway may pass; a string left open is refused, for what follows it could not be told from code.
/// Descriptions of operations, fragments and variables, which the parser does not know, are found for it.
///
/// # Errors
/// `QUERY_TOO_COMPLEX` over `limits.characters` or `limits.tokens`, `QUERY_TOO_DEEP` over `limits.brackets`,
/// `GRAPHQL_PARSE_FAILED` for a string without an end.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<Scanned, RequestError> {
    // A character takes at least a byte, so most texts need no counting.
    if text.len() > limits.characters && text.chars().count() > limits.characters {
        return Err(RequestError::too_complex(format!("A document has at most {} characters.", limits.characters)));
    }
    let mut scanner = Scanner { text: text.as_bytes(), at: 0, open: 0, last: 0, found: Scanned::default() };
    while let Some(&byte) = scanner.text.get(scanner.at) {
        scanner.step(byte, limits)?;
    }
    Ok(scanner.found)
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Names, numbers, strings and punctuators; a run the parser will refuse counts as something.
    pub(super) tokens: usize,
    /// The most brackets open at once, of any kind.
    pub(super) deepest: usize,
    /// Where descriptions stand; they are no tokens.
    pub(super) descriptions: Vec<Range<usize>>,
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    open: usize,
    /// The first byte of the token before.
    last: u8,
    found: Scanned,
}

impl Scanner<'_> {
    /// Takes what begins at `byte`.
    fn step(&mut self, byte: u8, limits: &Limits) -> Result<(), RequestError> {
        let tokens = self.found.tokens;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
            _ if self.rest().starts_with(BYTE_ORDER_MARK) => self.at += BYTE_ORDER_MARK.len(),
            b'#' => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
            b'"' => {
                self.token(limits)?;
                self.string()?;
            }
            b'{' | b'[' | b'(' => {
                self.token(limits)?;
                self.opened(limits)?;
            }
            b'}' | b']' | b')' => {
                self.token(limits)?;
                self.open = self.open.saturating_sub(1);
                self.at += 1;
            }
            b'.' if self.rest().starts_with(b"...") => {
                self.token(limits)?;
                self.at += 3;
            }
            b'0'..=b'9' | b'-' => {
                self.token(limits)?;
                self.skip_while(in_number);
            }
            byte if in_name(byte) => {
                self.token(limits)?;
                self.skip_while(in_name);
            }
            _ => {
                self.token(limits)?;
                self.at += 1;
            }
        }
        if self.found.tokens > tokens {
            self.last = byte;
        }
        Ok(())
    }

    fn token(&mut self, limits: &Limits) -> Result<(), RequestError> {
        self.found.tokens += 1;
        if self.found.tokens <= limits.tokens {
            return Ok(());
        }
        Err(RequestError::too_complex(format!("A document has at most {} tokens.", limits.tokens))
            .at(self.pos(self.at)))
    }

    fn opened(&mut self, limits: &Limits) -> Result<(), RequestError> {
        self.open += 1;
        self.found.deepest = self.found.deepest.max(self.open);
        if self.open > limits.brackets {
            let message = format!("A document has at most {} brackets open at once.", limits.brackets);
            return Err(RequestError::too_deep(message).at(self.pos(self.at)));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<(), RequestError> {
        let start = self.at;
        let ended = if self.rest().starts_with(b"\"\"\"") { self.block_string() } else { self.line_string() };
        if !ended {
            return Err(RequestError::syntax("A string has no end.", self.pos(start)));
        }
        if self.describes() {
            self.found.tokens -= 1;
            self.found.descriptions.push(start..self.at);
        }
        Ok(())
    }

    /// Whether the string that ends here describes something: at the top what is defined next, among the variables of an
    /// operation the next one.
    fn describes(&self) -> bool {
        let value = matches!(self.last, b':' | b'=' | b'[');
        let next = self.rest().iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','));
        match (self.open, next) {
            (0, Some(next)) => matches!(self.last, 0 | b'}') && next.is_ascii_alphabetic(),
            (1, Some(b'$')) => !value,
            _ => false,
        }
    }

    /// To behind the next three quotes that no backslash precedes.
    fn block_string(&mut self) -> bool {
        self.at += 3;
        while self.at < self.text.len() {
            if self.rest().starts_with(b"\\\"\"\"") {
                self.at += 4;
            } else if self.rest().starts_with(b"\"\"\"") {
                self.at += 3;
                return true;
            } else {
                self.at += 1;
            }
        }
        false
    }

    /// To behind the next quote on this line; a backslash keeps what follows it.
    fn line_string(&mut self) -> bool {
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return true;
                }
                b'\n' | b'\r' => return false,
                b'\\' if !matches!(self.text.get(self.at + 1), Some(b'\n' | b'\r')) => self.at += 2,
                _ => self.at += 1,
            }
        }
        false
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|&byte| wanted(byte)) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Line and column of a place in the text, both from 1; counted only for an error.
    fn pos(&self, at: usize) -> Pos {
        let before = String::from_utf8_lossy(self.text.get(..at).unwrap_or_default());
        let line = before.split('\n').count();
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        Pos { line, column }
    }
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// No number can stand before `...`, so a run of dots in one is the parser's to refuse.
fn in_number(byte: u8) -> bool {
    in_name(byte) || matches!(byte, b'-' | b'+' | b'.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Refused = (&'static str, Vec<(usize, usize)>);

    fn scanned(text: &str) -> Result<(usize, usize), Refused> {
        let found = scan(text, &Limits::default());
        found.map(|found| (found.tokens, found.deepest)).map_err(|refused| (refused.code, refused.locations))
    }

    #[test]
    fn tokens_and_brackets_are_counted() {
        for (text, tokens, deepest) in [
            ("", 0, 0),
            (" ,\t\r\n", 0, 0),
            ("{ a }", 3, 1),
            ("{ a(x: [1, {y: -1.5e+3}]) }", 15, 4),
            ("query Q($a: [Int!]! = 3) @x { ...on A { b } }", 24, 2),
            ("# { [ ( \" \"\"\"\n{ a }", 3, 1),
            ("# { \r{ a }", 3, 1),
            (r#"{ a(x: "{[(#") }"#, 8, 2),
            (r#"{ a(x: "\"{[(\\") }"#, 8, 2),
            (r#"{ a(x: "", y: "") }"#, 11, 2),
            (r##"{ a(x: """ " "" {[( # \""" """) }"##, 8, 2),
            ("}}}}{", 5, 1),
            ("\u{feff}{ a }", 3, 1),
            ("\"A\" query \"B\" { a }", 5, 1),
            ("\"A\" { a }", 4, 1),
            ("query (\"A\" $a: Int = 1, \"\"\"B\"\"\" $b: String = \"C\" $c: [S] = [\"D\" $e]) { a }", 30, 2),
        ] {
            assert_eq!(scanned(text), Ok((tokens, deepest)), "{text}");
        }
    }

    #[test]
    fn an_open_string_is_refused_where_it_opens() {
        for (text, line, column) in [
            (r#"{ a(x: ") }"#, 1, 8),
            ("{ a\n(x: \"b\n\") }", 2, 5),
            (r#"{ a(x: "\"#, 1, 8),
            ("{ a(x: \"\\\n\") }", 1, 8),
            (r##"{ a(x: """ "" \""" ) }"##, 1, 8),
            ("{ é\u{1F600}: \"", 1, 7),
        ] {
            assert_eq!(scanned(text), Err(("GRAPHQL_PARSE_FAILED", vec![(line, column)])), "{text}");
        }
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let limits = Limits::default();
        for (text, refused) in [
            ("#".repeat(limits.characters), None),
            ("#".repeat(limits.characters + 1), Some("QUERY_TOO_COMPLEX")),
            (format!("#{}", "é".repeat(limits.characters - 1)), None),
            (format!("#{}", "é".repeat(limits.characters)), Some("QUERY_TOO_COMPLEX")),
            ("a ".repeat(limits.tokens), None),
            ("a ".repeat(limits.tokens + 1), Some("QUERY_TOO_COMPLEX")),
            ("{".repeat(limits.brackets), None),
            ("{".repeat(limits.brackets + 1), Some("QUERY_TOO_DEEP")),
            ("[".repeat(60_000), Some("QUERY_TOO_DEEP")),
            ("(".repeat(60_000), Some("QUERY_TOO_DEEP")),
            (format!("{{ a(x: {}", "[".repeat(60_000)), Some("QUERY_TOO_DEEP")),
        ] {
            assert_eq!(scanned(&text).err().map(|(code, _)| code), refused, "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_scanned_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(found) = scan(&text, &Limits::default()) {
                prop_assert!(found.deepest <= found.tokens && found.tokens <= text.len());
            }
        }

        /// Strings and comments end for the scan where they end for the parser: of the brackets in them none counts, and
        /// no bracket of the code is hidden. (The parser reads four quotes in a row as two strings; the scan refuses.)
        #[test]
        fn strings_end_where_the_parser_ends_them(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..12),
        ) {
            let text = format!("{{ a(b: [{}]) }}", pieces.concat());
            if async_graphql::parser::parse_query(&text).is_ok() {
                let found = scan(&text, &Limits::default());
                prop_assert!(found.map_or(true, |found| (3..=4).contains(&found.deepest)), "{}", text);
            }
        }
    }

    /// Values and parts of them; next to each other they make others.
    const PIECES: [&str; 13] = [
        "1 ",
        "{c: 2}",
        "[3]",
        " ",
        "#([{\"\n",
        r#""""#,
        r#""{{{""#,
        r#""\"[[[""#,
        r#""\\""#,
        r#""""""""#,
        r#"""" " "" ((( """"#,
        r#"""" \""" {{{ """"#,
        r#"""""#,
    ];
}
