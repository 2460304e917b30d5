//! Tells tauri about the window's pages and checks what they may do.
fn main() {
    tauri_build::build();
}
