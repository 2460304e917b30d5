//! The login: SCRAM (RFC 5802, 7677) and nothing else, so that no server ever gets the password; and the server's own proof is checked.

use super::account::{Checked, LinkError};
use super::dial::{Secured, Wire, next, open};
use futures_util::SinkExt;
use sasl::client::mechanisms::Scram;
use sasl::client::{Mechanism, MechanismError};
use sasl::common::scram::{Sha1, Sha256};
use sasl::common::{ChannelBinding, Credentials, parse_frame};
use telltale_core::model::MeshRefusal;
use tokio_xmpp::xmlstream::{Timeouts, XmppStream, XmppStreamElement};
use xmpp_parsers::sasl::{Auth, DefinedCondition, Failure, Mechanism as Name, Nonza, Response};
use xmpp_parsers::sasl_cb::Type;
use xmpp_parsers::stream_features::StreamFeatures;

/// Rounds of hashing that a server may ask for: half a second on a slow machine. More is an attack on our processor.
const MAX_ROUNDS: u32 = 1_000_000;
/// Rounds that it asks for at least (RFC 7677 section 4): with fewer, our proof would give a weak password away to who asks for them.
const MIN_ROUNDS: u32 = 4_096;
/// Challenges that a login may take; SCRAM has one.
const MAX_CHALLENGES: usize = 4;

/// Logs in; gives the stream that begins anew, without a resource yet.
pub(super) async fn log_in(
    account: &Checked,
    secured: Secured,
    timeouts: Timeouts,
) -> Result<(StreamFeatures, XmppStream<Wire>), LinkError> {
    let Secured {
        mut stream,
        features,
        exporter,
    } = secured;
    let (name, mut scram) = choose(account, &features, exporter)?;
    let scram_first = scram.initial();
    let auth = Auth {
        mechanism: name,
        data: scram_first.clone(),
    };
    say(&mut stream, Nonza::Auth(auth)).await?;
    for _ in 0..MAX_CHALLENGES {
        match next(&mut stream).await? {
            XmppStreamElement::Sasl(Nonza::Challenge(challenge)) => {
                sensible(&challenge.data, &scram_first)?;
                let data = scram.response(&challenge.data).map_err(|e| unproven(&e))?;
                say(&mut stream, Nonza::Response(Response { data })).await?;
            }
            XmppStreamElement::Sasl(Nonza::Success(success)) => {
                scram.success(&success.data).map_err(|e| unproven(&e))?;
                let mut wire = stream.into_inner();
                wire.restart();
                return open(account, wire, timeouts).await;
            }
            XmppStreamElement::Sasl(Nonza::Failure(failure)) => return Err(failed(&failure)),
            _ => break,
        }
    }
    Err(LinkError::Broken("the server does not log in as it should".to_owned()))
}

/// The strongest way that both sides know. With a binding to the connection only where the server says which it knows (XEP-0440): many
/// offer `-PLUS` for a binding that TLS 1.3 does not have.
fn choose(
    account: &Checked,
    features: &StreamFeatures,
    exporter: Option<Vec<u8>>,
) -> Result<(Name, Box<dyn Mechanism + Send + Sync>), LinkError> {
    let offers = |name: &str| features.sasl_mechanisms.contains(name);
    let knows_exporter = features
        .sasl_cb
        .as_ref()
        .is_some_and(|cb| cb.types.contains(&Type::TlsExporter));
    let plus = offers("SCRAM-SHA-256-PLUS") || offers("SCRAM-SHA-1-PLUS");
    let binding = match exporter {
        Some(exporter) if plus && knows_exporter => ChannelBinding::TlsExporter(exporter),
        _ => ChannelBinding::None,
    };
    let bound = matches!(binding, ChannelBinding::TlsExporter(_));
    // A comma or an equals sign in a name would end it (RFC 5802 section 5.1).
    let name = account.jid.node().map(ToString::to_string).unwrap_or_default();
    let credentials = Credentials::default()
        .with_username(name.replace('=', "=3D").replace(',', "=2C"))
        .with_password(account.password.clone())
        .with_channel_binding(binding);
    let sha256 = || Scram::<Sha256>::from_credentials(credentials.clone());
    let sha1 = || Scram::<Sha1>::from_credentials(credentials.clone());
    let unable = |e: MechanismError| LinkError::broke("the login cannot be made", e);
    let boxed: (Name, Box<dyn Mechanism + Send + Sync>) = match bound {
        true if offers("SCRAM-SHA-256-PLUS") => (Name::ScramSha256Plus, Box::new(sha256().map_err(unable)?)),
        true => (Name::ScramSha1Plus, Box::new(sha1().map_err(unable)?)),
        false if offers("SCRAM-SHA-256") => (Name::ScramSha256, Box::new(sha256().map_err(unable)?)),
        false if offers("SCRAM-SHA-1") => (Name::ScramSha1, Box::new(sha1().map_err(unable)?)),
        false => return Err(no_safe_login(features)),
    };
    Ok(boxed)
}

