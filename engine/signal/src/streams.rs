//! TCP connections of peers: cut into messages, judged by the gate, handed to the stack.
//!
//! The crate's own TCP connection closes at the first message it cannot parse and trusts any Content-Length; so the
//! bytes are read here, and the stack sees a channel of whole messages. A connection that closes ends no call.
//!
//! Sources: RFC 3261 18.3; RFC 5626 3.5.1 (keepalives).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rsipstack::platform::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use rsipstack::platform::CancellationToken;
use rsipstack::sip::{HostWithPort, SipMessage, Transport};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::flood::Flood;
use crate::gate::{announced_length, as_utf8, head_end, judge, Verdict, MESSAGE_LIMIT_BYTES};

/// Longest wait for the rest of a message that has begun.
const REST_LIMIT: Duration = Duration::from_secs(30);
/// Longest silence on a connection that carries nothing.
const IDLE_LIMIT: Duration = Duration::from_secs(3_600);
/// Longest wait for a peer to take what we write.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// The open connections.
pub(crate) struct Streams {
    limit: usize,
    open: AtomicUsize,
    flood: Mutex<Flood>,
    endpoint: Mutex<Option<EndpointInnerRef>>,
}

impl Streams {
    /// Bear this many connections, and this many requests a second from each address.
    pub fn new(limit: usize, requests_per_s: u32) -> Self {
        Self {
            limit,
            open: AtomicUsize::new(0),
            flood: Mutex::new(Flood::new(requests_per_s)),
            endpoint: Mutex::new(None),
        }
    }

    /// Say where messages go; before that, connections are refused.
    pub fn serve(&self, endpoint: EndpointInnerRef) {
        *self.endpoint.lock() = Some(endpoint);
    }

    /// Take connections until the runtime ends.
    pub async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if let Err(why) = self.adopt(stream, peer).await {
                        tracing::debug!(%peer, %why, "stream refused");
                    }
                }
                Err(why) => {
                    // Out of descriptors, most likely: wait for some to be closed rather than spin.
                    tracing::warn!(%why, "no connection could be taken");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Make a connection one of ours, whoever opened it.
    pub async fn adopt(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> rsipstack::Result<SipConnection> {
        let endpoint = self.endpoint.lock().clone();
        let endpoint = endpoint.ok_or_else(|| rsipstack::Error::Error("not serving yet".into()))?;
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(rsipstack::Error::Error("too many connections".into()));
        }
        stream.set_nodelay(true).ok();
        let (incoming, arrivals) = unbounded_channel();
        let (outgoing, departures) = unbounded_channel();
        let token = CancellationToken::new();
        let address = SipAddr::new(Transport::Tcp, HostWithPort::from(peer));
        let channel =
            ChannelConnection::create_connection(arrivals, outgoing, address, Some(token.clone())).await?;
        let connection = SipConnection::Channel(channel);
        endpoint.transport_layer.add_connection(connection.clone());
        let (read, write) = stream.into_split();
        let writer = Arc::new(tokio::sync::Mutex::new(write));
        tokio::spawn(depart(departures, Arc::clone(&writer), token.clone()));
        let reader = Reader {
            streams: Arc::clone(self),
            peer,
            connection: connection.clone(),
            incoming,
            writer,
        };
        tokio::spawn(reader.run(read, token));
        Ok(connection)
    }
}

/// Write what the stack sends, until the connection or the stack is gone.
async fn depart(
    mut messages: UnboundedReceiver<TransportEvent>,
    writer: Arc<tokio::sync::Mutex<OwnedWriteHalf>>,
    token: CancellationToken,
) {
    loop {
        let message = tokio::select! {
            () = token.cancelled() => break,
            message = messages.recv() => message,
        };
        let Some(TransportEvent::Incoming(message, ..)) = message else {
            break;
        };
        if !write(&writer, &message.to_bytes()).await {
            token.cancel();
            break;
        }
    }
}

async fn write(writer: &tokio::sync::Mutex<OwnedWriteHalf>, bytes: &[u8]) -> bool {
    let written = timeout(WRITE_LIMIT, async { writer.lock().await.write_all(bytes).await }).await;
    matches!(written, Ok(Ok(())))
}

/// One connection's reading half.
struct Reader {
    streams: Arc<Streams>,
    peer: SocketAddr,
    connection: SipConnection,
    incoming: UnboundedSender<TransportEvent>,
    writer: Arc<tokio::sync::Mutex<OwnedWriteHalf>>,
}

