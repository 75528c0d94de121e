//! A dialog as we keep it, called or calling: who, where to, and the next sequence number.
//!
//! Kept as text, as the peer wrote it, so that what we send is what the peer will recognise and a dialog costs little.
//!
//! Source: RFC 3261 12 (dialogs), 15.1.1 (BYE).

use std::net::{IpAddr, SocketAddr};

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{parse_uri, CSeq, Header, Request, Response, Scheme, Uri, Version};
use rsipstack::sip::{Method, Transport};
use rsipstack::transport::SipConnection;

use crate::stack::{Flow, ALLOW, PRODUCT};
use crate::text::{name_addr, quoted, split_list};
use crate::turn::{from_tag, tag_in, to_tag};

/// What tells dialogs apart (RFC 3261 12): Call-ID, our tag, the peer's tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DialogKey {
    pub call_id: String,
    pub local_tag: String,
    pub remote_tag: String,
}

impl DialogKey {
    /// The dialog a request of the peer speaks of.
    pub fn of(request: &Request) -> Self {
        Self {
            call_id: call_id(request),
            local_tag: to_tag(request),
            remote_tag: from_tag(request),
        }
    }
}

/// Our half of a dialog.
pub(crate) struct Dialog {
    pub key: DialogKey,
    /// Our From in requests: the peer's To with our tag.
    pub local: String,
    /// Our To in requests: the peer's From.
    pub remote: String,
    /// Route set, in order.
    pub routes: Vec<String>,
    /// Remote target: the URI of the peer's Contact.
    pub target: String,
    pub local_cseq: u32,
    /// None until they send a request.
    pub remote_cseq: Option<u32>,
    /// Our Contact value.
    pub contact: String,
    /// The connection the dialog came over.
    pub connection: Option<SipConnection>,
    /// The address it came from.
    pub source: SocketAddr,
    pub transport: Transport,
    /// The peer does UPDATE, as its Allow header says.
    pub peer_updates: bool,
}

/// Where a request of ours in a dialog goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub host: String,
    pub port: u16,
    pub transport: Transport,
    /// The URI names a port, so its host is the server.
    pub fixed_port: bool,
    /// The URI leaves it to DNS by what its servers are spoken to.
    pub any_transport: bool,
}

impl Hop {
    /// Where a SIP URI leads, over the transport it names or else this one. A `sips:` URI leads over TLS whatever it
    /// names (RFC 3261 26.2.2).
    pub fn of(uri: &str, otherwise: Transport) -> Option<Self> {
        let uri = parse_uri(uri).ok()?;
        let host = uri.host_with_port.host.to_string();
        let named = transport_of(&uri);
        let is_sips = uri.scheme == Some(Scheme::Sips);
        let transport = match named.unwrap_or(otherwise) {
            Transport::Ws if is_sips => Transport::Wss,
            transport @ (Transport::Ws | Transport::Wss) => transport,
            _ if is_sips => Transport::Tls,
            transport @ (Transport::Tcp | Transport::Tls) => transport,
            _ => Transport::Udp,
        };
        let usual = if transport == Transport::Tls { 5061 } else { 5060 };
        Some(Self {
            host: host.trim_matches(['[', ']']).to_string(),
            fixed_port: uri.host_with_port.port.is_some(),
            any_transport: named.is_none() && (is_sips || transport == Transport::Udp),
            port: uri.host_with_port.port.map_or(usual, |port| port.value()),
            transport,
        })
    }

    /// Whether the services of the host are to be asked for (RFC 3263 4): it is a name, and no port was named.
    pub fn is_searched(&self) -> bool {
        let is_name = self.host.parse::<IpAddr>().is_err() && !self.host.eq_ignore_ascii_case("localhost");
        is_name && !self.fixed_port
    }
}

impl Dialog {
    /// Read a dialog from the INVITE that makes it; None without a usable Contact.
    pub fn from_invite(request: &Request, tag: &str, contact: String, via: Arrival) -> Option<Self> {
        let to = request.to_header().ok()?.value().to_string();
        let routes = request
            .record_route_headers()
            .into_iter()
            .flat_map(|one| split_list(one.value()));
        Some(Self {
            key: DialogKey {
                call_id: call_id(request),
                local_tag: tag.into(),
                remote_tag: from_tag(request),
            },
            local: format!("{to};tag={tag}"),
            remote: request.from_header().ok()?.value().to_string(),
            routes: routes.map(str::to_string).collect(),
            target: contact_of(request)?,
            local_cseq: 0,
            remote_cseq: Some(cseq(request)),
            contact,
            connection: via.connection,
            source: via.source,
            transport: via.transport,
            peer_updates: allows_update(request),
        })
    }