fn no_safe_login(features: &StreamFeatures) -> LinkError {
    let offered: Vec<&str> = features.sasl_mechanisms.iter().map(String::as_str).take(8).collect();
    let offered = if offered.is_empty() {
        "no login at all".to_owned()
    } else {
        offered.join(", ")
    };
    LinkError::refused(
        MeshRefusal::NoSafeLogin,
        format!("the server offers no login that keeps the password secret (SCRAM), but {offered}"),
    )
}

/// Refuses a challenge that would keep the processor busy for long, or that answers somebody else's `first` message: its nonce must go
/// on where ours ends (RFC 5802 section 5.1).
fn sensible(challenge: &[u8], first: &[u8]) -> Result<(), LinkError> {
    let wrong = || LinkError::Broken("the server's challenge makes no sense".to_owned());
    let frame = parse_frame(challenge).map_err(|_| wrong())?;
    let ours = parse_frame(first)
        .ok()
        .and_then(|mut f| f.remove("r"))
        .ok_or_else(wrong)?;
    let theirs = frame.get("r").ok_or_else(wrong)?;
    if theirs.len() <= ours.len() || !theirs.starts_with(&ours) {
        return Err(wrong());
    }
    let rounds: u32 = frame.get("i").and_then(|i| i.parse().ok()).ok_or_else(wrong)?;
    if rounds < MIN_ROUNDS {
        return Err(LinkError::refused(
            MeshRefusal::NoSafeLogin,
            format!(
                "the server wants the password protected by {rounds} rounds of hashing only; {MIN_ROUNDS} are the least"
            ),
        ));
    }
    if rounds > MAX_ROUNDS {
        return Err(wrong());
    }
    Ok(())
}

/// The server did not prove that it knows the password, or cannot be followed.
fn unproven(error: &MechanismError) -> LinkError {
    match error {
        MechanismError::InvalidSignatureInSuccessResponse
        | MechanismError::NoSignatureInSuccessResponse
        | MechanismError::CannotDecodeSuccessResponse
        | MechanismError::InvalidState => LinkError::refused(
            MeshRefusal::NoSafeLogin,
            "the server let us in without proving that it knows the password",
        ),
        other => LinkError::broke("the server's challenge makes no sense", other),
    }
}

fn failed(failure: &Failure) -> LinkError {
    match failure.defined_condition {
        DefinedCondition::NotAuthorized | DefinedCondition::InvalidAuthzid => {
            LinkError::refused(MeshRefusal::Credentials, "the name or the password is wrong")
        }
        DefinedCondition::AccountDisabled => {
            LinkError::refused(MeshRefusal::Credentials, "the server has switched this account off")
        }
        DefinedCondition::CredentialsExpired => {
            LinkError::refused(MeshRefusal::Credentials, "the password has expired")
        }
        DefinedCondition::InvalidMechanism | DefinedCondition::MechanismTooWeak => LinkError::refused(
            MeshRefusal::NoSafeLogin,
            "the server refuses the login that keeps the password secret (SCRAM)",
        ),
        ref other => LinkError::Broken(format!("the server did not let us in just now ({other:?})")),
    }
}

async fn say(stream: &mut XmppStream<Wire>, nonza: Nonza) -> Result<(), LinkError> {
    stream
        .send(&XmppStreamElement::Sasl(nonza))
        .await
        .map_err(|e| LinkError::broke("the connection broke", e))
}
