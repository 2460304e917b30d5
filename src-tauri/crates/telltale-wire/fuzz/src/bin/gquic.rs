//! Fuzzes `targets::gquic`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| telltale_wire_fuzz::targets::gquic(data));