    /// Read a dialog from the 2xx that answers our INVITE (RFC 3261 12.1.2); None without a usable To.
    pub fn from_answer(invite: &Request, response: &Response, contact: String, via: Arrival) -> Option<Self> {
        let local = invite.from_header().ok()?.value().to_string();
        let remote = response.to_header().ok()?.value().to_string();
        let mut routes: Vec<String> = response
            .record_route_headers()
            .into_iter()
            .flat_map(|one| split_list(one.value()))
            .map(str::to_string)
            .collect();
        routes.reverse();
        let named = response
            .contact_header()
            .ok()
            .and_then(|it| target_in(it.value()));
        Some(Self {
            key: DialogKey {
                call_id: call_id(invite),
                local_tag: tag_in(&local),
                remote_tag: tag_in(&remote),
            },
            local,
            remote,
            routes,
            // A peer that forgot its Contact is where we called it.
            target: named.unwrap_or_else(|| invite.uri.to_string()),
            local_cseq: cseq(invite),
            remote_cseq: None,
            contact,
            connection: via.connection,
            source: via.source,
            transport: via.transport,
            peer_updates: allows_update(response),
        })
    }

    /// Take note of a later request of the peer; false when it is older than what we have seen (RFC 3261 12.2.2).
    pub fn accepts(&mut self, request: &Request) -> bool {
        let number = cseq(request);
        let in_order = self.remote_cseq.is_none_or(|last| number > last);
        self.remote_cseq = self.remote_cseq.max(Some(number));
        in_order
    }

    /// Follow the Contact of a target refresh request: re-INVITE and UPDATE (RFC 3261 12.2).
    pub fn refresh(&mut self, request: &Request) {
        if let Some(target) = contact_of(request) {
            self.target = target;
        }
    }

    /// Follow the Contact of the answer to such a request of ours.
    pub fn refresh_from(&mut self, response: &Response) {
        let named = response.contact_header().ok();
        if let Some(target) = named.and_then(|it| target_in(it.value())) {
            self.target = target;
        }
    }

    /// Compose the BYE that ends the dialog, without its Via.
    pub fn bye(&mut self, reason: &str) -> Option<Request> {
        let mut extras = Vec::new();
        if !reason.is_empty() {
            let value = format!("Q.850;cause=16;text={}", quoted(reason));
            extras.push(Header::Reason(value.into()));
        }
        self.request(Method::Bye, extras, Vec::new())
    }

    /// Take the next sequence number for a request of ours.
    pub fn next_number(&mut self) -> u32 {
        self.local_cseq += 1;
        self.local_cseq
    }

    /// Go on from where an early dialog with the same peer has counted to.
    pub fn count_from(&mut self, other: &Self) {
        self.local_cseq = self.local_cseq.max(other.local_cseq);
    }

    /// Compose a request in the dialog, without its Via.
    pub fn request(&mut self, method: Method, extras: Vec<Header>, body: Vec<u8>) -> Option<Request> {
        let number = self.next_number();
        let mut headers = vec![
            Header::From(self.local.clone().into()),
            Header::To(self.remote.clone().into()),
            Header::CallId(self.key.call_id.clone().into()),
            Header::CSeq(format!("{number} {method}").into()),
            Header::MaxForwards(70.into()),
        ];
        headers.extend(
            self.routes
                .iter()
                .map(|route| Header::Route(route.clone().into())),
        );
        headers.push(Header::Contact(self.contact.clone().into()));
        headers.extend(extras);
        headers.push(Header::Allow(ALLOW.into()));
        headers.push(Header::UserAgent(PRODUCT.into()));
        headers.push(Header::ContentLength(
            u32::try_from(body.len()).unwrap_or(u32::MAX).into(),
        ));
        Some(Request {
            method,
            uri: parse_uri(&self.target).ok()?,
            version: Version::V2,
            headers: headers.into(),
            body,
        })
    }

