//! The words for the apps of a phone's own report, in both languages.

use super::Counted;
use crate::Language;
use telltale_core::model::AccessCategory;

/// All of them. `{}` stands for what the page puts there.
pub(crate) struct AppTexts {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) read: &'static str,
    pub(crate) unread: &'static str,
    pub(crate) domains: &'static str,
    pub(crate) used: &'static str,
    pub(crate) times: Counted,
    pub(crate) shared: &'static str,
    pub(crate) access: fn(AccessCategory) -> &'static str,
}

const EN: AppTexts = AppTexts {
    title: "Apps named by the phone’s own report",
    lead: "The phone says which app contacted which name, and between which times (Apple’s App Privacy Report). Here are the servers \
           of this audit that have exactly that name in that time; the clocks may differ by two minutes. That is inferred, not seen \
           in the traffic.",
    read: "The report names {} apps; {} of its {} lines could not be read or understood.",
    unread: "Data of a server that several of these apps contacted is counted for none of them: nobody can tell whose it was.",
    domains: "Domains named",
    used: "Used of the phone",
    times: ["time", "times"],
    shared: "at least",
    access: access_en,
};

const FR: AppTexts = AppTexts {
    title: "Applications nommées par le rapport du téléphone",
    lead: "Le téléphone dit quelle application a contacté quel nom, et entre quelles heures (le rapport de confidentialité d’Apple). \
           Voici les serveurs de cet audit qui portent exactement ce nom à ces heures ; les horloges peuvent différer de deux \
           minutes. C’est déduit, non vu dans le trafic.",
    read: "Le rapport nomme {} applications ; {} de ses {} lignes n’ont pas pu être lues ou comprises.",
    unread: "Les données d’un serveur que plusieurs de ces applications ont contacté ne sont comptées pour aucune : nul ne peut dire à \
             qui elles étaient.",
    domains: "Domaines nommés",
    used: "Utilisé du téléphone",
    times: ["fois", "fois"],
    shared: "au moins",
    access: access_fr,
};

const fn access_en(category: AccessCategory) -> &'static str {
    match category {
        AccessCategory::Camera => "camera",
        AccessCategory::Contacts => "contacts",
        AccessCategory::Location => "location",
        AccessCategory::MediaLibrary => "music and videos",
        AccessCategory::Microphone => "microphone",
        AccessCategory::Photos => "photos",
        AccessCategory::ScreenRecording => "screen recording",
        AccessCategory::Other => "something else",
    }
}

const fn access_fr(category: AccessCategory) -> &'static str {
    match category {
        AccessCategory::Camera => "appareil photo",
        AccessCategory::Contacts => "contacts",
        AccessCategory::Location => "position",
        AccessCategory::MediaLibrary => "musique et vidéos",
        AccessCategory::Microphone => "micro",
        AccessCategory::Photos => "photos",
        AccessCategory::ScreenRecording => "enregistrement de l’écran",
        AccessCategory::Other => "autre chose",
    }
}

impl Language {
    pub(crate) const fn app_texts(self) -> &'static AppTexts {
        match self {
            Self::En => &EN,
            Self::Fr => &FR,
        }
    }
}
