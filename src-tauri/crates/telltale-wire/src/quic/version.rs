//! Version numbers and what hangs on them: salts, key labels, packet type bits.

/// A QUIC version as on the wire. A newtype: files hold any number, and clients send senseless ones on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub u32);

impl Version {
    /// Zero marks a version negotiation packet.
    pub const NEGOTIATION: Self = Self(0);
    /// RFC 9000.
    pub const V1: Self = Self(1);
    /// RFC 9369.
    pub const V2: Self = Self(0x6b33_43cf);
    /// Google's, with its own handshake (`CHLO`) in CRYPTO frames.
    pub const Q050: Self = Self(u32::from_be_bytes(*b"Q050"));
    /// Google's, with TLS.
    pub const T050: Self = Self(u32::from_be_bytes(*b"T050"));
    /// Google's, with TLS.
    pub const T051: Self = Self(u32::from_be_bytes(*b"T051"));

    /// The IETF draft's number, when it is one.
    pub const fn draft(self) -> Option<u8> {
        match self.0.to_be_bytes() {
            [0xff, 0, 0, draft] => Some(draft),
            _ => None,
        }
    }

    /// A number that nobody speaks, sent to provoke a version negotiation or to keep the field alive (RFC 9000 section
    /// 15).
    pub const fn is_grease(self) -> bool {
        self.0 & 0x0f0f_0f0f == 0x0a0a_0a0a
    }

    /// Facebook's numbers (mvfst), 0xfaceb000 to 0xfaceb0ff.
    pub const fn is_mvfst(self) -> bool {
        self.0 >> 8 == 0x00fa_ceb0
    }

    /// Google's frames inside (Q050, T050, T051), which share the packet form but not the frame types.
    pub const fn has_google_frames(self) -> bool {
        matches!(self, Self::Q050 | Self::T050 | Self::T051)
    }

    /// True when the packet form and the keys of Initial packets are known, or worth trying (a greased version).
    pub fn is_readable(self) -> bool {
        !self.salts().is_empty()
    }

    /// Type bits and key labels of RFC 9369 instead of RFC 9001's.
    pub(super) const fn is_v2(self) -> bool {
        matches!(self, Self::V2 | Self::V2_DRAFT)
    }

    /// Version number of RFC 9369's drafts.
    const V2_DRAFT: Self = Self(0x709a_50c4);

    /// The salts that Initial keys of this version may come from, likeliest first. Several only where implementations
    /// of one number differ or where the number says nothing; authentication then tells the right one.
    pub(super) const fn salts(self) -> &'static [Salt] {
        match self.0 {
            0x0000_0001 | 0xff00_0021..=0xff00_0022 => &[V1],
            0x6b33_43cf => &[V2],
            0x709a_50c4 => &[V2_DRAFT],
            0xff00_001d..=0xff00_0020 => &[DRAFT_29],
            0xff00_0017..=0xff00_001c => &[DRAFT_23],
            0xff00_0016 => &[DRAFT_22],
            0xface_b001 => &[DRAFT_22, DRAFT_23],
            0xface_b000..=0xface_b0ff => &[DRAFT_23, DRAFT_29, V1, DRAFT_22],
            0x5130_3530 => &[Q050],
            0x5430_3530 => &[T050],
            0x5430_3531 => &[T051],
            _ if self.is_grease() => &[DRAFT_29, V1, V2],
            _ => &[],
        }
    }
}

/// A salt of HKDF-Extract (RFC 9001 section 5.2).
pub(super) type Salt = [u8; 20];

/// RFC 9001 section 5.2; drafts 33 and 34 have it too.
const V1: Salt = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];
/// RFC 9369 section 3.3.1.
const V2: Salt = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e,
    0xd9,
];
/// draft-ietf-quic-v2-01 to -04.
const V2_DRAFT: Salt = [
    0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5,
    0xd3,
];
/// draft-ietf-quic-tls-29 to -32.
const DRAFT_29: Salt = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8,
    0x99,
];
/// draft-ietf-quic-tls-23 to -28.
const DRAFT_23: Salt = [
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5,
    0x02,
];
/// draft-ietf-quic-tls-22.
const DRAFT_22: Salt = [
    0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64,
    0x4a,
];
/// Google's, as its open-source stack writes them.
const Q050: Salt = [
    0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b,
    0x45,
];
const T050: Salt = [
    0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83,
    0x10,
];
const T051: Salt = [
    0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03,
    0x3d,
];