    /// How our next request travels: over the stream the dialog came over while it lives, else to the next hop.
    pub fn flow(&self) -> Option<Flow> {
        Some(Flow {
            connection: self.connection.clone(),
            source: self.source,
            came_by: self.transport,
            hop: self.next_hop()?,
        })
    }

    /// Say where our next request goes: the first route, else the remote target.
    pub fn next_hop(&self) -> Option<Hop> {
        let first = match self.routes.first() {
            Some(route) => name_addr(route)?.uri.to_string(),
            None => self.target.clone(),
        };
        let hop = Hop::of(&first, self.transport)?;
        Some(if self.routes.is_empty() {
            self.behind_nat(hop)
        } else {
            hop
        })
    }

    /// A phone behind a NAT writes an address of its own net into its Contact; what reaches it is where it came from.
    fn behind_nat(&self, hop: Hop) -> Hop {
        let is_private = hop
            .host
            .parse()
            .is_ok_and(|host| is_private(host) && host != self.source.ip());
        if is_private && !is_private_or_loopback(self.source.ip()) {
            return Hop {
                host: self.source.ip().to_string(),
                port: self.source.port(),
                ..hop
            };
        }
        hop
    }
}

fn allows_update(message: &impl HeadersExt) -> bool {
    let allowed = message.header_value("Allow").unwrap_or_default();
    allowed.split(',').any(|method| method.trim() == "UPDATE")
}

/// How a request reached us.
pub(crate) struct Arrival {
    pub connection: Option<SipConnection>,
    pub source: SocketAddr,
    pub transport: Transport,
}

/// Whether a request goes to a `sips:` URI: then our Contact must be one, too (RFC 3261 12.1.1).
pub(crate) fn is_sips(request: &Request) -> bool {
    request.uri.scheme == Some(Scheme::Sips)
}

/// The sequence number of a request; 0 when there is none, which the gate does not let pass.
pub(crate) fn cseq(request: &Request) -> u32 {
    request.cseq_header().and_then(CSeq::seq).unwrap_or(0)
}

/// The Call-ID of a request.
pub(crate) fn call_id(request: &Request) -> String {
    request
        .call_id_header()
        .map(|id| id.value().to_string())
        .unwrap_or_default()
}

fn contact_of(request: &Request) -> Option<String> {
    target_in(request.contact_header().ok()?.value())
}

/// The address in a Contact value that requests can be sent to.
pub(crate) fn target_in(value: &str) -> Option<String> {
    let uri = name_addr(split_list(value).first()?)?.uri.to_string();
    // The target becomes a Request-URI: it must be a SIP address we can send to (RFC 3261 12.1.1), and one word.
    if uri.contains(|sign: char| sign.is_whitespace() || sign.is_control()) {
        return None;
    }
    let parsed = parse_uri(&uri).ok()?;
    let is_sip = matches!(parsed.scheme, Some(Scheme::Sip | Scheme::Sips));
    (is_sip && !parsed.host_with_port.host.to_string().is_empty()).then_some(uri)
}

fn transport_of(uri: &Uri) -> Option<Transport> {
    uri.params.iter().find_map(|param| match param {
        rsipstack::sip::Param::Transport(transport) => Some(*transport),
        _ => None,
    })
}

fn is_private(host: IpAddr) -> bool {
    match host {
        IpAddr::V4(host) => host.is_private() || host.is_link_local(),
        IpAddr::V6(host) => {
            (host.segments()[0] & 0xFE00) == 0xFC00 || (host.segments()[0] & 0xFFC0) == 0xFE80
        }
    }
}

