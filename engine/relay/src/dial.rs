//! Connects to a server: TCP to the addresses that were checked, TLS, and the handshake of RFC 6455.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{client_async_with_config, WebSocketStream};
use wire::OpenRelay;

use crate::tls;

/// Longest message of a server, in bytes: minutes of telephone sound.
pub(crate) const LONGEST_MESSAGE: usize = 512 * 1_024;

/// What the kernel may hold for a server, in bytes: what is there can no longer be dropped when it grows old.
const SEND_BUFFER: usize = 32 * 1_024;

/// Why a relay is over, in the protocol's word and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub word: &'static str,
    pub text: String,
}

impl Fault {
    pub fn new(word: &'static str, text: impl std::fmt::Display) -> Self {
        let text = text.to_string().chars().take(300).collect();
        Self { word, text }
    }
}

/// Plain or sealed.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// An open socket.
pub(crate) type Socket = WebSocketStream<Box<dyn Wire>>;

/// Connect, within the time that one try may take.
pub(crate) async fn dial(order: &OpenRelay) -> Result<Socket, Fault> {
    let within = Duration::from_millis(order.connect_ms.into());
    let late = |_| Fault::new("timeout", format!("not connected within {} ms", order.connect_ms));
    tokio::time::timeout(within, try_once(order))
        .await
        .map_err(late)?
}

async fn try_once(order: &OpenRelay) -> Result<Socket, Fault> {
    let (request, secure, host) = request(order)?;
    let stream = reach(&order.addresses).await?;
    let wire: Box<dyn Wire> = if secure {
        let sealed = tls::connect(&host, &order.trusted_roots, stream).await;
        Box::new(sealed.map_err(|why| Fault::new("tls", why))?)
    } else {
        Box::new(stream)
    };
    let (socket, _) = client_async_with_config(request, wire, Some(bounds()))
        .await
        .map_err(|why| handshake_fault(&why))?;
    Ok(socket)
}

fn bounds() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(8 * 1_024)
        // Each message goes out at once, or waits with us, where it can still be dropped.
        .write_buffer_size(0)
        .max_write_buffer_size(2 * LONGEST_MESSAGE)
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE))
}

fn request(order: &OpenRelay) -> Result<(Request, bool, String), Fault> {
    let bad = |why: &str| Fault::new("bad-url", why);
    let uri: Uri = order.url.parse().map_err(|_| bad("not a URL"))?;
    let secure = match uri.scheme_str() {
        Some("wss") => true,
        Some("ws") => false,
        _ => return Err(bad("neither ws: nor wss:")),
    };
    let host = uri.host().ok_or_else(|| bad("no host"))?.to_owned();
    let mut request = uri
        .into_client_request()
        .map_err(|why| Fault::new("bad-url", why))?;
    for header in &order.headers {
        let name: HeaderName = header.name.parse().map_err(|_| bad("a header's name is wrong"))?;
        let value = HeaderValue::from_str(&header.value).map_err(|_| bad("a header's value is wrong"))?;
        request.headers_mut().insert(name, value);
    }
    Ok((request, secure, host))
}

async fn reach(addresses: &[String]) -> Result<TcpStream, Fault> {
    let mut last = Fault::new("bad-url", "no address");
    for address in addresses {
        let Ok(at) = address.parse::<SocketAddr>() else {
            last = Fault::new("bad-url", format!("{address} is no address"));
            continue;
        };
        match TcpStream::connect(at).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
                return Ok(stream);
            }
            Err(why) => last = Fault::new("refused", format!("{at}: {why}")),
        }
    }
    Err(last)
}

fn handshake_fault(why: &Error) -> Fault {
    match why {
        Error::Http(response) if response.status().as_u16() >= 300 => {
            Fault::new("refused", format!("HTTP {}", response.status()))
        }
        Error::Io(why) => Fault::new("broken", why),
        why => Fault::new("not-a-websocket", why),
    }
}
