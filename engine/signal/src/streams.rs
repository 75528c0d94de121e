//! TCP, TLS and WebSocket connections of peers: cut into messages, judged by the gate, handed to the stack.
//!
//! The crate's own TCP connection closes at the first message it cannot parse and trusts any Content-Length; so the
//! bytes are read here, and the stack sees a channel of whole messages. A connection that closes ends no call; one that
//! is open is used for all that goes to its peer.
//!
//! Sources: RFC 3261 18.3; RFC 5626 3.5.1 and 4.4.1 (keepalives); RFC 5923 (connections used both ways).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rsipstack::platform::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use rsipstack::platform::CancellationToken;
use rsipstack::sip::{HostWithPort, SipMessage, Transport};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{timeout, timeout_at};

use crate::cutting::{next_message, Cut};
use crate::flood::Flood;
use crate::flows::{Door, Doors, Flow};
use crate::gate::{judge, Verdict};
use crate::leg::Facts;
use crate::places::{Place, Places};
use crate::settings::Limits;
use crate::tls::Tls;
use crate::websocket;

/// Longest wait for the rest of a message that has begun.
const REST_LIMIT: Duration = Duration::from_secs(30);
/// Longest silence on a connection that carries nothing.
const IDLE_LIMIT: Duration = Duration::from_secs(3_600);
/// Longest wait for a peer to take what we write.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// Longest wait for a peer to shake hands.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How often we say on a connection of ours that it lives: less than what translators of addresses bear (RFC 5626 4.4.1
/// has 95 to 120 s between).
const PING_EVERY: Duration = Duration::from_secs(100);

/// Whom a connection leads to. A name was verified for a peer that we called by TLS; one that came is known by its
/// address alone, and nothing that was meant for a name is sent to it (RFC 5923 8.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Peer {
    transport: Transport,
    host: String,
    address: SocketAddr,
    /// Whether we opened it.
    called: bool,
}

impl Peer {
    /// A peer that we call.
    pub fn named(transport: Transport, host: &str, address: SocketAddr) -> Self {
        Self {
            transport,
            host: host.to_ascii_lowercase(),
            address,
            called: true,
        }
    }

    fn that_came(transport: Transport, address: SocketAddr) -> Self {
        let host = address.ip().to_string();
        let called = false;
        Self {
            transport,
            host,
            address,
            called,
        }
    }
}

/// A connection, its handshake done.
pub(crate) struct Link {
    read: Box<dyn AsyncRead + Send + Unpin>,
    write: Writing,
}

type Writing = Box<dyn AsyncWrite + Send + Unpin>;

impl Link {
    /// Over TCP alone.
    pub fn tcp(stream: TcpStream) -> Self {
        stream.set_nodelay(true).ok();
        let (read, write) = stream.into_split();
        Self {
            read: Box::new(read),
            write: Box::new(write),
        }
    }

    /// Over TLS, or what else has its two halves in one.
    pub fn split(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (read, write) = tokio::io::split(stream);
        Self {
            read: Box::new(read),
            write: Box::new(write),
        }
    }
}

/// See what a peer that has come speaks, by its first byte: SIP itself, or SIP in a WebSocket.
async fn greet<S>(
    stream: S,
    first_byte: Duration,
    (plain, wrapped): (Transport, Transport),
) -> std::io::Result<(Link, Transport)>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut stream = BufReader::new(stream);
    if !timeout(first_byte, websocket::is_wanted(&mut stream)).await?? {
        return Ok((Link::split(stream), plain));
    }
    let messages = timeout(HANDSHAKE_LIMIT, websocket::accept(stream)).await??;
    Ok((Link::split(messages), wrapped))
}

/// The open connections.
pub(crate) struct Streams {
    places: Arc<Places>,
    first_byte: Duration,
    flood: Mutex<Flood>,
    endpoint: Mutex<Option<EndpointInnerRef>>,
    living: Mutex<HashMap<Peer, (SipConnection, Arc<Flow>)>>,
    doors: Doors,
    instance: String,
    facts: Facts,
}

impl Streams {
    /// Bear what the limits say, and wait so long for the first byte of who has connected.
    ///
    /// The end of a connection that somebody has registered over is told, by the name it has in this instance.
    pub fn new(limits: Limits, first_byte: Duration, instance: &str, facts: Facts) -> Self {
        Self {
            places: Arc::new(Places::new(limits.streams, limits.streams_each)),
            first_byte,
            flood: Mutex::new(Flood::new(limits.requests_per_s)),
            endpoint: Mutex::new(None),
            living: Mutex::new(HashMap::new()),
            doors: Doors::default(),
            instance: instance.into(),
            facts,
        }
    }

