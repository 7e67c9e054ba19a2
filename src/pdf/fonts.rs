//! The two faces that a PDF is set in, which come with the program: Liberation Sans, under the SIL Open Font License.

use std::collections::BTreeSet;

use krilla::text::Font;
use ttf_parser::Face as Measures;

use super::PdfError;

const REGULAR: &[u8] = include_bytes!("fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/LiberationSans-Bold.ttf");

/// Which of the two faces a text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// For what is said.
    Regular,
    /// For what stands out.
    Bold,
}

/// Both faces, to measure by and to write with.
pub(super) struct Fonts {
    regular: (Measures<'static>, Font),
    bold: (Measures<'static>, Font),
}

impl Fonts {
    pub(super) fn load() -> Result<Self, PdfError> {
        let face = |bytes: &'static [u8]| {
            let measures = Measures::parse(bytes, 0).map_err(|_| PdfError::Fonts)?;
            Ok((measures, Font::new(bytes.to_vec().into(), 0).ok_or(PdfError::Fonts)?))
        };
        Ok(Self { regular: face(REGULAR)?, bold: face(BOLD)? })
    }

    fn of(&self, face: Face) -> &(Measures<'static>, Font) {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    /// The face to write with.
    pub(super) fn font(&self, face: Face) -> Font {
        self.of(face).1.clone()
    }

    /// How wide a text is at a size, in points.
    pub(super) fn width(&self, text: &str, face: Face, size: f32) -> f32 {
        let (measures, _) = self.of(face);
        let advance = |sign: char| measures.glyph_index(sign).and_then(|glyph| measures.glyph_hor_advance(glyph));
        let units: f32 = text.chars().map(|sign| f32::from(advance(sign).unwrap_or_default())).sum();
        units * size / f32::from(measures.units_per_em())
    }

    /// The signs of some texts that cannot be set, named; nothing if all can.
    pub(super) fn missing(&self, texts: &[String]) -> String {
        let (measures, _) = &self.regular;
        let can = |sign: &char| measures.glyph_index(*sign).is_some() && !is_from_the_right(*sign);
        let missing: BTreeSet<char> = texts.iter().flat_map(|text| text.chars()).filter(|sign| !can(sign)).collect();
        let names: Vec<String> =
            missing.iter().take(10).map(|sign| format!("{sign} (U+{:04X})", u32::from(*sign))).collect();
        names.join(", ")
    }
}

/// Whether a sign belongs to a script that is written from right to left.
fn is_from_the_right(sign: char) -> bool {
    matches!(sign, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
