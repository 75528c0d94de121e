//! One track on the disk: a WAV file, mono, 16 bits, that is written by position.
//!
//! Sound that follows what came last is gathered and written at once; the header counts it in only then. So whatever
//! moment the process dies at, the file plays, up to what its header says. What a machine that loses power has on its
//! disk by then is the file system's to say: it is asked to have all of it at the end only.
//!
//! Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE, format 1).

use std::io;

use crate::disk::Sheet;

/// Length of the header.
pub const HEADER_BYTES: u64 = 44;

/// Bytes that are gathered at most.
const GATHERED_BYTES: usize = 256 * 1024;

/// One file.
pub struct Wave {
    sheet: Box<dyn Sheet>,
    rate_hz: u32,
    /// The sample that what is gathered begins with.
    begins: u64,
    gathered: Vec<u8>,
    /// The samples there are in the file, and those its header tells of.
    written: u64,
    told: Option<u64>,
}

impl Wave {
    /// Begin a file that has been made.
    pub fn begin(sheet: Box<dyn Sheet>, rate_hz: u32) -> io::Result<Self> {
        let mut wave = Self {
            sheet,
            rate_hz,
            begins: 0,
            gathered: Vec::new(),
            written: 0,
            told: None,
        };
        wave.tell(0)?;
        Ok(wave)
    }

    /// Put sound in its place: that of its first sample.
    pub fn put(&mut self, at: u64, samples: &[i16]) -> io::Result<()> {
        let follows = at == self.begins + (self.gathered.len() / 2) as u64;
        if !follows || self.gathered.len() >= GATHERED_BYTES {
            self.flush()?;
        }
        if self.gathered.is_empty() {
            self.begins = at;
        }
        self.gathered
            .extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        Ok(())
    }

    /// Write what was gathered.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.sheet
            .write_at(&self.gathered, HEADER_BYTES + 2 * self.begins)?;
        let ends = self.begins + (self.gathered.len() / 2) as u64;
        self.written = self.written.max(ends);
        self.gathered.clear();
        Ok(())
    }

    /// Write all there is, and let the file be so many samples long: what was not written is silence.
    pub fn tell(&mut self, samples: u64) -> io::Result<()> {
        self.flush()?;
        if self.told == Some(samples) {
            return Ok(());
        }
        if self.written < samples || self.told.is_none() {
            self.sheet.set_length(HEADER_BYTES + 2 * samples)?;
            self.written = samples;
        }
        self.sheet.write_at(&header(samples, self.rate_hz), 0)?;
        self.told = Some(samples);
        Ok(())
    }

    /// End it: exactly so long, and safe on the disk.
    pub fn end(&mut self, samples: u64) -> io::Result<()> {
        self.tell(samples)?;
        if self.written > samples {
            self.sheet.set_length(HEADER_BYTES + 2 * samples)?;
        }
        self.sheet.sync()
    }
}

/// The header of so much sound. A length that 32 bits cannot say is said as the longest: whoever reads takes the file's.
pub fn header(samples: u64, rate_hz: u32) -> [u8; HEADER_BYTES as usize] {
    let length = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut header = [0; HEADER_BYTES as usize];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &length(HEADER_BYTES - 8 + 2 * samples),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &rate_hz.to_le_bytes(),
        &(2 * rate_hz).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &length(2 * samples),
    ];
    let mut at = 0;
    for field in fields {
        header[at..at + field.len()].copy_from_slice(field);
        at += field.len();
    }
    header
}
