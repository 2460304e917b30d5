//! Fuzzes `targets::ja4`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| telltale_wire_fuzz::targets::ja4(data));
