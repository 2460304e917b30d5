//! Capture files (and, later, devices) -> packets. Knows records and blocks, never what is inside a packet.
