//! gzip (RFC 1952) and zstd (RFC 8878), unpacked as the reading goes; several members or frames in a row are one stream.

use crate::StopReason;
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            // A frame, or a skippable frame in front of one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// What a format's name says behind it (`pcap+gzip`).
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "+gzip",
            Self::Zstd => "+zstd",
        }
    }

    pub(crate) fn unpack(self, file: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match self {
            Self::None => Box::new(file),
            Self::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file))),
            Self::Zstd => Box::new(Frames {
                source: Some(BufReader::with_capacity(64 << 10, file)),
                frame: None,
            }),
        }
    }
}

/// Error kind by which [`reason`] tells damage of the packing from a failing disk.
#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn damaged(cause: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause.to_string())
}

/// Why a read failed, as the reader of records reports it.
pub(crate) fn reason(e: &io::Error) -> StopReason {
    match e.kind() {
        io::ErrorKind::UnexpectedEof => StopReason::CutOff,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => StopReason::Quiet,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            StopReason::Unpack(e.to_string())
        }
        _ => StopReason::Read(e.to_string()),
    }
}

type Frame<R> = StreamingDecoder<BufReader<R>, ruzstd::decoding::FrameDecoder>;

/// zstd frames in a row: the crate decodes one.
struct Frames<R: Read> {
    source: Option<BufReader<R>>,
    frame: Option<Box<Frame<R>>>,
}

impl<R: Read> Frames<R> {
    /// Opens the next frame, passing over skippable ones; `false` at the end of the file.
    fn open(&mut self) -> io::Result<bool> {
        let Some(mut source) = self.source.take() else {
            return Ok(false);
        };
        while !source.fill_buf()?.is_empty() {
            let mut head = [0; 4];
            let have = source.buffer().len().min(4);
            head[..have].copy_from_slice(&source.buffer()[..have]);
            if have == 4 && head[0] & 0xf0 == 0x50 && head[1..] == [0x2a, 0x4d, 0x18] {
                let mut header = [0; 8];
                source.read_exact(&mut header)?;
                let len = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
                let passed = io::copy(&mut source.by_ref().take(u64::from(len)), &mut io::sink())?;
                if passed < u64::from(len) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                continue;
            }
            self.frame = Some(Box::new(StreamingDecoder::new(source).map_err(damaged)?));
            return Ok(true);
        }
        Ok(false)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                match frame.read(into) {
                    Ok(0) => self.source = self.frame.take().map(|f| f.into_inner()),
                    other => return other,
                }
            }
            if !self.open()? {
                return Ok(0);
            }
        }
    }
}
