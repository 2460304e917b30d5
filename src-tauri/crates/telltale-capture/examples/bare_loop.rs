//! The bare libpcap read loop that `npm run bench` compares with: reads a file to its end and does nothing with it.
//!
//! Never here: anything that a packet's content decides.

use std::process::ExitCode;

#[allow(clippy::print_stderr, clippy::print_stdout, reason = "a program of the terminal")]
fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: bare_loop FILE");
        return ExitCode::from(2);
    };
    let mut capture = match pcap::Capture::from_file(path) {
        Ok(capture) => capture,
        Err(error) => {
            eprintln!("bare_loop: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut packets, mut bytes) = (0_u64, 0_u64);
    while let Ok(packet) = capture.next_packet() {
        packets += 1;
        bytes += u64::from(packet.header.len);
    }
    println!("{packets} packets, {bytes} bytes");
    ExitCode::SUCCESS
}