    /// Say where messages go; before that, connections are refused.
    pub fn serve(&self, endpoint: EndpointInnerRef) {
        *self.endpoint.lock() = Some(endpoint);
    }

    /// The connection to a peer that is open already: one that we opened to this name, or one that came from there when
    /// the name is but the address.
    pub fn open_to(&self, peer: &Peer) -> Option<SipConnection> {
        let living = self.living.lock();
        let came = || {
            let is_address = peer.host.parse() == Ok(peer.address.ip());
            is_address.then(|| living.get(&Peer::that_came(peer.transport, peer.address)))
        };
        let found = living.get(peer).or_else(|| came().flatten());
        found
            .map(|(connection, _)| connection)
            .filter(|one| is_alive(one))
            .cloned()
    }

    /// Who opens a connection to a peer waits here for whoever does so already.
    pub fn door_to(&self, peer: &Peer) -> Door {
        self.doors.to(peer)
    }

    /// The name of the connection that came from there, over which somebody registers: its end will be told. One that is
    /// closed by now has none that counts.
    pub fn flow_from(&self, transport: Transport, address: SocketAddr) -> String {
        let living = self.living.lock();
        let came = living.get(&Peer::that_came(transport, address));
        let found = came.filter(|(connection, _)| is_alive(connection));
        found.map_or_else(|| "closed".into(), |(_, flow)| flow.registers())
    }

    /// Take connections until the runtime ends, by TLS when it is given.
    pub async fn accept(self: Arc<Self>, listener: TcpListener, tls: Option<Arc<Tls>>) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.welcome(stream, peer, tls.clone()),
                Err(why) => {
                    // Out of descriptors, most likely: wait for some to be closed rather than spin.
                    tracing::warn!(%why, "no connection could be taken");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Take one connection. A handshake costs as much as many requests, so it counts as one, and it holds a place.
    fn welcome(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, tls: Option<Arc<Tls>>) {
        let Some(place) = self.places.take_for(peer.ip()) else {
            tracing::debug!(%peer, "too many connections");
            return;
        };
        if tls.is_some() && !self.flood.lock().admits(peer.ip(), Instant::now()) {
            tracing::debug!(%peer, "too many connections from this address");
            return;
        }
        let streams = Arc::clone(self);
        tokio::spawn(async move {
            stream.set_nodelay(true).ok();
            let greeted = match tls {
                None => greet(stream, streams.first_byte, (Transport::Tcp, Transport::Ws)).await,
                Some(tls) => match timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        greet(stream, streams.first_byte, (Transport::Tls, Transport::Wss)).await
                    }
                    Ok(Err(why)) => Err(why),
                    Err(late) => Err(late.into()),
                },
            };
            let (link, transport) = match greeted {
                Ok(greeted) => greeted,
                Err(why) => return tracing::debug!(%peer, %why, "no handshake"),
            };
            let peer = Peer::that_came(transport, peer);
            if let Err(why) = streams.take_in(link, peer, place).await {
                tracing::debug!(%why, "stream refused");
            }
        });
    }

    /// Make a connection that we opened one of ours.
    pub async fn adopt(self: &Arc<Self>, link: Link, peer: Peer) -> rsipstack::Result<SipConnection> {
        let place = self.places.take();
        let place = place.ok_or_else(|| rsipstack::Error::Error("too many connections".into()))?;
        self.take_in(link, peer, place).await
    }

    async fn take_in(
        self: &Arc<Self>,
        link: Link,
        peer: Peer,
        place: Place,
    ) -> rsipstack::Result<SipConnection> {
        let endpoint = self.endpoint.lock().clone();
        let endpoint = endpoint.ok_or_else(|| rsipstack::Error::Error("not serving yet".into()))?;
        let (incoming, arrivals) = unbounded_channel();
        let (outgoing, departures) = unbounded_channel();
        let token = CancellationToken::new();
        let address = SipAddr::new(peer.transport, HostWithPort::from(peer.address));
        let channel =
            ChannelConnection::create_connection(arrivals, outgoing, address, Some(token.clone())).await?;
        let connection = SipConnection::Channel(channel);
        endpoint.transport_layer.add_connection(connection.clone());
        let flow = Arc::new(Flow::of(&self.instance));
        self.living
            .lock()
            .insert(peer.clone(), (connection.clone(), Arc::clone(&flow)));
        let writer = Arc::new(tokio::sync::Mutex::new(link.write));
        tokio::spawn(depart(
            departures,
            Arc::clone(&writer),
            token.clone(),
            peer.called,
        ));
        let reader = Reader {
            streams: Arc::clone(self),
            _place: place,
            peer,
            flow,
            connection: connection.clone(),
            incoming,
            writer,
        };
        tokio::spawn(reader.run(link.read, token));
        Ok(connection)
    }
}

