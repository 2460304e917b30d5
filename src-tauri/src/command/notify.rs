//! Notifications of the system's desktop, in the window's words; the window sends them only where the user switched them on.

use crate::CommandError;
use notify_rust::Notification;

/// Characters of a heading, and of a text, at most: names in them are chosen by strangers.
const MAX_TITLE: usize = 120;
const MAX_BODY: usize = 400;

/// Shows a notification.
#[tauri::command]
#[specta::specta]
pub(crate) async fn notify(title: String, body: String) -> Result<(), CommandError> {
    let shown = Notification::new()
        .appname("Telltale")
        .icon("telltale")
        .summary(&cut(&title, MAX_TITLE))
        .body(&plain(&cut(&body, MAX_BODY)))
        .show_async()
        .await;
    // A desktop without notifications is no error of the audit; the window shows the same notice.
    shown
        .map(drop)
        .map_err(|e| CommandError::invalid(format!("the desktop shows no notifications: {e}")))
}

/// The first characters, without control characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// Notification bodies may hold markup (Desktop Notifications Specification 1.2, section 4); names of strangers must not.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_markup_and_has_an_end() {
        assert_eq!(plain("<b>a&b</b>"), "&lt;b&gt;a&amp;b&lt;/b&gt;");
        assert_eq!(cut("a\u{7}bc", 2), "ab");
    }
}