impl Reader {
    async fn run(self, mut half: OwnedReadHalf, token: CancellationToken) {
        let mut buffer: Vec<u8> = Vec::with_capacity(2_048);
        loop {
            let patience = if buffer.is_empty() { IDLE_LIMIT } else { REST_LIMIT };
            let read = tokio::select! {
                () = token.cancelled() => break,
                read = timeout(patience, half.read_buf(&mut buffer)) => read,
            };
            if !matches!(read, Ok(Ok(1..))) || !self.digest(&mut buffer).await {
                break;
            }
        }
        // Ending `incoming` with self makes the stack retire the connection.
        token.cancel();
        self.streams.open.fetch_sub(1, Ordering::Relaxed);
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
        if !self.streams.flood.lock().admits(self.peer.ip(), Instant::now()) {
            return true;
        }
        match judge(bytes) {
            Verdict::Answer(answer) => write(&self.writer, &answer).await,
            Verdict::Drop(why) => {
                tracing::debug!(peer = %self.peer, why, "message dropped");
                true
            }
            Verdict::Pass(bytes) => {
                let Ok(message) = SipMessage::try_from(bytes.as_slice()) else {
                    return true;
                };
                let marked = SipConnection::update_msg_received(message, self.peer, Transport::Tcp);
                let Ok(message) = marked else { return true };
                let source = SipAddr::new(Transport::Tcp, HostWithPort::from(self.peer));
                let event = TransportEvent::Incoming(message, self.connection.clone(), source);
                self.incoming.send(event).is_ok()
            }
        }
    }
}

/// What the front of a stream's buffer is.
#[derive(Debug, PartialEq, Eq)]
enum Cut {
    Message(Vec<u8>),
    Ping,
    NotYet,
    /// Not SIP, or longer than we read: there is no telling where the next message begins. To be sent before closing.
    Senseless(Vec<u8>),
}

fn next_message(buffer: &mut Vec<u8>) -> Cut {
    if buffer.starts_with(b"\r\n\r\n") {
        buffer.drain(..4);
        return Cut::Ping;
    }
    // RFC 3261 7.5: empty lines before a start line are to be ignored.
    while buffer.starts_with(b"\r\n") && buffer.len() > 3 {
        buffer.drain(..2);
    }
    let Some(end) = head_end(buffer) else {
        let is_endless = buffer.len() > MESSAGE_LIMIT_BYTES;
        return if is_endless {
            Cut::Senseless(Vec::new())
        } else {
            Cut::NotYet
        };
    };
    // RFC 3261 18.3: on a stream the length must be there; 0 is the kinder guess for those who leave it out.
    let Ok(length) = announced_length(&as_utf8(&buffer[..end])) else {
        return Cut::Senseless(answer_to(buffer));
    };
    let whole = (end + 4).saturating_add(length.unwrap_or(0));
    if whole > MESSAGE_LIMIT_BYTES {
        return Cut::Senseless(answer_to(buffer));
    }
    if buffer.len() < whole {
        return Cut::NotYet;
    }
    Cut::Message(buffer.drain(..whole).collect())
}

fn answer_to(buffer: &[u8]) -> Vec<u8> {
    match judge(buffer) {
        Verdict::Answer(answer) => answer,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str =
        "OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\nFrom: <sip:b@h>;tag=1\r\n\
        To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 7 OPTIONS\r\nl: 2\r\n\r\nab";

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = format!("\r\n{PING}{PING}\r\n\r\n{PING}");
        for step in [1, 7, 100, 10_000] {
            let (mut buffer, mut messages, mut pings) = (Vec::new(), 0, 0);
            for piece in stream.as_bytes().chunks(step) {
                buffer.extend_from_slice(piece);
                loop {
                    match next_message(&mut buffer) {
                        Cut::Message(message) => {
                            assert_eq!(message, PING.as_bytes());
                            messages += 1;
                        }
                        Cut::Ping => pings += 1,
                        Cut::NotYet => break,
                        Cut::Senseless(_) => panic!("step {step}"),
                    }
                }
            }
            assert_eq!((messages, pings), (3, 1), "step {step}");
        }
    }

    #[test]
    fn an_impossible_length_ends_the_stream_with_an_answer() {
        for length in ["18446744073709551615", "-1", "9000000"] {
            let mut buffer = PING.replace("l: 2", &format!("l: {length}")).into_bytes();
            match next_message(&mut buffer) {
                Cut::Senseless(answer) => assert!(answer.starts_with(b"SIP/2.0 "), "{length}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            next_message(&mut vec![b'x'; MESSAGE_LIMIT_BYTES + 1]),
            Cut::Senseless(Vec::new())
        );
    }
}
