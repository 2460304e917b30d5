//! The loop: packets of the ring -> pcapng on stdout, statistics once a second, until it is to stop.
//!
//! One thread waits for the device, for stdin and for stdout at once. Never here: a look into a packet.

use crate::End;
use crate::arguments::Request;
use crate::open::{Device, HOLD, failed, said};
use pcap::{Error, Packet};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind};
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use telltale_capture::{Ending, InterfaceBlock, PcapngWriter, Section};

/// Octets gathered for one write; as many as the pipe takes when enlarged.
const BUFFER: usize = 1 << 20;
/// While packets come without a pause, how often the clock, stdin and stdout are looked at.
const LOOK: u32 = 256;
/// The longest that a packet waits in the buffer while others come.
const FLUSH: Duration = Duration::from_millis(20);
/// Between two statistics.
const STATISTICS: Duration = Duration::from_secs(1);
/// At the end, the ring is empty once nothing was there so many times, half of `HOLD` apart: the kernel holds nothing back for longer
/// than two of them. Counted, not timed: a busy machine may not let this program run for a while.
const EMPTY: u32 = 12;
/// More packets than the ring has room for, at its least of 64 octets and a header each.
const IN_RING: u64 = 1 << 20;

type Output = BufWriter<File>;

/// stdout, which must be a pipe or socket: this program never writes a file.
pub(crate) fn output() -> Result<Output, End> {
    let stdout = io::stdout();
    let kind = fstat(&stdout).map(|stat| FileType::from_raw_mode(stat.st_mode));
    if !matches!(kind, Ok(FileType::Fifo | FileType::Socket)) {
        return Err(End::new(
            Ending::Usage,
            "stdout is no pipe: telltale-capd writes no file",
        ));
    }
    // More room means fewer wake-ups of the reader; where the system does not permit it, less does.
    rustix::pipe::fcntl_setpipe_size(&stdout, BUFFER).ok();
    let copy = stdout
        .as_fd()
        .try_clone_to_owned()
        .map_err(|e| End::new(Ending::Failed, e.to_string()))?;
    Ok(BufWriter::with_capacity(BUFFER, File::from(copy)))
}

/// Counts since the beginning, which never go back: libpcap's have 32 bits and begin again.
#[derive(Default)]
struct Counts {
    last: [u32; 3],
    received: u64,
    by_system: u64,
    by_interface: u64,
}

struct Stream<'a> {
    device: &'a mut Device,
    writer: PcapngWriter<Output>,
    counts: Counts,
    written: u64,
    flushed: Instant,
    told: Instant,
}

/// What ends the loop: a reason of its own, or nobody reads any more.
enum Stop {
    End(End),
    Unread,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Self::Unread,
            _ => Self::End(End::new(Ending::Failed, format!("stdout cannot be written: {error}"))),
        }
    }
}

/// Writes packets until it is to stop, then the rest and the last statistics.
pub(crate) fn run(device: &mut Device, request: &Request, output: Output) -> Result<End, End> {
    let unread = || End::new(Ending::Stopped, "nobody reads any more");
    let begun = Stream::begin(device, request, output);
    let mut stream = match begun {
        Ok(stream) => stream,
        Err(Stop::Unread) => return Ok(unread()),
        Err(Stop::End(end)) => return Err(end),
    };
    let end = match stream.pass() {
        Stop::Unread => return Ok(unread()),
        Stop::End(end) => end,
    };
    match stream.finish() {
        Ok(()) => Ok(end),
        Err(Stop::Unread) => Ok(unread()),
        Err(Stop::End(later)) => Err(if end.0 == Ending::Stopped { later } else { end }),
    }
}

