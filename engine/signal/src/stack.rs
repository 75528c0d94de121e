//! The bound stack: its endpoint and sockets, and the few things we ask of it.
//!
//! With `listener`, `streams`, `turn` and `reception` this is all that knows `rsipstack` has transactions.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rsipstack::sip::{Header, HostWithPort, Request, Response, SipMessage, StatusCodeKind, Transport};
use rsipstack::transaction::endpoint::{EndpointOption, MessageInspector};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::{Endpoint, TransactionReceiver};
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
use rsipstack::EndpointBuilder;

use crate::dialog::Hop;
use crate::streams::Streams;

/// Methods we do, as the Allow header lists them.
pub(crate) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO";
/// Ourselves, in Server and User-Agent headers.
pub(crate) const PRODUCT: &str = concat!("Roomtone/", env!("CARGO_PKG_VERSION"));

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The stack and our sockets.
pub(crate) struct Stack {
    pub endpoint: Endpoint,
    pub streams: Arc<Streams>,
    udp: SipConnection,
    local: SocketAddr,
}

impl Stack {
    /// Bind the stack to sockets that are open already.
    pub fn new(
        udp: SipConnection,
        local: SocketAddr,
        transports: TransportLayer,
        streams: Arc<Streams>,
        t1: Duration,
    ) -> Self {
        let mut builder = EndpointBuilder::new();
        builder.with_user_agent(PRODUCT).with_option(timers(t1));
        builder
            .with_inspector(Box::new(ServerHeader))
            .with_transport_layer(transports);
        Self {
            endpoint: builder.build(),
            streams,
            udp,
            local,
        }
    }

    /// Requests of peers, each with the transaction that will carry its answer; to be taken once.
    pub fn requests(&self) -> Option<TransactionReceiver> {
        self.endpoint.incoming_transactions().ok()
    }

    /// Our Contact value towards a peer.
    pub fn contact(&self, peer: SocketAddr, transport: Transport) -> String {
        let host = SocketAddr::new(self.host_towards(peer), self.local.port());
        match transport {
            Transport::Tcp => format!("<sip:{host};transport=tcp>"),
            _ => format!("<sip:{host}>"),
        }
    }

    /// Send a request of ours and wait for its final answer, a timeout being one.
    pub async fn ask(&self, request: Request, over: &Flow) -> rsipstack::Result<Option<Response>> {
        let reached = self.reach(over).await?;
        let request = self.with_via(request, &reached)?;
        self.last_word(request, &reached).await
    }

    /// Send a request that has its Via already (a CANCEL has that of its INVITE) and wait for its final answer.
    pub async fn last_word(&self, request: Request, over: &Reached) -> rsipstack::Result<Option<Response>> {
        let mut transaction = self.transaction(request, over)?;
        transaction.send().await?;
        while let Some(message) = transaction.receive().await {
            if let SipMessage::Response(response) = message {
                if response.status_code.kind() != StatusCodeKind::Provisional {
                    return Ok(Some(response));
                }
            }
        }
        Ok(None)
    }

    /// Put our Via on top of a request, with a new branch.
    #[allow(clippy::result_large_err, reason = "the crate's own error, and no hot path")]
    pub fn with_via(&self, mut request: Request, over: &Reached) -> rsipstack::Result<Request> {
        let ours = SocketAddr::new(self.host_towards(over.target), self.local.port());
        let address = SipAddr::new(over.transport(), HostWithPort::from(ours));
        let via = self.endpoint.inner.get_via(Some(address), None)?;
        request.headers.push_front(Header::Via(via.into()));
        Ok(request)
    }

    /// Make a client transaction of a request with a Via; nothing is sent yet.
    #[allow(clippy::result_large_err, reason = "the crate's own error, and no hot path")]
    pub fn transaction(&self, request: Request, over: &Reached) -> rsipstack::Result<Transaction> {
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        let connection = Some(over.connection.clone());
        let mut transaction = Transaction::new_client(key, request, self.endpoint.inner.clone(), connection);
        transaction.destination = Some(SipAddr::new(over.transport(), HostWithPort::from(over.target)));
        Ok(transaction)
    }

