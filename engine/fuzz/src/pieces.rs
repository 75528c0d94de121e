//! One input as many packets: a choice, a length, and so many bytes, again and again.

/// Cuts bytes into pieces.
#[derive(Debug, Clone, Copy)]
pub struct Pieces<'a> {
    rest: &'a [u8],
}

impl<'a> Pieces<'a> {
    /// Of all these bytes.
    pub fn of(rest: &'a [u8]) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Pieces<'a> {
    /// What to do with the bytes, and the bytes: 1,023 at most.
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([choice, length], rest) = self.rest.split_first_chunk()?;
        // The two upper bits of the choice lengthen the piece beyond what one byte can say.
        let length = usize::from(*length) | usize::from(choice & 0xC0) << 2;
        let (piece, rest) = rest.split_at(rest.len().min(length));
        self.rest = rest;
        Some((choice & 0x3F, piece))
    }
}
