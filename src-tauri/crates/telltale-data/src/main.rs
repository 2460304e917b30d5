//! Build-time: pinned registry packages -> compact tables in src-tauri/data. Never shipped.
fn main() {}