    /// Find the way to a peer: the stream it came over, our datagram socket, or a new stream.
    pub async fn reach(&self, over: &Flow) -> rsipstack::Result<Reached> {
        let reached = |connection, target| Reached {
            connection,
            target,
            tcp: over.tcp,
        };
        if let Some(connection) = over.connection.as_ref().filter(|connection| is_alive(connection)) {
            return Ok(reached(connection.clone(), over.source));
        }
        let (host, port) = (over.hop.host.as_str(), over.hop.port);
        let target = tokio::time::timeout(CONNECT_LIMIT, tokio::net::lookup_host((host, port)))
            .await
            .map_err(|_| rsipstack::Error::Error(format!("{host} was not found in time")))??
            .next()
            .ok_or_else(|| rsipstack::Error::Error(format!("{host} has no address")))?;
        if !over.tcp {
            return Ok(reached(self.udp.clone(), target));
        }
        let stream = tokio::time::timeout(CONNECT_LIMIT, tokio::net::TcpStream::connect(target))
            .await
            .map_err(|_| rsipstack::Error::Error(format!("{target} did not take a connection")))??;
        Ok(reached(self.streams.adopt(stream, target).await?, target))
    }

    /// The address of ours a peer reaches, also when we listen on all of them.
    fn host_towards(&self, peer: SocketAddr) -> IpAddr {
        if !self.local.ip().is_unspecified() {
            return self.local.ip();
        }
        let any: IpAddr = if peer.is_ipv4() {
            [0, 0, 0, 0].into()
        } else {
            std::net::Ipv6Addr::UNSPECIFIED.into()
        };
        // Connecting a datagram socket sends nothing; it asks the kernel which address the route would leave from.
        UdpSocket::bind((any, 0))
            .and_then(|socket| socket.connect(peer).and_then(|()| socket.local_addr()))
            .map_or(self.local.ip(), |address| address.ip())
    }
}

/// RFC 3261 17.1.1.1 and table 4: everything follows from T1.
fn timers(t1: Duration) -> EndpointOption {
    EndpointOption {
        t1,
        t2: t1 * 8,
        t4: t1 * 10,
        t1x64: t1 * 64,
        ..EndpointOption::default()
    }
}

/// How a request of ours in a dialog travels.
pub(crate) struct Flow {
    /// The stream the dialog came over, if it came over one.
    pub connection: Option<SipConnection>,
    /// Where the dialog came from; of no meaning without a stream.
    pub source: SocketAddr,
    /// Where to send when that stream is gone, or there never was one.
    pub hop: Hop,
    /// Over TCP, by the stream or a new one.
    pub tcp: bool,
}

/// A way to a peer that is open now.
#[derive(Clone)]
pub(crate) struct Reached {
    pub connection: SipConnection,
    pub target: SocketAddr,
    pub tcp: bool,
}

impl Reached {
    /// By which transport.
    pub fn transport(&self) -> Transport {
        if self.tcp {
            Transport::Tcp
        } else {
            Transport::Udp
        }
    }
}

fn is_alive(connection: &SipConnection) -> bool {
    connection.is_reliable()
        && connection
            .cancel_token()
            .is_some_and(|token| !token.is_cancelled())
}

/// The crate names itself in User-Agent headers of its own responses; there a server says Server (RFC 3261 20.35).
struct ServerHeader;

impl MessageInspector for ServerHeader {
    fn before_send(&self, message: SipMessage, _destination: Option<&SipAddr>) -> SipMessage {
        match message {
            SipMessage::Response(mut response) => {
                for header in response.headers.iter_mut() {
                    if let Header::UserAgent(product) = header {
                        *header = Header::Server(product.value().into());
                    }
                }
                SipMessage::Response(response)
            }
            request @ SipMessage::Request(_) => request,
        }
    }

    fn after_received(&self, message: SipMessage, _source: Option<&SipAddr>) -> SipMessage {
        message
    }
}
