//! Which servers a SIP address leads to, the first to be tried first: NAPTR, SRV and address records.
//!
//! Only a name without a port is searched for by service; what is asked of DNS is kept for as long as its records say.
//! An answer that does not come in time counts as none: then the name's own addresses are all there is.
//!
//! Sources: RFC 3263 4 (locating servers); RFC 2782 (order of SRV records); RFC 3403 (NAPTR).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::name_server::TokioConnectionProvider;
use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::proto::xfer::Protocol;
use hickory_resolver::TokioResolver;
use rsipstack::sip::Transport;
use tokio::time::timeout;

use crate::dialog::Hop;

/// Longest wait for all that is asked about the services of a name.
const SEARCH_LIMIT: Duration = Duration::from_secs(3);
/// Longest wait for the addresses of a name.
const ADDRESS_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for one answer of one server; it is asked twice.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// Servers that one address leads to, at most: a call must come to an end.
const SERVERS: usize = 8;

/// One server: by what it is spoken to, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Server {
    pub transport: Transport,
    pub address: SocketAddr,
}

/// Asks DNS.
pub(crate) struct Finder {
    resolver: Option<TokioResolver>,
    /// Whether addresses are asked of these servers, too; else of the system, which may have them from elsewhere.
    own_servers: bool,
}

impl Finder {
    /// Ask these servers; none: those of the system.
    pub fn new(servers: &[SocketAddr]) -> Self {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio()
                .inspect_err(|why| tracing::info!(%why, "no DNS server is known: names have no SRV records"))
                .ok()
        } else {
            let each = servers
                .iter()
                .flat_map(|at| [Protocol::Udp, Protocol::Tcp].map(|by| NameServerConfig::new(*at, by)));
            let config = ResolverConfig::from_parts(None, Vec::new(), each.collect::<Vec<_>>());
            let provider = TokioConnectionProvider::default();
            Some(TokioResolver::builder_with_config(config, provider))
        };
        let resolver = builder.map(|mut builder| {
            let options: &mut ResolverOpts = builder.options_mut();
            options.timeout = ANSWER_LIMIT;
            options.attempts = 2;
            builder.build()
        });
        Self {
            resolver,
            own_servers: !servers.is_empty(),
        }
    }

    /// The servers a hop leads to, never none.
    pub async fn servers(&self, hop: &Hop) -> std::io::Result<Vec<Server>> {
        if let Some(resolver) = self.resolver.as_ref().filter(|_| hop.is_searched()) {
            let found = timeout(SEARCH_LIMIT, self.by_service(resolver, hop)).await;
            match found {
                Ok(servers) if !servers.is_empty() => return Ok(servers),
                Ok(_) => {}
                Err(_) => tracing::info!(host = %hop.host, "no answer of DNS about services in time"),
            }
        }
        let addresses = self.addresses(&hop.host, hop.port).await?;
        let transport = hop.transport;
        let servers = addresses.into_iter().take(SERVERS);
        let servers: Vec<Server> = servers.map(|address| Server { transport, address }).collect();
        if servers.is_empty() {
            return Err(std::io::Error::other(format!("{} has no address", hop.host)));
        }
        Ok(servers)
    }

    async fn by_service(&self, resolver: &TokioResolver, hop: &Hop) -> Vec<Server> {
        let mut services = Vec::new();
        if hop.any_transport {
            services = pointed_to(resolver, &hop.host, hop.transport == Transport::Tls).await;
        }
        if services.is_empty() {
            services = usual(hop);
        }
        let mut servers = Vec::new();
        for (transport, name) in services {
            for (host, port) in offered(resolver, &name).await {
                let addresses = self.addresses(&host, port).await.unwrap_or_default();
                servers.extend(addresses.into_iter().map(|address| Server { transport, address }));
            }
        }
        servers.truncate(SERVERS);
        servers
    }

    async fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let late = |_| std::io::Error::other(format!("{host} was not found in time"));
        let Some(resolver) = self.resolver.as_ref().filter(|_| self.own_servers) else {
            let found = timeout(ADDRESS_LIMIT, tokio::net::lookup_host((host, port)));
            return Ok(found.await.map_err(late)??.collect());
        };
        let found = timeout(ADDRESS_LIMIT, resolver.lookup_ip(host))
            .await
            .map_err(late)?;
        let found = found.map_err(std::io::Error::other)?;
        Ok(found
            .iter()
            .map(|address| SocketAddr::new(address, port))
            .collect())
    }
}

/// What is asked for when nothing points anywhere: the service of each transport that may be used.
fn usual(hop: &Hop) -> Vec<(Transport, String)> {
    let by = |transport, label: &str| (transport, format!("{label}.{}.", hop.host.trim_end_matches('.')));
    match hop.transport {
        Transport::Tls => vec![by(Transport::Tls, "_sips._tcp")],
        Transport::Tcp => vec![by(Transport::Tcp, "_sip._tcp")],
        _ if hop.any_transport => vec![by(Transport::Udp, "_sip._udp"), by(Transport::Tcp, "_sip._tcp")],
        _ => vec![by(Transport::Udp, "_sip._udp")],
    }
}

