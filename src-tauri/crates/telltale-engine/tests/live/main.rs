//! Live audits on a cable between two namespaces, with the real capture program; needs root, `ip` and `tcpreplay`.
#![allow(missing_docs)]

mod cable;
mod go_on;
mod trouble;
mod watch;
