//! Chance that is the same every time.

/// Numbers that look like chance and are the same every time.
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that fall as a name has it.
    pub(super) fn new(name: &str) -> Self {
        Self(name.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte)))
    }

    /// A number below another.
    pub(super) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    /// One of some, which are there.
    pub(super) fn of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        let place = usize::try_from(self.roll(some.len() as u64)).unwrap_or_default();
        &some[place]
    }
}
