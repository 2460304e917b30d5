//! What the window's commands share: the engine, and the file named on the command line.

use crate::CommandError;
use std::path::PathBuf;
use std::sync::Mutex;
use tauri::{AppHandle, Manager, RunEvent};
use telltale_engine::Engine;

/// State that tauri keeps for the commands.
pub(crate) struct Shell {
    engine: Result<Engine, CommandError>,
    /// Taken once, by the window's first question.
    named_file: Mutex<Option<PathBuf>>,
}

impl Shell {
    /// Opens the engine on the user's data folder. A folder or store that cannot be opened does not keep the window from opening:
    /// every command then says why.
    pub(crate) async fn open() -> Self {
        let folder = std::env::var_os("TELLTALE_DATA_DIR")
            .map(PathBuf::from)
            .or_else(|| dirs::data_dir().map(|d| d.join("telltale")))
            .unwrap_or_else(|| PathBuf::from("telltale-data"));
        let engine = Engine::open(&folder).await.map_err(CommandError::from);
        if let Ok(engine) = &engine {
            engine.begin();
        }
        let named_file = std::env::args_os().nth(1).filter(|a| !a.is_empty()).map(PathBuf::from);
        Self {
            engine,
            named_file: Mutex::new(named_file),
        }
    }

    /// The engine, or why there is none.
    pub(crate) fn engine(&self) -> Result<&Engine, CommandError> {
        self.engine.as_ref().map_err(Clone::clone)
    }

    /// The file named on the command line, the first time that it is asked for.
    pub(crate) fn take_named_file(&self) -> Option<PathBuf> {
        self.named_file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    }
}

/// Ends what runs before the program ends, so that audits keep what was read.
#[allow(clippy::needless_pass_by_value, reason = "the form that tauri calls")]
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    if matches!(event, RunEvent::Exit)
        && let Ok(engine) = app.state::<Shell>().engine()
    {
        tauri::async_runtime::block_on(engine.close());
    }
}

/// Tells `WebKitGTK` to leave DMA-BUF alone, unless the user chose.
#[cfg(target_os = "linux")]
pub(crate) fn prefer_plain_rendering() {
    const KEY: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(KEY).is_none() {
        set_variable(KEY, "1");
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "GTK reads its environment, and has no other way to be told")]
fn set_variable(key: &str, value: &str) {
    // SAFETY: called first thing in `run`, before any other thread exists.
    unsafe { std::env::set_var(key, value) }
}
