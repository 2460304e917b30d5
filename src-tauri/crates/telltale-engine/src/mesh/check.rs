//! What an account, an address and a message of a person's may be. Pure.

use crate::EngineError;
use telltale_core::model::{DraftMessage, MeshAccount};

/// Addresses in each list of a policy at most.
const MAX_LISTED: usize = 1_000;
/// Octets of an address at most (RFC 7622).
const MAX_JID: usize = 3_071;
/// Letters of a word: a role, a duty.
const MAX_WORD: usize = 64;
/// Duties at most.
const MAX_DUTIES: usize = 32;
/// Letters of a name for people, an ontology, a conversation.
const MAX_TEXT: usize = 200;
/// What messages may do (FIPA SC00037J).
const PERFORMATIVES: [&str; 22] = [
    "accept-proposal",
    "agree",
    "cancel",
    "cfp",
    "confirm",
    "disconfirm",
    "failure",
    "inform",
    "inform-if",
    "inform-ref",
    "not-understood",
    "propagate",
    "propose",
    "proxy",
    "query-if",
    "query-ref",
    "refuse",
    "reject-proposal",
    "request",
    "request-when",
    "request-whenever",
    "subscribe",
];

fn wrong(what: impl Into<String>) -> EngineError {
    EngineError::InvalidInput(what.into())
}

/// An account, as it may be; its address apart, which the connection looks at.
pub(crate) fn account(account: &MeshAccount) -> Result<(), EngineError> {
    bare(&account.jid)?;
    if account.name.len() > MAX_TEXT {
        return Err(wrong(format!("a name has at most {MAX_TEXT} letters")));
    }
    word("a role", &account.role)?;
    if account.duties.len() > MAX_DUTIES {
        return Err(wrong(format!("an agent has at most {MAX_DUTIES} duties")));
    }
    account.duties.iter().try_for_each(|duty| word("a duty", duty))?;
    let policy = &account.policy;
    let lists = [&policy.allow, &policy.deny, &policy.may_see, &policy.may_control];
    if policy.roles.len() > MAX_LISTED || lists.iter().any(|list| list.len() > MAX_LISTED) {
        return Err(wrong(format!("a list has at most {MAX_LISTED} addresses")));
    }
    // A whole domain is written as an address, `*@domain`.
    lists.into_iter().flatten().try_for_each(|jid| bare(jid).map(drop))?;
    for (jid, role) in &policy.roles {
        bare(jid)?;
        word("a role", role)?;
    }
    Ok(())
}

/// A bare address in its usual form.
pub(super) fn bare(jid: &str) -> Result<String, EngineError> {
    let jid = jid.trim();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/\"'<>&".contains(c);
    let whole = jid.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !jid.contains(odd)
    });
    if !whole || jid.len() > MAX_JID {
        return Err(wrong(format!("`{jid}` is no address; it is written name@server")));
    }
    Ok(jid.to_lowercase())
}

fn word(what: &str, word: &str) -> Result<(), EngineError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if word.is_empty() || word.len() > MAX_WORD || !word.chars().all(plain) {
        return Err(wrong(format!(
            "{what} has 1 to {MAX_WORD} letters, digits, `-`, `_` and `.`: `{word}`"
        )));
    }
    Ok(())
}

/// A message that a person wrote; its body as JSON.
pub(super) fn draft(draft: &DraftMessage) -> Result<serde_json::Value, EngineError> {
    bare(&draft.to)?;
    if !PERFORMATIVES.contains(&draft.performative.as_str()) {
        return Err(wrong(format!("`{}` is no performative of FIPA", draft.performative)));
    }
    let plain = |text: &str| text.len() <= MAX_TEXT && !text.contains(char::is_control);
    if draft.ontology.is_empty() || !plain(&draft.ontology) {
        return Err(wrong(format!("an ontology has 1 to {MAX_TEXT} letters")));
    }
    if draft.thread.as_deref().is_some_and(|t| t.is_empty() || !plain(t)) {
        return Err(wrong(format!("a conversation has 1 to {MAX_TEXT} letters")));
    }
    serde_json::from_str(&draft.body).map_err(|e| wrong(format!("the body is no JSON: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::{MeshPolicy, MeshTls, MeshTrust};

    fn one() -> MeshAccount {
        MeshAccount {
            jid: "probe@localhost".to_owned(),
            server: None,
            tls: MeshTls::StartTls,
            trust: MeshTrust::System,
            role: "probe".to_owned(),
            duties: vec!["dns".to_owned()],
            name: "The one in the cellar".to_owned(),
            policy: MeshPolicy::default(),
        }
    }

    #[test]
    fn an_account_is_looked_at_before_it_is_used() {
        account(&one()).expect("as it may be");
        let changes: [fn(&mut MeshAccount); 10] = [
            |a| a.jid = "localhost".to_owned(),
            |a| a.jid = "a@b/c".to_owned(),
            |a| a.role = String::new(),
            |a| a.role = "two words".to_owned(),
            |a| a.duties = vec!["d".to_owned(); 40],
            |a| a.policy.allow = vec!["no address".to_owned()],
            |a| a.policy.may_see = vec!["localhost".to_owned()],
            |a| a.policy.may_control = vec!["x@localhost".to_owned(); 1_001],
            |a| a.policy.roles = vec![("spade@localhost".to_owned(), "<x>".to_owned())],
            |a| a.name = "x".repeat(300),
        ];
        for change in changes {
            let mut other = one();
            change(&mut other);
            assert!(account(&other).is_err(), "{other:?}");
        }
        let mut all = one();
        all.policy.allow = vec!["*@localhost".to_owned(), "corr@localhost".to_owned()];
        all.policy.may_see = all.policy.allow.clone();
        account(&all).expect("a whole domain may be named");
        assert_eq!(bare(" Probe@Localhost ").expect("an address"), "probe@localhost");
    }

    #[test]
    fn a_message_is_looked_at_before_it_is_sent() {
        let one = || DraftMessage {
            to: "corr@localhost".to_owned(),
            performative: "query-ref".to_owned(),
            ontology: "telltale.control/1".to_owned(),
            thread: None,
            body: "{\"do\":\"status\"}".to_owned(),
        };
        draft(&one()).expect("as it may be");
        let changes: [fn(&mut DraftMessage); 5] = [
            |d| d.to = "nobody".to_owned(),
            |d| d.performative = "shout".to_owned(),
            |d| d.ontology = String::new(),
            |d| d.thread = Some("a\nb".to_owned()),
            |d| d.body = "{".to_owned(),
        ];
        for change in changes {
            let mut other = one();
            change(&mut other);
            assert!(draft(&other).is_err(), "{other:?}");
        }
    }
}
