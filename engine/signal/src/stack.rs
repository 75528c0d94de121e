//! The bound stack: its endpoint and sockets, and the few things we ask of it.
//!
//! With `listener`, `streams`, `turn` and `reception` this is all that knows `rsipstack` has transactions.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsipstack::sip::{Header, HostWithPort, Request, Response, SipMessage, StatusCodeKind, Transport};
use rsipstack::transaction::endpoint::{EndpointOption, MessageInspector};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::{Endpoint, TransactionReceiver};
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
use rsipstack::EndpointBuilder;

use crate::dialog::Hop;
use crate::listener::Heard;
use crate::servers::{Finder, Server};
use crate::streams::{is_alive, Link, Peer, Streams};
use crate::tls::Tls;

/// Methods we do, as the Allow header lists them.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, PRACK, REGISTER, REFER, NOTIFY";
/// Extensions we do, as the Supported header lists them.
pub(crate) const SUPPORTED: &str = "100rel, timer, replaces";
/// Ourselves, in Server and User-Agent headers.
pub(crate) const PRODUCT: &str = concat!("Roomtone/", env!("CARGO_PKG_VERSION"));

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The stack and our sockets.
pub(crate) struct Stack {
    pub endpoint: Endpoint,
    pub streams: Arc<Streams>,
    udp: SipConnection,
    heard: Heard,
    tls: Arc<Tls>,
    finder: Finder,
}

/// What a stack is bound to.
pub(crate) struct Bound {
    pub udp: SipConnection,
    pub heard: Heard,
    pub transports: TransportLayer,
    pub streams: Arc<Streams>,
    pub tls: Arc<Tls>,
    pub finder: Finder,
}

impl Stack {
    /// Bind the stack to sockets that are open already.
    pub fn new(bound: Bound, t1: Duration) -> Self {
        let mut builder = EndpointBuilder::new();
        builder.with_user_agent(PRODUCT).with_option(timers(t1));
        builder
            .with_inspector(Box::new(ServerHeader))
            .with_transport_layer(bound.transports);
        Self {
            endpoint: builder.build(),
            streams: bound.streams,
            udp: bound.udp,
            heard: bound.heard,
            tls: bound.tls,
            finder: bound.finder,
        }
    }

    /// Requests of peers, each with the transaction that will carry its answer; to be taken once.
    pub fn requests(&self) -> Option<TransactionReceiver> {
        self.endpoint.incoming_transactions().ok()
    }