/// Whether a connection can still be written to.
pub(crate) fn is_alive(connection: &SipConnection) -> bool {
    connection.is_reliable()
        && connection
            .cancel_token()
            .is_some_and(|token| !token.is_cancelled())
}

/// Write what the stack sends, until the connection or the stack is gone; in between, on a connection of ours, that it
/// lives. No answer is asked for: not every peer knows that it should give one.
async fn depart(
    mut messages: UnboundedReceiver<TransportEvent>,
    writer: Arc<tokio::sync::Mutex<Writing>>,
    token: CancellationToken,
    pings: bool,
) {
    loop {
        let bytes = tokio::select! {
            () = token.cancelled() => break,
            message = messages.recv() => match message {
                Some(TransportEvent::Incoming(message, ..)) => message.to_bytes(),
                _ => break,
            },
            () = tokio::time::sleep(PING_EVERY), if pings => b"\r\n\r\n".to_vec(),
        };
        if !write(&writer, &bytes).await {
            break;
        }
    }
    token.cancel();
    // TLS says goodbye, so that the peer need not wonder whether somebody cut the line.
    let _ = timeout(WRITE_LIMIT, async { writer.lock().await.shutdown().await }).await;
}

async fn write(writer: &tokio::sync::Mutex<Writing>, bytes: &[u8]) -> bool {
    let written = timeout(WRITE_LIMIT, async {
        let mut writer = writer.lock().await;
        writer.write_all(bytes).await?;
        writer.flush().await
    })
    .await;
    matches!(written, Ok(Ok(())))
}

/// One connection's reading half.
struct Reader {
    streams: Arc<Streams>,
    _place: Place,
    peer: Peer,
    flow: Arc<Flow>,
    connection: SipConnection,
    incoming: UnboundedSender<TransportEvent>,
    writer: Arc<tokio::sync::Mutex<Writing>>,
}

impl Reader {
    async fn run(self, mut half: impl AsyncRead + Unpin, token: CancellationToken) {
        let mut buffer: Vec<u8> = Vec::with_capacity(2_048);
        // Until when the rest of a message must have come, however slowly its bytes come one by one.
        let mut until: Option<tokio::time::Instant> = None;
        loop {
            let now = tokio::time::Instant::now();
            // The answer to a keepalive is no message that has begun.
            let deadline = match buffer.as_slice() {
                b"" | b"\r\n" => now + IDLE_LIMIT,
                _ => *until.get_or_insert(now + REST_LIMIT),
            };
            let read = tokio::select! {
                () = token.cancelled() => break,
                read = timeout_at(deadline, half.read_buf(&mut buffer)) => read,
            };
            let come = buffer.len();
            if !matches!(read, Ok(Ok(1..))) || !self.digest(&mut buffer).await {
                break;
            }
            if buffer.len() < come {
                until = None;
            }
        }
        // Ending `incoming` with self makes the stack retire the connection.
        token.cancel();
        let mut living = self.streams.living.lock();
        if living
            .get(&self.peer)
            .is_some_and(|(latest, _)| !is_alive(latest))
        {
            living.remove(&self.peer);
        }
        if let Some(fact) = self.flow.closed() {
            (self.streams.facts)(fact.into());
        }
    }

    /// Take all whole messages out of the buffer; false when the stream makes no sense any more.
    async fn digest(&self, buffer: &mut Vec<u8>) -> bool {
        loop {
            match next_message(buffer) {
                Cut::Message(bytes) => {
                    if !self.receive(&bytes).await {
                        return false;
                    }
                }
                Cut::Ping => {
                    if !write(&self.writer, b"\r\n").await {
                        return false;
                    }
                }
                Cut::NotYet => return true,
                Cut::Senseless(answer) => {
                    write(&self.writer, &answer).await;
                    return false;
                }
            }
        }
    }

    async fn receive(&self, bytes: &[u8]) -> bool {
        let Peer {
            transport, address, ..
        } = self.peer;
        if !self.streams.flood.lock().admits(address.ip(), Instant::now()) {
            return true;
        }
        match judge(bytes) {
            Verdict::Answer(answer) => write(&self.writer, &answer).await,
            Verdict::Drop(why) => {
                tracing::debug!(peer = %address, why, "message dropped");
                true
            }
            Verdict::Pass(bytes) => {
                let Ok(message) = SipMessage::try_from(bytes.as_slice()) else {
                    return true;
                };
                let marked = SipConnection::update_msg_received(message, address, transport);
                let Ok(message) = marked else { return true };
                let source = SipAddr::new(transport, HostWithPort::from(address));
                let event = TransportEvent::Incoming(message, self.connection.clone(), source);
                self.incoming.send(event).is_ok()
            }
        }
    }
}
