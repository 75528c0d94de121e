//! What can fail and what can hang: the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Makes files. A test has disks that are full, slow, or forgetful.
pub trait Disk: Send + Sync {
    /// Make a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>>;

    /// Let the names in a folder be safe, too.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file that is written anywhere.
pub trait Sheet: Send {
    /// Write these bytes there.
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()>;

    /// Let it be so long; what was never written reads as zeros.
    fn set_length(&mut self, bytes: u64) -> io::Result<()>;

    /// Let all of it be safe.
    fn sync(&mut self) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        // A link that lies there is not followed either.
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(file))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

impl Sheet for File {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn set_length(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// What `RecordingEnded` calls this error.
pub fn fault(why: &io::Error) -> &'static str {
    match why.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => "disk-full",
        _ => "cannot-write",
    }
}
