//! The sockets: UDP behind the gate, TCP beside it on the same port, TLS on one of its own; who speaks by `WebSocket` comes to those two.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use rsipstack::platform::net::UdpSocket as StackSocket;
use rsipstack::platform::CancellationToken;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TransportLayer};
use tokio::net::{TcpListener, UdpSocket};

use crate::flood::Flood;
use crate::gate::{judge, Verdict};
use crate::leg::Facts;
use crate::servers::Finder;
use crate::settings::Settings;
use crate::stack::{Bound, Stack};
use crate::streams::Streams;
use crate::tls::Tls;

const DATAGRAM_BYTES: usize = 65_535;
const BIND_TRIES: usize = 16;
/// Room for a burst: some thousand requests. The kernel gives as much of it as it allows.
const RECEIVE_BUFFER_BYTES: usize = 8 << 20;

/// Open both sockets and bind the stack to them. Must run inside the runtime that will serve them.
pub(crate) async fn listen(
    settings: &Settings,
    instance: &str,
    facts: Facts,
) -> std::io::Result<(Stack, Heard)> {
    let tls = Arc::new(Tls::new(settings.tls.clone())?);
    let (datagrams, listener) = bind(settings.listen).await?;
    let secure = match settings.tls.listen {
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let local = datagrams.local_addr()?;
    let limits = settings.limits;
    let socket: Arc<dyn StackSocket> = Arc::new(Gated::new(datagrams, limits.requests_per_s));
    let udp = UdpConnection::from_socket(socket, None, None)
        .await
        .map_err(std::io::Error::other)?;
    let udp = SipConnection::Udp(udp);
    let transports = TransportLayer::new(CancellationToken::new());
    transports.add_transport(udp.clone());
    let streams = Arc::new(Streams::new(
        limits,
        settings.patience.first_byte,
        instance,
        facts,
    ));
    let heard = Heard {
        local,
        secure: secure.as_ref().map(TcpListener::local_addr).transpose()?,
    };
    let bound = Bound {
        udp,
        heard,
        transports,
        streams: Arc::clone(&streams),
        tls: Arc::clone(&tls),
        finder: Finder::new(&settings.dns),
    };
    let stack = Stack::new(bound, settings.patience.t1);
    streams.serve(stack.endpoint.inner.clone());
    if let Some(listener) = secure {
        tokio::spawn(Arc::clone(&streams).accept(listener, Some(tls)));
    }
    tokio::spawn(streams.accept(listener, None));
    Ok((stack, heard))
}

/// Where we listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// By UDP and TCP.
    pub local: SocketAddr,
    /// By TLS, if at all.
    pub secure: Option<SocketAddr>,
}

/// Bind UDP and TCP to the same port; with port 0, try until one is free for both.
async fn bind(listen: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if listen.port() == 0 { BIND_TRIES } else { 1 };
    loop {
        tries -= 1;
        let listener = TcpListener::bind(listen).await?;
        match UdpSocket::bind(SocketAddr::new(listen.ip(), listener.local_addr()?.port())).await {
            Ok(datagrams) => {
                let _ = socket2::SockRef::from(&datagrams).set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
                return Ok((datagrams, listener));
            }
            Err(why) if tries == 0 => return Err(why),
            Err(_) => {}
        }
    }
}

/// A UDP socket that shows the stack only what has passed the gate.
struct Gated {
    socket: UdpSocket,
    flood: Mutex<Flood>,
    scratch: tokio::sync::Mutex<Box<[u8]>>,
    dropped: AtomicU64,
}

impl Gated {
    fn new(socket: UdpSocket, requests_per_s: u32) -> Self {
        Self {
            socket,
            flood: Mutex::new(Flood::new(requests_per_s)),
            scratch: tokio::sync::Mutex::new(vec![0; DATAGRAM_BYTES].into()),
            dropped: AtomicU64::new(0),
        }
    }

    fn count_dropped(&self, source: SocketAddr, why: &str) {
        let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
        // A line for the first and then ever fewer: a flood must not become a flood of lines.
        if dropped.is_power_of_two() {
            tracing::info!(%source, why, dropped, "datagrams dropped");
        }
    }
}

#[async_trait]
impl StackSocket for Gated {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let mut scratch = self.scratch.lock().await;
        loop {
            let (length, source) = match self.socket.recv_from(&mut scratch).await {
                Ok(received) => received,
                Err(why) => {
                    tracing::debug!(%why, "nothing could be received");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            let datagram = &scratch[..length];
            if !datagram.starts_with(b"SIP/") && !self.flood.lock().admits(source.ip(), Instant::now()) {
                self.count_dropped(source, "too many requests from this address");
                continue;
            }
            match judge(datagram) {
                Verdict::Pass(bytes) if bytes.len() <= buffer.len() => {
                    buffer[..bytes.len()].copy_from_slice(&bytes);
                    return Ok((bytes.len(), source));
                }
                Verdict::Pass(_) => self.count_dropped(source, "too long"),
                Verdict::Drop(why) => self.count_dropped(source, why),
                Verdict::Answer(answer) => {
                    let _ = self.socket.send_to(&answer, source).await;
                }
            }
        }
    }

    async fn send_to(&self, bytes: &[u8], target: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.socket.send_to(bytes, target).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
