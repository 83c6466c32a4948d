//! Names to addresses without the libraries of the system: a static program has none that read
//! `/etc/nsswitch.conf`.
//!
//! A name in the hosts file is answered from it alone, also where no name server answers, as machines
//! without a network have it. Other names are asked of the name servers of the system; where it names
//! none, nobody else's are asked.

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use reqwest::dns::{Addrs, Resolve, Resolving};

/// The names of this system.
#[derive(Default)]
pub struct Names {
    /// Made when first asked, because it starts tasks.
    resolver: OnceLock<TokioResolver>,
}

impl Resolve for Names {
    fn resolve(&self, name: reqwest::dns::Name) -> Resolving {
        let name = name.as_str().to_owned();
        if let Some(known) = from_hosts(&name) {
            return Box::pin(std::future::ready(Ok(addresses(known))));
        }
        let resolver = match self.resolver.get() {
            Some(resolver) => Ok(resolver.clone()),
            None => resolver().map(|made| self.resolver.get_or_init(|| made).clone()),
        };
        Box::pin(async move {
            let found = resolver?.lookup_ip(name.as_str()).await?;
            Ok(addresses(found.iter().collect()))
        })
    }
}

fn addresses(found: Vec<IpAddr>) -> Addrs {
    // The port of the address that is asked for takes the place of 0.
    Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)))
}

fn resolver() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    builder.build()
}

fn from_hosts(name: &str) -> Option<Vec<IpAddr>> {
    let hosts = Hosts::from_system().ok()?;
    let name: Name = name.parse().ok()?;
    let found: Vec<IpAddr> = [RecordType::AAAA, RecordType::A]
        .into_iter()
        .filter_map(|kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)))
        .flat_map(|lookup| {
            let answers = lookup.answers().iter();
            answers
                .filter_map(|record| record.data.ip_addr())
                .collect::<Vec<_>>()
        })
        .collect();
    (!found.is_empty()).then_some(found)
}
