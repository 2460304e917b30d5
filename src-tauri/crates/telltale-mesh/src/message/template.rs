//! Which messages reach a mailbox: SPADE's template. Each value that is set must be equal; an empty template matches all.

use super::Received;

/// What a message must say. Keys as SPADE calls them: `performative`, `ontology`, `language` of the metadata, `sender` and `thread`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<(String, String)>);

impl Template {
    /// From names and values.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Its names and values.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Whether a message says all of it. A name that no message has matches none.
    pub fn matches(&self, message: &Received) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let said = match name.as_str() {
                "performative" => &message.performative,
                "ontology" => &message.ontology,
                "language" => &message.language,
                "thread" => &message.thread,
                "sender" => &message.from,
                _ => return false,
            };
            said == wanted
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::Timestamp;

    #[test]
    fn each_value_that_is_set_must_be_equal() {
        let message = Received {
            from: "spade1@localhost".to_owned(),
            resource: None,
            at: Timestamp(0),
            id: "1".to_owned(),
            performative: "inform".to_owned(),
            ontology: "telltale".to_owned(),
            language: "json".to_owned(),
            thread: "th-42".to_owned(),
            body: serde_json::Value::Null,
            enveloped: false,
        };
        let template = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            Template::new(pairs.collect())
        };
        assert!(Template::default().matches(&message));
        assert!(template(&[("performative", "inform"), ("ontology", "telltale")]).matches(&message));
        assert!(
            template(&[
                ("sender", "spade1@localhost"),
                ("thread", "th-42"),
                ("language", "json")
            ])
            .matches(&message)
        );
        assert!(!template(&[("performative", "inform"), ("ontology", "other")]).matches(&message));
        assert!(!template(&[("performative", "Inform")]).matches(&message));
        assert!(!template(&[("colour", "blue")]).matches(&message));
        assert_eq!(template(&[("sender", "x")]).pairs().len(), 1);
    }
}