/// Where the NAPTR records of a name point, as far as we can go there.
async fn pointed_to(resolver: &TokioResolver, host: &str, secure: bool) -> Vec<(Transport, String)> {
    let name = format!("{}.", host.trim_end_matches('.'));
    let Ok(found) = resolver.lookup(name, RecordType::NAPTR).await else {
        return Vec::new();
    };
    let mut records: Vec<&NAPTR> = found
        .iter()
        .filter_map(|data| match data {
            RData::NAPTR(record) => Some(record),
            _ => None,
        })
        .collect();
    records.sort_by_key(|record| (record.order(), record.preference()));
    records
        .into_iter()
        .filter(|record| record.flags().eq_ignore_ascii_case(b"s"))
        .filter_map(|record| Some((transport_of(record.services())?, record.replacement().to_string())))
        .filter(|(transport, _)| !secure || *transport == Transport::Tls)
        .collect()
}

fn transport_of(service: &[u8]) -> Option<Transport> {
    match service.to_ascii_uppercase().as_slice() {
        b"SIP+D2U" => Some(Transport::Udp),
        b"SIP+D2T" => Some(Transport::Tcp),
        b"SIPS+D2T" => Some(Transport::Tls),
        _ => None,
    }
}

/// Hosts and ports that offer a service, the first to be tried first.
async fn offered(resolver: &TokioResolver, name: &str) -> Vec<(String, u16)> {
    let Ok(found) = resolver.srv_lookup(name).await else {
        return Vec::new();
    };
    let records: Vec<SRV> = found
        .iter()
        .filter(|one| !one.target().is_root())
        .cloned()
        .collect();
    let drawn = in_order(records, |below| getrandom::u32().unwrap_or(0) % below.max(1));
    let hosts = drawn.into_iter().map(|one| {
        (
            one.target().to_string().trim_end_matches('.').to_string(),
            one.port(),
        )
    });
    hosts.collect()
}

/// By priority, and among those that are alike by lot, the heavy ones oftener first (RFC 2782).
fn in_order(mut records: Vec<SRV>, mut draw: impl FnMut(u32) -> u32) -> Vec<SRV> {
    records.sort_by_key(|one| (one.priority(), one.weight()));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority();
        let alike = records.iter().take_while(|one| one.priority() == priority);
        let weights: Vec<u32> = alike.map(|one| one.weight().into()).collect();
        let mut lot = draw(weights.iter().sum::<u32>() + 1);
        let mut chosen = 0;
        for (at, weight) in weights.iter().enumerate() {
            chosen = at;
            if lot <= *weight {
                break;
            }
            lot -= weight;
        }
        ordered.push(records.remove(chosen));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::rr::Name;

    fn record(priority: u16, weight: u16, port: u16) -> SRV {
        SRV::new(priority, weight, port, Name::from_ascii("h.example.").unwrap())
    }

    fn ports(records: &[SRV]) -> Vec<u16> {
        records.iter().map(SRV::port).collect()
    }

    #[test]
    fn a_lower_priority_number_is_tried_first() {
        let records = vec![record(20, 0, 1), record(10, 0, 2), record(30, 9, 3)];
        assert_eq!(ports(&in_order(records, |_| 0)), [2, 1, 3]);
    }

    #[test]
    fn among_those_alike_the_lot_decides_by_weight() {
        let records = || vec![record(1, 10, 1), record(1, 30, 2), record(1, 0, 3)];
        assert_eq!(ports(&in_order(records(), |_| 0)), [3, 1, 2]);
        assert_eq!(ports(&in_order(records(), |below| below - 1)), [2, 1, 3]);
        let mut first = [0; 4];
        for turn in 0..41 {
            first[usize::from(in_order(records(), |below| turn % below)[0].port())] += 1;
        }
        assert_eq!(first, [0, 10, 30, 1]);
    }

    #[test]
    fn services_are_asked_for_by_what_an_address_allows() {
        let asked = |uri: &str| {
            let services = usual(&Hop::of(uri, Transport::Udp).unwrap());
            services.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(
            asked("sip:a@h.example"),
            ["_sip._udp.h.example.", "_sip._tcp.h.example."]
        );
        assert_eq!(asked("sip:a@h.example;transport=udp"), ["_sip._udp.h.example."]);
        assert_eq!(asked("sip:a@h.example;transport=tcp"), ["_sip._tcp.h.example."]);
        assert_eq!(asked("sips:a@h.example"), ["_sips._tcp.h.example."]);
    }

    #[test]
    fn only_a_name_without_a_port_is_searched_for() {
        let searched = |uri: &str| Hop::of(uri, Transport::Udp).unwrap().is_searched();
        assert!(searched("sip:a@h.example") && searched("sips:h.example;transport=tcp"));
        for uri in [
            "sip:a@h.example:5060",
            "sip:a@192.0.2.1",
            "sip:a@[2001:db8::1]",
            "sip:a@localhost",
        ] {
            assert!(!searched(uri), "{uri}");
        }
    }
}
