//! The HTTP interface over real sockets: who is let in, what is taken, what strangers try, and what others' clients get.

mod ask;
mod described;
mod events;
mod pandore;
mod results;
mod scandale;
mod strangers;
