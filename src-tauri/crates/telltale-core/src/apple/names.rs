//! What people call well-known apps: the report has only their bundle identifiers.
//!
//! Written by hand; only identifiers that their makers publish (links of the App Store, Apple's own list for administrators). A
//! missing one is shown by its identifier.

/// Identifier and name, by identifier (ASCII order).
const KNOWN: &[(&str, &str)] = &[
    ("ch.protonmail.protonmail", "Proton Mail"),
    ("com.amazon.Amazon", "Amazon"),
    ("com.apple.AppStore", "App Store"),
    ("com.apple.Health", "Health"),
    ("com.apple.Home", "Home"),
    ("com.apple.Maps", "Maps"),
    ("com.apple.MobileAddressBook", "Contacts"),
    ("com.apple.MobileSMS", "Messages"),
    ("com.apple.Music", "Music"),
    ("com.apple.Passbook", "Wallet"),
    ("com.apple.Preferences", "Settings"),
    ("com.apple.VoiceMemos", "Voice Memos"),
    ("com.apple.camera", "Camera"),
    ("com.apple.facetime", "FaceTime"),
    ("com.apple.findmy", "Find My"),
    ("com.apple.iBooks", "Books"),
    ("com.apple.mobilecal", "Calendar"),
    ("com.apple.mobilemail", "Mail"),
    ("com.apple.mobilenotes", "Notes"),
    ("com.apple.mobilephone", "Phone"),
    ("com.apple.mobilesafari", "Safari"),
    ("com.apple.mobileslideshow", "Photos"),
    ("com.apple.news", "News"),
    ("com.apple.podcasts", "Podcasts"),
    ("com.apple.reminders", "Reminders"),
    ("com.apple.shortcuts", "Shortcuts"),
    ("com.apple.stocks", "Stocks"),
    ("com.apple.tv", "TV"),
    ("com.apple.weather", "Weather"),
    ("com.atebits.Tweetie2", "X"),
    ("com.burbn.instagram", "Instagram"),
    ("com.facebook.Facebook", "Facebook"),
    ("com.facebook.Messenger", "Messenger"),
    ("com.google.Gmail", "Gmail"),
    ("com.google.GoogleMobile", "Google"),
    ("com.google.Maps", "Google Maps"),
    ("com.google.chrome.ios", "Chrome"),
    ("com.google.ios.youtube", "YouTube"),
    ("com.hammerandchisel.discord", "Discord"),
    ("com.linkedin.LinkedIn", "LinkedIn"),
    ("com.microsoft.Office.Outlook", "Outlook"),
    ("com.netflix.Netflix", "Netflix"),
    ("com.reddit.Reddit", "Reddit"),
    ("com.spotify.client", "Spotify"),
    ("com.toyopagroup.picaboo", "Snapchat"),
    ("com.ubercab.UberClient", "Uber"),
    ("com.zhiliaoapp.musically", "TikTok"),
    ("net.whatsapp.WhatsApp", "WhatsApp"),
    ("org.mozilla.ios.Firefox", "Firefox"),
    ("org.whispersystems.signal", "Signal"),
    ("org.wikimedia.wikipedia", "Wikipedia"),
    ("ph.telegra.Telegraph", "Telegram"),
    ("pinterest", "Pinterest"),
    ("us.zoom.videomeetings", "Zoom"),
];

/// The name of a well-known app.
pub fn known_name(bundle: &str) -> Option<&'static str> {
    let at = KNOWN.binary_search_by(|(known, _)| (*known).cmp(bundle)).ok()?;
    KNOWN.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, known_name};

    #[test]
    fn the_table_is_in_order() {
        assert!(KNOWN.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(known_name("com.apple.mobilesafari"), Some("Safari"));
        assert_eq!(known_name("com.apple.mobilesafar"), None);
    }
}
