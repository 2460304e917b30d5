//! THE WINDOW'S SHELL: translates between the engine and the web window, and nothing else.
//!
//! The only room that says `tauri`. Commands live in [`command`], what goes over the bridge in [`view`], what the window is told
//! unasked in [`live`]. Never here: SQL, packets, judging.
#![deny(unsafe_code)]

mod bridge;
mod command;
mod convert;
mod error;
mod live;
mod shell;
pub mod view;

pub use error::{CommandError, ErrorCode};

use bridge::bridge;
use shell::Shell;

/// Opens the window and stays until it is closed.
pub fn run() {
    // WebKitGTK's DMA-BUF renderer shows blank windows on some drivers and costs ten times the CPU without a GPU.
    #[cfg(target_os = "linux")]
    shell::prefer_plain_rendering();
    let bridge = bridge();
    let shell = tauri::async_runtime::block_on(Shell::open());
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(shell)
        .invoke_handler(bridge.invoke_handler())
        .build(tauri::generate_context!());
    match app {
        Ok(app) => app.run(shell::on_event),
        Err(e) => {
            eprintln!("telltale: the window cannot be opened: {e}");
            std::process::exit(1);
        }
    }
}

#[cfg(test)]
mod tests {
    /// Writes the bindings; the house rules then hold that what is committed is what comes out.
    #[test]
    fn bindings_are_written() {
        let to = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/ipc/bindings.ts");
        super::bridge()
            .export(specta_typescript::Typescript::default(), to)
            .unwrap();
    }
}