    /// Our Contact value towards a peer.
    pub fn contact(&self, peer: SocketAddr, transport: Transport, sips: bool) -> String {
        let host = self.towards(peer, transport);
        match transport {
            Transport::Tls if sips => format!("<sips:{host}>"),
            Transport::Tls => format!("<sip:{host};transport=tls>"),
            Transport::Tcp => format!("<sip:{host};transport=tcp>"),
            Transport::Ws | Transport::Wss => format!("<sip:{host};transport=ws>"),
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
        let ours = self.towards(over.target, over.transport);
        let address = SipAddr::new(over.transport, HostWithPort::from(ours));
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
        transaction.destination = Some(SipAddr::new(over.transport, HostWithPort::from(over.target)));
        Ok(transaction)
    }

    /// Find the way to a peer: the stream it came over, our datagram socket, or a new stream.
    pub async fn reach(&self, over: &Flow) -> rsipstack::Result<Reached> {
        if let Some(connection) = over.connection.as_ref().filter(|connection| is_alive(connection)) {
            return Ok(Reached {
                connection: connection.clone(),
                target: over.source,
                transport: over.came_by,
            });
        }
        let mut why = rsipstack::Error::Error(format!("{} has no address", over.hop.host));
        for server in self.servers(&over.hop).await? {
            match self.reach_at(&over.hop.host, server).await {
                Ok(reached) => return Ok(reached),
                Err(fault) => why = fault,
            }
        }
        Err(why)
    }

    /// The servers a hop leads to, the first to be tried first; never none.
    pub async fn servers(&self, hop: &Hop) -> rsipstack::Result<Vec<Server>> {
        Ok(self.finder.servers(hop).await?)
    }

    /// Find the way to one server of a host.
    pub async fn reach_at(&self, host: &str, server: Server) -> rsipstack::Result<Reached> {
        let Server { transport, address } = server;
        let reached = |connection| Reached {
            connection,
            target: address,
            transport,
        };
        if transport == Transport::Udp {
            return Ok(reached(self.udp.clone()));
        }
        let name = Peer::named(transport, host, address);
        if let Some(connection) = self.streams.open_to(&name) {
            return Ok(reached(connection));
        }
        // Many calls to one peer share one connection, also when they all come at once; and one failure is all of theirs.
        let asked = Instant::now();
        let door = self.streams.door_to(&name);
        let mut failed = door.lock().await;
        if let Some(connection) = self.streams.open_to(&name) {
            return Ok(reached(connection));
        }
        if let Some((_, why)) = failed.as_ref().filter(|(at, _)| *at >= asked) {
            return Err(rsipstack::Error::Error(why.clone()));
        }
        match self.connect(host, server, name).await {
            Ok(connection) => Ok(reached(connection)),
            Err(why) => {
                *failed = Some((Instant::now(), why.to_string()));
                Err(why)
            }
        }
    }

    async fn connect(&self, host: &str, server: Server, name: Peer) -> rsipstack::Result<SipConnection> {
        let Server { transport, address } = server;
        let opening = tokio::time::timeout(CONNECT_LIMIT, self.open(transport, host, address)).await;
        let link = opening
            .map_err(|_| rsipstack::Error::Error(format!("{address} did not take a connection")))??;
        self.streams.adopt(link, name).await
    }

    async fn open(&self, transport: Transport, host: &str, target: SocketAddr) -> std::io::Result<Link> {
        if matches!(transport, Transport::Ws | Transport::Wss) {
            return Err(std::io::Error::other(
                "who speaks by WebSocket is reached by their own connection alone",
            ));
        }
        let stream = tokio::net::TcpStream::connect(target).await?;
        if transport == Transport::Tls {
            let stream = self.tls.connect(host, stream).await?;
            return Ok(Link::split(stream));
        }
        Ok(Link::tcp(stream))
    }

    /// The address and port of ours that a peer reaches by a transport. Without a port for TLS that of the others is
    /// named: such a peer must use the connection that we opened.
    fn towards(&self, peer: SocketAddr, transport: Transport) -> SocketAddr {
        let is_secure = matches!(transport, Transport::Tls | Transport::Wss);
        let secure = self.heard.secure.filter(|_| is_secure);
        let local = secure.unwrap_or(self.heard.local);
        SocketAddr::new(host_towards(local, peer), local.port())
    }
}

/// The address of ours a peer reaches, also when we listen on all of them.
fn host_towards(local: SocketAddr, peer: SocketAddr) -> IpAddr {
    if !local.ip().is_unspecified() {
        return local.ip();
    }
    let any: IpAddr = if peer.is_ipv4() {
        [0, 0, 0, 0].into()
    } else {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    };
    // Connecting a datagram socket sends nothing; it asks the kernel which address the route would leave from.
    UdpSocket::bind((any, 0))
        .and_then(|socket| socket.connect(peer).and_then(|()| socket.local_addr()))
        .map_or(local.ip(), |address| address.ip())
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
    /// By what it came; of no meaning without a stream.
    pub came_by: Transport,
    /// Where to send when that stream is gone, or there never was one.
    pub hop: Hop,
}

impl Flow {
    /// To somebody of whom nothing has come yet.
    pub fn to(hop: Hop) -> Self {
        Self {
            connection: None,
            source: SocketAddr::from(([0, 0, 0, 0], 0)),
            came_by: hop.transport,
            hop,
        }
    }
}

/// A way to a peer that is open now.
#[derive(Clone)]
pub(crate) struct Reached {
    pub connection: SipConnection,
    pub target: SocketAddr,
    pub transport: Transport,
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
