//! THE WINDOW'S SHELL: translates between the engine and the web window, and nothing else.
//!
//! The only room that says `tauri`. Commands live in [`command`], what goes over the bridge in [`view`], what the window is told
//! unasked in [`live`]. Never here: SQL, packets, judging.
#![deny(unsafe_code)]

mod command;
mod convert;
mod error;
mod live;
mod shell;
pub mod view;

pub use error::{CommandError, ErrorCode};

use shell::Shell;

/// The commands and their types, from which `ui/src/ipc/bindings.ts` is written (see the test below).
fn bridge() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::<tauri::Wry>::new()
        .commands(tauri_specta::collect_commands![
            command::audit::start_page,
            command::audit::open_from_command_line,
            command::audit::open_capture,
            command::audit::open_example,
            command::audit::audit,
            command::audit::cancel,
            command::audit::rename,
            command::audit::remove,
            command::audit::restore,
            command::audit::set_devices,
            command::audit::score,
            command::table::servers,
            command::table::server,
            command::table::flows,
            command::file::pick_capture,
            command::file::save_report,
            command::file::save_image,
            command::know::lookup,
            command::know::data_sets,
            command::know::settings,
            command::know::save_settings,
            command::live::devices,
            command::live::rights,
            command::live::grant_rights,
            command::live::check_filter,
            command::live::start_live,
            command::live::pause,
            command::live::resume,
            command::live::stop,
            command::hotspot::hotspot_check,
            command::hotspot::hotspot_start,
            command::hotspot::hotspot_stop,
            command::hotspot::hotspot,
            command::hotspot::joined,
            command::keep::keep,
            command::keep::save_recording,
            command::keep::remove_recording,
            command::apps::apps,
            command::apps::app,
            command::apps::import_app_report,
            command::apps::remove_app_report,
            command::notify::notify,
            command::probes::probes,
            command::probes::save_probe,
            command::probes::remove_probe,
            command::probes::restore_probe,
            command::probes::run_probe,
            command::probes::pause_probe,
            command::probes::kill_probe,
            command::probes::try_check,
            command::probes::probe_policy,
            command::probes::save_probe_policy,
            command::probes::results,
            command::probes::pick_probes,
            command::mesh::mesh,
            command::mesh::mesh_join,
            command::mesh::mesh_register,
            command::mesh::mesh_leave,
            command::mesh::mesh_forget,
            command::mesh::mesh_save_policy,
            command::mesh::mesh_invite,
            command::mesh::mesh_read_invitation,
            command::mesh::agents,
            command::mesh::subscribe,
            command::mesh::unsubscribe,
            command::mesh::answer_subscription,
            command::mesh::messages,
            command::mesh::send_message,
            command::mesh::topics,
            command::mesh::topic_items,
            command::mesh::follow_topic,
            command::incidents::rules,
            command::incidents::rule_revisions,
            command::incidents::save_rule,
            command::incidents::remove_rule,
            command::incidents::restore_rule,
            command::incidents::try_rule,
            command::incidents::incidents,
            command::incidents::incident,
            command::incidents::close_incident,
            command::doors::http,
            command::doors::save_http,
            command::doors::add_http_token,
            command::doors::remove_http_token,
            command::doors::outputs,
            command::doors::save_output,
            command::doors::remove_output,
            command::doors::try_output,
            live::follow,
        ])
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
}

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