fn is_private_or_loopback(host: IpAddr) -> bool {
    host.is_loopback() || is_private(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(contact: &str, routes: &str, source: &str) -> Option<Dialog> {
        let text = format!(
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: \"B\" <sip:b@h>;tag=1\r\n\
             To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 5 INVITE\r\nContact: {contact}\r\n{routes}Content-Length: 0\r\n\r\n"
        );
        let arrival = Arrival {
            connection: None,
            source: source.parse().unwrap(),
            transport: Transport::Udp,
        };
        Dialog::from_invite(
            &Request::try_from(text).unwrap(),
            "ours",
            "<sip:us@h>".into(),
            arrival,
        )
    }

    fn hop(contact: &str, routes: &str, source: &str) -> (String, u16, Transport) {
        let hop = dialog(contact, routes, source).unwrap().next_hop().unwrap();
        (hop.host, hop.port, hop.transport)
    }

    #[test]
    fn a_request_goes_to_the_contact_or_the_first_route() {
        assert_eq!(
            hop("<sip:b@192.0.2.1>", "", "192.0.2.1:9"),
            ("192.0.2.1".into(), 5060, Transport::Udp)
        );
        assert_eq!(
            hop("<sip:b@h:70;transport=tcp>", "", "192.0.2.1:9"),
            ("h".into(), 70, Transport::Tcp)
        );
        assert_eq!(
            hop("sip:b@[2001:db8::1]:7", "", "192.0.2.1:9"),
            ("2001:db8::1".into(), 7, Transport::Udp)
        );
        for contact in [
            "<sips:b@h>",
            "<sips:b@h;transport=tcp>",
            "<sip:b@h;transport=tls>",
        ] {
            assert_eq!(
                hop(contact, "", "192.0.2.1:9"),
                ("h".into(), 5061, Transport::Tls)
            );
        }
        let routes = "Record-Route: <sip:p;lr>, <sip:q;lr>\r\nRecord-Route: <sip:r;lr>\r\n";
        assert_eq!(
            hop("<sip:b@192.168.0.9>", routes, "192.0.2.1:9"),
            ("p".into(), 5060, Transport::Udp)
        );
    }

    #[test]
    fn a_phone_behind_a_nat_is_reached_where_it_came_from() {
        assert_eq!(
            hop("<sip:b@192.168.0.9:5060>", "", "203.0.113.5:4711"),
            ("203.0.113.5".into(), 4711, Transport::Udp)
        );
        assert_eq!(hop("<sip:b@192.168.0.9>", "", "192.168.0.1:9").0, "192.168.0.9");
        assert_eq!(hop("<sip:b@198.51.100.1>", "", "203.0.113.5:9").0, "198.51.100.1");
    }

    #[test]
    fn a_contact_nobody_can_be_reached_at_makes_no_dialog() {
        for contact in [
            "<tel:+1555>",
            "<mailto:a@b>",
            "*",
            "<sip:>",
            "<sip:b@h",
            "",
            "<sip:b@h SIP/2.0>",
            "<sip:b@h;x=\0>",
        ] {
            assert!(dialog(contact, "", "192.0.2.1:9").is_none(), "{contact:?}");
        }
    }

    #[test]
    fn a_bye_has_the_peers_words_and_our_own_numbers() {
        let routes = "Record-Route: <sip:p;lr>, <sip:q;lr>\r\n";
        let mut dialog = dialog("<sip:b@h>", routes, "192.0.2.1:9").unwrap();
        let texts = [
            dialog.bye("").unwrap().to_string(),
            dialog.bye("a\"b").unwrap().to_string(),
        ];
        assert!(texts[0]
            .starts_with("BYE sip:b@h SIP/2.0\r\nFrom: <sip:a@h>;tag=ours\r\nTo: \"B\" <sip:b@h>;tag=1\r\n"));
        assert!(texts[0].contains("CSeq: 1 BYE\r\n") && texts[1].contains("CSeq: 2 BYE\r\n"));
        assert!(texts[0].contains("Route: <sip:p;lr>\r\nRoute: <sip:q;lr>\r\n"));
        assert!(
            !texts[0].contains("Reason") && texts[1].contains("Reason: Q.850;cause=16;text=\"a\\\"b\"\r\n")
        );
    }

    #[test]
    fn numbers_only_go_up() {
        let mut dialog = dialog("<sip:b@h>", "", "192.0.2.1:9").unwrap();
        let request = |number: u32| {
            let text = format!("INFO sip:a@h SIP/2.0\r\nCSeq: {number} INFO\r\nContent-Length: 0\r\n\r\n");
            Request::try_from(text).unwrap()
        };
        assert!(!dialog.accepts(&request(5)) && dialog.accepts(&request(7)) && !dialog.accepts(&request(6)));
    }
}
