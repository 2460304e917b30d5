//! Makes an account where the server lets the app do it (XEP-0077): a name and a password, nothing else.

use super::account::{Account, Checked, LinkError};
use super::dial::{Wire, dial, next};
use super::guarded::Overheard;
use super::xmpp::SETUP;
use futures_util::SinkExt;
use tokio::time::timeout;
use tokio_xmpp::xmlstream::{Timeouts, XmppStream, XmppStreamElement};
use xmpp_parsers::ibr::{FieldsQuery, LegacyQuery};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

/// Stanzas that may pass before the answer.
const MAX_OTHERS: usize = 16;

/// Makes the account on its server, over the same checked encryption as a link.
///
/// The password goes to the server here, which has to know it once. Fails with [`LinkError::NameTaken`],
/// [`LinkError::NoRegistration`] where the server does not offer it or wants more than a name and a password, and otherwise like a link.
pub async fn register(account: &Account) -> Result<(), LinkError> {
    let account = Checked::try_from(account.clone())?;
    if account.password.is_empty() {
        return Err(LinkError::Invalid("an account needs a password".to_owned()));
    }
    match timeout(SETUP, registered(&account)).await {
        Ok(done) => done,
        Err(_) => Err(LinkError::Broken("the server took too long to answer".to_owned())),
    }
}

async fn registered(account: &Checked) -> Result<(), LinkError> {
    let mut stream = dial(account, &Overheard::new(), Timeouts::tight()).await?.stream;
    let name = account.jid.node().map(ToString::to_string).unwrap_or_default();
    let fields = ask(&mut stream, Iq::from_get("fields", FieldsQuery))
        .await
        .map_err(|e| refused(&e, &name))?;
    wants_name_and_password(fields)?;
    let account = LegacyQuery {
        username: Some(name.clone()),
        password: Some(account.password.clone()),
        ..LegacyQuery::default()
    };
    ask(&mut stream, Iq::from_set("register", account))
        .await
        .map_err(|e| refused(&e, &name))?;
    // The account stands; how the server takes the goodbye changes nothing.
    let _ = SinkExt::<&XmppStreamElement>::close(&mut stream).await;
    Ok(())
}

/// What the server answered instead of a result.
enum Answer {
    Link(LinkError),
    Stanza(Box<StanzaError>),
}

async fn ask(stream: &mut XmppStream<Wire>, question: Iq) -> Result<Option<Element>, Answer> {
    let id = question.id().to_owned();
    stream
        .send(&XmppStreamElement::Stanza(Stanza::Iq(question)))
        .await
        .map_err(|e| Answer::Link(LinkError::broke("the connection broke", e)))?;
    for _ in 0..MAX_OTHERS {
        match next(stream).await.map_err(Answer::Link)? {
            XmppStreamElement::Stanza(Stanza::Iq(Iq::Result { id: of, payload, .. })) if of == id => {
                return Ok(payload);
            }
            XmppStreamElement::Stanza(Stanza::Iq(Iq::Error { id: of, error, .. })) if of == id => {
                return Err(Answer::Stanza(Box::new(error)));
            }
            _ => {}
        }
    }
    Err(Answer::Link(LinkError::Broken("the server does not answer".to_owned())))
}

/// Refuses where the server wants what the app cannot give: a mail address, a captcha.
fn wants_name_and_password(fields: Option<Element>) -> Result<(), LinkError> {
    let Some(fields) = fields else {
        return Err(LinkError::NoRegistration("it does not say what it needs".to_owned()));
    };
    // A form (XEP-0004) beside the two plain fields is only another way to fill them in.
    let plain: Vec<&str> = fields.children().map(Element::name).collect();
    if !(plain.contains(&"username") && plain.contains(&"password")) {
        return Err(LinkError::NoRegistration(
            "it wants to be visited in a browser first".to_owned(),
        ));
    }
    let more = plain
        .iter()
        .find(|name| matches!(**name, "email" | "key" | "phone" | "date" | "misc"));
    match more {
        Some(name) => Err(LinkError::NoRegistration(format!("it also wants `{name}`"))),
        None => Ok(()),
    }
}

fn refused(answer: &Answer, name: &str) -> LinkError {
    let error = match answer {
        Answer::Link(e) => return e.clone(),
        Answer::Stanza(error) => error,
    };
    let words = error.texts.values().next().cloned();
    match error.defined_condition {
        DefinedCondition::Conflict => LinkError::NameTaken(name.to_owned()),
        DefinedCondition::NotAllowed
        | DefinedCondition::Forbidden
        | DefinedCondition::ServiceUnavailable
        | DefinedCondition::FeatureNotImplemented
        | DefinedCondition::NotAuthorized => {
            LinkError::NoRegistration(words.unwrap_or_else(|| "registration is closed".to_owned()))
        }
        DefinedCondition::NotAcceptable | DefinedCondition::JidMalformed | DefinedCondition::BadRequest => {
            LinkError::NoRegistration(
                words.unwrap_or_else(|| "it takes neither this name nor this password".to_owned()),
            )
        }
        // Servers slow down who registers often (XEP-0077 section 3.1.1).
        ref other => LinkError::NoRegistration(words.unwrap_or_else(|| format!("{other:?}"))),
    }
}
