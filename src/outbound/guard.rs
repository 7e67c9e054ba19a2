//! Where a call may go: held to when the addresses of a name are looked up, which is once for each connection.

use std::{io, net::IpAddr, net::SocketAddr, pin::Pin, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{Networks, networks::is_public};

/// Why a URL is not called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Without TLS, and not to a network that the operator named.
    #[error("only https is called, save in the networks that REMIT_WEBHOOK_PRIVATE_NETWORKS names")]
    Insecure,
    /// An address of the machine itself, of its network, or of none. Which it is is not said.
    #[error("it leads to an address that is not public, and REMIT_WEBHOOK_PRIVATE_NETWORKS does not name its network")]
    NotPublic,
    /// The name has no address.
    #[error("its name has no address")]
    Unknown,
}

/// Which addresses a client goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Public ones, and those in the operator's networks.
    PublicOrListed,
    /// Those in the operator's networks alone.
    Listed,
}

impl Taken {
    fn check(self, networks: &Networks, address: IpAddr) -> Result<(), Refused> {
        match self {
            _ if networks.hold(address) => Ok(()),
            Self::PublicOrListed if is_public(address) => Ok(()),
            Self::Listed if is_public(address) => Err(Refused::Insecure),
            _ => Err(Refused::NotPublic),
        }
    }
}

/// The addresses of a name, when they are found.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name.
pub type Lookup = fn(&str) -> Found;

/// Asks the system for the addresses of a name.
pub(super) fn lookup(name: &str) -> Found {
    let name = name.to_owned();
    Box::pin(async move {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    })
}

/// Looks names up for a client, and lets it see only addresses that it may go to.
pub(super) struct Guard {
    pub(super) networks: Arc<Networks>,
    pub(super) taken: Taken,
    pub(super) lookup: Lookup,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, taken, found) = (Arc::clone(&self.networks), self.taken, (self.lookup)(name.as_str()));
        Box::pin(async move {
            let addresses = found.await.map_err(|_| Refused::Unknown)?;
            if addresses.is_empty() {
                return Err(Refused::Unknown.into());
            }
            // One that is not public among others is no accident.
            addresses.iter().try_for_each(|address| taken.check(&networks, *address))?;
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

/// Holds a URL whose host is an address to the same; it is not looked up.
pub(super) fn check_literal(url: &Url, networks: &Networks, taken: Taken) -> Result<(), Refused> {
    match url.host() {
        Some(Host::Ipv4(address)) => taken.check(networks, address.into()),
        Some(Host::Ipv6(address)) => taken.check(networks, address.into()),
        Some(Host::Domain(_)) => Ok(()),
        None => Err(Refused::Unknown),
    }
}
