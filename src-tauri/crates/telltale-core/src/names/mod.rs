//! Names: made safe to show, held once, and bound to addresses by the device's own DNS answers.
//!
//! Called by [`crate::audit`] alone. Never here: whose a name is, streams, the choice of a flow's owner.

mod answers;
mod book;
mod clean;
mod interner;

pub(crate) use answers::{AnswerRow, Answers, Reader};
pub(crate) use book::DnsBook;
pub(crate) use clean::{clean_host, clean_label, clean_name, without_port};
pub(crate) use interner::{NameId, Names};
