//! One conversation with `NetworkManager`: the connection to the bus, calls with a time limit, what its objects are now.
//!
//! Called by [`crate::check`] and [`crate::start`]. Everything that comes over the bus is taken as it may be: missing, of another type,
//! late. Names and numbers are those of `NetworkManager`'s D-Bus interface, 1.16 and newer.

use crate::HotspotError;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::timeout;
use zbus::export::serde::Serialize;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, DynamicType, Message, OwnedObjectPath, OwnedVariant, Variant, conn, fdo};

pub(crate) const NAME: &str = "org.freedesktop.NetworkManager";
pub(crate) const ROOT: &str = "/org/freedesktop/NetworkManager";
pub(crate) const DEVICE: &str = "org.freedesktop.NetworkManager.Device";
pub(crate) const WIRELESS: &str = "org.freedesktop.NetworkManager.Device.Wireless";
pub(crate) const ACTIVE: &str = "org.freedesktop.NetworkManager.Connection.Active";
pub(crate) const ACCESS_POINT: &str = "org.freedesktop.NetworkManager.AccessPoint";

/// A question that only reads is answered at once, or never.
const ANSWER: Duration = Duration::from_secs(10);

/// Properties of one interface of one object.
pub(crate) type Properties = BTreeMap<String, OwnedVariant>;
/// All objects: path, interface, properties.
pub(crate) type Objects = BTreeMap<String, BTreeMap<String, Properties>>;

/// Which bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The system's; `DBUS_SYSTEM_BUS_ADDRESS` says another.
    System,
    /// The one at this D-Bus address.
    At(String),
}

/// A connection to the bus on which `NetworkManager` runs.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    /// Its unique name: a restarted one is another.
    pub(crate) owner: OwnedUniqueName,
}

impl Session {
    pub(crate) async fn open(address: &Address) -> Result<Self, HotspotError> {
        let builder = match address {
            Address::System => conn::Builder::system(),
            Address::At(address) => conn::Builder::address(address.as_str()),
        };
        let opened = timeout(ANSWER, builder.build()).await;
        let Ok(Ok(connection)) = opened else {
            return Err(HotspotError::NoNetworkManager);
        };
        let bus = "org.freedesktop.DBus";
        let asked = connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "GetNameOwner", &NAME);
        let Ok(Ok(answer)) = timeout(ANSWER, asked).await else {
            return Err(HotspotError::NoNetworkManager);
        };
        let owner = answer.body().deserialize().map_err(|e| refused(&e))?;
        Ok(Self { connection, owner })
    }

    /// Calls a method that only reads.
    pub(crate) async fn ask<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, HotspotError>
    where
        B: Body,
    {
        self.call(ANSWER, path, interface, method, body).await
    }

    /// Calls a method that may take `limit`, because a person is asked.
    pub(crate) async fn call<B>(
        &self,
        limit: Duration,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, HotspotError>
    where
        B: Body,
    {
        let call = self
            .connection
            .call_method(Some(self.owner.as_str()), path, Some(interface), method, body);
        match timeout(limit, call).await {
            Ok(answer) => answer.map_err(|e| refused(&e)),
            Err(_) => Err(HotspotError::TimedOut),
        }
    }

    /// All objects as they are now, in one answer.
    pub(crate) async fn objects(&self) -> Result<Objects, HotspotError> {
        let interface = "org.freedesktop.DBus.ObjectManager";
        let answer = self
            .ask("/org/freedesktop", interface, "GetManagedObjects", &())
            .await?;
        let body = answer.body();
        let objects: HashMap<OwnedObjectPath, BTreeMap<String, Properties>> =
            body.deserialize().map_err(|e| refused(&e))?;
        Ok(objects.into_iter().map(|(path, all)| (path.to_string(), all)).collect())
    }

    /// One property; `None` when it is missing or of another type.
    pub(crate) async fn property<T>(&self, path: &str, interface: &str, name: &str) -> Option<T>
    where
        T: TryFrom<OwnedVariant>,
    {
        let answer = self
            .ask(path, "org.freedesktop.DBus.Properties", "Get", &(interface, name))
            .await
            .ok()?;
        let value: OwnedVariant = answer.body().deserialize().ok()?;
        T::try_from(value).ok()
    }
}

/// Whatever can be the body of a call.
pub(crate) trait Body: Serialize + DynamicType + Sync {}
impl<T: Serialize + DynamicType + Sync> Body for T {}

/// A property of the expected type; `None` when it is missing or of another.
pub(crate) fn get<'a, T>(properties: &'a Properties, name: &str) -> Option<T>
where
    T: TryFrom<&'a Variant<'a>>,
{
    T::try_from(&**properties.get(name)?).ok()
}

/// Turns an answer that is an error into what a caller can act on.
pub(crate) fn refused(error: &zbus::Error) -> HotspotError {
    match error {
        zbus::Error::MethodError(name, text, _) => match name.as_str().rsplit('.').next() {
            Some("PermissionDenied" | "NotAuthorized") => HotspotError::NotAllowed,
            _ => HotspotError::Refused(text.clone().unwrap_or_else(|| name.to_string())),
        },
        zbus::Error::FDO(error) => match &**error {
            fdo::Error::AccessDenied(_)
            | fdo::Error::AuthFailed(_)
            | fdo::Error::InteractiveAuthorizationRequired(_) => HotspotError::NotAllowed,
            fdo::Error::ServiceUnknown(_)
            | fdo::Error::NameHasNoOwner(_)
            | fdo::Error::NoReply(_)
            | fdo::Error::Disconnected(_) => HotspotError::Gone,
            fdo::Error::UnknownMethod(_) => HotspotError::TooOld,
            other => HotspotError::Refused(other.to_string()),
        },
        zbus::Error::InputOutput(_) => HotspotError::Gone,
        other => HotspotError::Refused(other.to_string()),
    }
}