impl<'a> Stream<'a> {
    /// Section and interface go out at once: the caller learns by them that the capture runs.
    fn begin(device: &'a mut Device, request: &Request, output: Output) -> Result<Self, Stop> {
        let system = rustix::system::uname();
        let (os, release) = (system.sysname().to_string_lossy(), system.release().to_string_lossy());
        let section = Section {
            hardware: system.machine().to_string_lossy().into_owned(),
            os: format!("{os} {release}"),
            application: concat!("telltale-capd ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let mut writer = PcapngWriter::new(output, &section)?;
        writer.interface(&InterfaceBlock {
            link_type: device.link_type,
            snap_len: request.snap_len,
            name: Some(request.device.clone()),
            filter: request.filter.clone(),
            description: None,
        })?;
        writer.flush()?;
        let last = [device.before, 0, 0];
        let now = Instant::now();
        Ok(Self {
            device,
            writer,
            counts: Counts {
                last,
                ..Counts::default()
            },
            written: 0,
            flushed: now,
            told: now,
        })
    }

    fn pass(&mut self) -> Stop {
        loop {
            match self.turn() {
                Ok(()) => {}
                Err(stop) => return stop,
            }
        }
    }

    /// Everything that is in the ring, then waits for more.
    fn turn(&mut self) -> Result<(), Stop> {
        while self.take(LOOK)? == LOOK {
            if self.flushed.elapsed() >= FLUSH {
                self.flush()?;
                self.tell_in_time()?;
                self.wait(Duration::ZERO)?;
            }
        }
        self.flush()?;
        self.tell_in_time()?;
        self.wait(STATISTICS.saturating_sub(self.told.elapsed()))
    }

    /// Writes up to `most` packets that are there; how many there were.
    fn take(&mut self, most: u32) -> Result<u32, Stop> {
        for n in 0..most {
            match self.device.capture.next_packet() {
                Ok(packet) => {
                    write(&mut self.writer, &packet)?;
                    self.written += 1;
                }
                Err(Error::TimeoutExpired) => return Ok(n),
                Err(error) => return Err(Stop::End(self.lost(&error))),
            }
        }
        Ok(most)
    }

    /// What an error of libpcap means.
    fn lost(&self, error: &Error) -> End {
        let text = said(error);
        match self.device.gone() {
            Some(why) => End::new(Ending::DeviceGone, why),
            None if text.contains("disappeared") || text.contains("went down") => End::new(Ending::DeviceGone, text),
            None => failed(error),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushed = Instant::now();
        self.writer.flush()
    }

    /// Waits until there are packets, or for `most`; ends when stdin closed or stdout has no reader.
    fn wait(&self, most: Duration) -> Result<(), Stop> {
        let (stdin, output) = (io::stdin(), self.writer.get_ref().get_ref());
        let mut fds = [
            PollFd::new(&self.device.capture, PollFlags::IN),
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(output, PollFlags::empty()),
        ];
        let timeout = Timespec::try_from(most).ok();
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(e) => return Err(Stop::End(End::new(Ending::Failed, e.to_string()))),
        }
        let [device, stdin, output] = fds.map(|fd| fd.revents());
        if !output.is_empty() {
            return Err(Stop::Unread);
        }
        // What is said on stdin means nothing; that it ends means stop.
        if !stdin.is_empty()
            && !matches!(
                rustix::io::read(io::stdin(), &mut [0_u8; 512]),
                Ok(1..) | Err(Errno::INTR)
            )
        {
            return Err(Stop::End(End::new(Ending::Stopped, "it was asked to stop")));
        }
        if device.contains(PollFlags::ERR)
            && let Some(why) = self.device.gone()
        {
            return Err(Stop::End(End::new(Ending::DeviceGone, why)));
        }
        Ok(())
    }

    /// Once a second: statistics, and whether the device is still there.
    fn tell_in_time(&mut self) -> Result<(), Stop> {
        if self.told.elapsed() < STATISTICS {
            return Ok(());
        }
        self.told = Instant::now();
        self.count()?;
        self.tell()?;
        self.device
            .gone()
            .map_or(Ok(()), |why| Err(Stop::End(End::new(Ending::DeviceGone, why))))
    }

    /// Takes over the kernel's counts.
    fn count(&mut self) -> Result<(), Stop> {
        let now = self.device.capture.stats();
        let now = now.map_err(|e| Stop::End(self.lost(&e)))?;
        let now = [now.received, now.dropped, now.if_dropped];
        let [received, by_system, by_interface] = [0, 1, 2].map(|n| now[n].wrapping_sub(self.counts.last[n]));
        self.counts.last = now;
        self.counts.received += u64::from(received);
        self.counts.by_system += u64::from(by_system);
        // The count of a device that went is 0 again: no growth.
        if by_interface < u32::MAX / 2 {
            self.counts.by_interface += u64::from(by_interface);
        }
        Ok(())
    }

    fn tell(&mut self) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ns = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
        let Counts {
            received,
            by_system,
            by_interface,
            ..
        } = self.counts;
        self.writer.drops(0, at_ns, received, by_system, by_interface)?;
        self.flush()
    }

    /// Writes every packet that the kernel has counted by now, and the count: what was received is then what was written and what was
    /// lost, to the packet.
    fn finish(&mut self) -> Result<(), Stop> {
        // Where the counts went with the device, those of the last second stand, and the ring is emptied all the same.
        let there = match self.count() {
            Ok(()) => self.counts.received.saturating_sub(self.counts.by_system),
            Err(_) => self.written + IN_RING,
        };
        let mut empty = 0;
        while self.written < there && empty < EMPTY {
            let most = u32::try_from(there - self.written).unwrap_or(LOOK).min(LOOK);
            match self.take(most) {
                // An error is the device's, which went; what it brought before may still be in the ring.
                Ok(0) | Err(Stop::End(_)) => {
                    empty += 1;
                    std::thread::sleep(HOLD / 2);
                }
                Ok(_) => empty = 0,
                Err(Stop::Unread) => return Err(Stop::Unread),
            }
        }
        Ok(self.tell()?)
    }
}

fn write(writer: &mut PcapngWriter<Output>, packet: &Packet<'_>) -> io::Result<()> {
    // With nanosecond precision, the second field holds nanoseconds.
    let at_ns = packet.header.ts.tv_sec.saturating_mul(1_000_000_000);
    let at_ns = at_ns.saturating_add(packet.header.ts.tv_usec);
    writer.packet(0, at_ns, packet.header.len, packet.data, None)
}
