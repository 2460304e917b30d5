//! Starts the window; everything is in the library, which tests use as well.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    telltale_lib::run();
}
