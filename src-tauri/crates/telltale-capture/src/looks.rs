//! What a file looks like when it is no capture, so that the message can say so. Only for messages: nothing is decided by it.

use std::fmt;

/// A guess from the first octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksLike {
    /// No octets at all.
    Empty,
    /// A ZIP archive (also DOCX, APK ...).
    Zip,
    /// A PDF document.
    Pdf,
    /// A picture.
    Picture,
    /// Audio or video.
    Media,
    /// A 7-Zip, xz, bzip2, lz4 or RAR archive, which are not unpacked here.
    OtherArchive,
    /// A web page or XML.
    Markup,
    /// JSON: perhaps an Apple App Privacy Report, a HAR file or a Telltale report.
    Json,
    /// A list of connections as text, as `PCAPdroid` exports it.
    ConnectionsCsv,
    /// Other readable text.
    Text,
    /// A program.
    Program,
    /// An `SQLite` database.
    Database,
    /// A capture of another kind (Sun snoop, Microsoft Network Monitor, Bluetooth snoop), which Wireshark can convert.
    OtherCapture,
    /// Packed with gzip or zstd, and what is inside is no capture.
    PackedOther,
    /// Begins like a capture, but its file header is cut off or of no known version.
    BrokenHeader,
    /// Nothing known.
    Unknown,
}

impl LooksLike {
    /// The guess for a file that begins with `head`.
    pub fn guess(head: &[u8]) -> Self {
        const MAGICS: [(&[u8], LooksLike); 27] = [
            (b"PK\x03\x04", LooksLike::Zip),
            (b"PK\x05\x06", LooksLike::Zip),
            (b"%PDF", LooksLike::Pdf),
            (b"\x89PNG", LooksLike::Picture),
            (b"\xff\xd8\xff", LooksLike::Picture),
            (b"GIF8", LooksLike::Picture),
            (b"RIFF", LooksLike::Media),
            (b"ID3", LooksLike::Media),
            (b"OggS", LooksLike::Media),
            (b"\x1a\x45\xdf\xa3", LooksLike::Media),
            (b"7z\xbc\xaf", LooksLike::OtherArchive),
            (b"\xfd7zXZ", LooksLike::OtherArchive),
            (b"BZh", LooksLike::OtherArchive),
            (b"Rar!", LooksLike::OtherArchive),
            (b"\x04\x22\x4d\x18", LooksLike::OtherArchive),
            (b"\x7fELF", LooksLike::Program),
            (b"MZ", LooksLike::Program),
            (b"SQLite format 3", LooksLike::Database),
            (b"snoop\0\0\0", LooksLike::OtherCapture),
            (b"btsnoop\0", LooksLike::OtherCapture),
            (b"GMBU", LooksLike::OtherCapture),
            (b"RTSS", LooksLike::OtherCapture),
            (b"IPProto,SrcIP", LooksLike::ConnectionsCsv),
            (b"<", LooksLike::Markup),
            (b"\xef\xbb\xbf<", LooksLike::Markup),
            (b"{", LooksLike::Json),
            (b"[", LooksLike::Json),
        ];
        if head.is_empty() {
            return Self::Empty;
        }
        if head.get(4..8) == Some(b"ftyp") {
            return Self::Media;
        }
        if let Some((_, kind)) = MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
            return *kind;
        }
        if head
            .iter()
            .all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..))
        {
            return Self::Text;
        }
        Self::Unknown
    }

    /// A short key that the window puts into its own language.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Zip => "zip",
            Self::Pdf => "pdf",
            Self::Picture => "picture",
            Self::Media => "media",
            Self::OtherArchive => "other_archive",
            Self::Markup => "markup",
            Self::Json => "json",
            Self::ConnectionsCsv => "connections_csv",
            Self::Text => "text",
            Self::Program => "program",
            Self::Database => "database",
            Self::OtherCapture => "other_capture",
            Self::PackedOther => "packed_other",
            Self::BrokenHeader => "broken_header",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty",
            Self::Zip => "it looks like a ZIP archive; unpack it and open the .pcap or .pcapng file inside",
            Self::Pdf => "it looks like a PDF document",
            Self::Picture => "it looks like a picture",
            Self::Media => "it looks like audio or video",
            Self::OtherArchive => {
                "it looks like a packed archive of a kind that Telltale does not unpack; unpack it first"
            }
            Self::Markup => "it looks like a web page or XML",
            Self::Json => "it looks like JSON text",
            Self::ConnectionsCsv => "it looks like PCAPdroid's list of connections; save a PCAP file there instead",
            Self::Text => "it looks like text",
            Self::Program => "it looks like a program",
            Self::Database => "it looks like a database",
            Self::OtherCapture => "it is a capture of another format; save it as pcapng with Wireshark",
            Self::PackedOther => "it is packed, and what is inside is no capture",
            Self::BrokenHeader => "it begins like a capture, but its header is cut off or damaged",
            Self::Unknown => "it has the form of neither pcap nor pcapng",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::LooksLike;

    #[test]
    fn says_what_it_looks_like() {
        for (head, kind) in [
            (&b""[..], LooksLike::Empty),
            (b"PK\x03\x04\x14\0", LooksLike::Zip),
            (b"%PDF-1.7", LooksLike::Pdf),
            (b"\0\0\0\x20ftypisom", LooksLike::Media),
            (b"{\"a\":1}", LooksLike::Json),
            (b"IPProto,SrcIP,SrcPort", LooksLike::ConnectionsCsv),
            (b"hello, world\n", LooksLike::Text),
            (b"caf\xc3\xa9", LooksLike::Text),
            (b"\0\x01\x02", LooksLike::Unknown),
        ] {
            assert_eq!(LooksLike::guess(head), kind, "{head:?}");
        }
    }
}
