//! A stream that is held back until the whole run is known to be good.
//!
//! In goes text piece by piece, out goes all of it at once, or nothing: a pipe into kubectl never sees half an
//! environment. It waits in memory, and beyond 64 MB in a temporary file without a name, unless it holds secrets.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};

use crate::check::Settled;

/// Bytes kept in memory; what comes after goes to disk.
const IN_MEMORY: usize = 64 * 1024 * 1024;

/// Memory is taken in pieces of so many bytes, so that what is held is never moved.
const PIECE: usize = 1024 * 1024;

/// Text that waits to be released. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Held {
    memory: Vec<Vec<u8>>,
    /// Bytes in memory.
    kept: usize,
    /// What did not fit in memory. It has no name, so it is gone with the process, however that ends.
    file: Option<BufWriter<File>>,
    limit: usize,
    bytes: u64,
    /// Why text was lost, until somebody can be told.
    lost: Option<io::Error>,
}

/// How a release ended. Both are fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Released {
    /// The reader took all of it.
    All {
        /// How much that was.
        bytes: u64,
    },
    /// The reader closed its end of the pipe before it had all, as `head` does.
    Closed,
}

impl Default for Held {
    fn default() -> Self {
        Self::new()
    }
}

impl Held {
    /// An empty stream.
    pub fn new() -> Self {
        Self::with_limit(IN_MEMORY)
    }

    /// An empty stream that may hold revealed secrets: it never touches a disk, however long it grows.
    pub fn secret() -> Self {
        Self::with_limit(usize::MAX)
    }

    fn with_limit(limit: usize) -> Self {
        Self { memory: Vec::new(), kept: 0, file: None, limit, bytes: 0, lost: None }
    }

    /// Adds text. An error means that the temporary file failed; the stream cannot be released any more.
    pub fn push_str(&mut self, text: &str) -> io::Result<()> {
        if self.lost.is_some() {
            return Err(io::Error::other("text was lost before"));
        }
        self.add(text.as_bytes()).inspect_err(|error| self.lost = Some(again(error)))
    }

    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
        } else if bytes.len() > self.limit.saturating_sub(self.kept) {
            let mut file = BufWriter::new(tempfile::tempfile()?);
            file.write_all(bytes)?;
            self.file = Some(file);
        } else {
            self.keep(bytes);
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.kept += bytes.len();
        if let Some(piece) = self.memory.last_mut()
            && piece.capacity() - piece.len() >= bytes.len()
        {
            piece.extend_from_slice(bytes);
            return;
        }
        let mut piece = Vec::with_capacity(bytes.len().max(PIECE.min(self.limit)));
        piece.extend_from_slice(bytes);
        self.memory.push(piece);
    }

    /// Bytes held so far.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Writes everything. A pipe that is closed at the other end is no error.
    pub fn release(self, _proof: Settled, to: &mut dyn Write) -> io::Result<Released> {
        self.hand_over(to)
    }

    fn hand_over(self, to: &mut dyn Write) -> io::Result<Released> {
        let bytes = self.bytes;
        match self.write_all(to) {
            Ok(()) => Ok(Released::All { bytes }),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Released::Closed),
            Err(error) => Err(error),
        }
    }

    fn write_all(self, to: &mut dyn Write) -> io::Result<()> {
        if let Some(error) = self.lost {
            return Err(error);
        }
        let rest = match self.file {
            None => None,
            Some(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                // A file that somebody cut must not pass as the whole, and before anything is written.
                let expected = self.bytes - self.kept as u64;
                if file.metadata()?.len() != expected {
                    return Err(io::Error::other("the temporary file changed"));
                }
                Some(file.take(expected))
            }
        };
        self.memory.iter().try_for_each(|piece| to.write_all(piece))?;
        if let Some(mut rest) = rest {
            io::copy(&mut rest, to)?;
        }
        to.flush()
    }
}

impl fmt::Write for Held {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text).map_err(|_| fmt::Error)
    }
}

/// The same error once more: the system's have no `Clone`.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// A reader that goes away after some bytes.
    struct Closing(usize);

    impl Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_comes_out_in_order_from_memory_and_from_disk() {
        for limit in [0, 1, 5, 10, 11, usize::MAX] {
            let mut held = Held::with_limit(limit);
            write!(held, "ab{}", String::from("cde")).unwrap();
            held.push_str("").unwrap();
            held.push_str("fghij").unwrap();
            held.push_str("k").unwrap();
            assert_eq!(held.file.is_some(), limit < 11);
            let mut out = Vec::new();
            assert_eq!(held.hand_over(&mut out).unwrap(), Released::All { bytes: 11 });
            assert_eq!(out, b"abcdefghijk");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        for limit in [0, usize::MAX] {
            let mut held = Held::with_limit(limit);
            held.push_str("0123456789").unwrap();
            assert_eq!(held.hand_over(&mut Closing(4)).unwrap(), Released::Closed);
        }
    }

    #[test]
    fn secrets_stay_in_memory() {
        let mut held = Held::secret();
        held.push_str(&"x".repeat(IN_MEMORY + 1)).unwrap();
        assert!(held.file.is_none());
    }

    #[test]
    fn other_errors_are_errors() {
        let mut held = Held::new();
        held.push_str("x").unwrap();
        let mut full: &mut [u8] = &mut [];
        assert_eq!(held.hand_over(&mut full).unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
