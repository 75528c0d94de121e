//! SIP over WebSocket, on the very ports of TCP and TLS: whoever begins with an HTTP request is answered as one.
//!
//! A message of the WebSocket is a message of SIP, and each write of ours is one. What reads and writes a connection
//! sees bytes, as over TCP: the gate and the limits are the same.
//!
//! Source: RFC 7118, sections 4 and 5; RFC 6455.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::{accept_hdr_async_with_config, WebSocketStream};

use crate::gate::{announced_length, as_utf8, head_end, MESSAGE_LIMIT_BYTES};

const SUBPROTOCOL: &str = "sip";

/// Wait for the first byte, and say whether it begins an HTTP request: no SIP method begins with the G of GET.
pub(crate) async fn is_wanted<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Result<bool> {
    Ok(stream.fill_buf().await?.first() == Some(&b'G'))
}

/// Answer the HTTP request. Takes as long as the peer likes.
pub(crate) async fn accept<S>(stream: BufReader<S>) -> Result<Messages<BufReader<S>>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_LIMIT_BYTES))
        .max_frame_size(Some(MESSAGE_LIMIT_BYTES))
        // What is written is a whole message, and flushed: nothing is gathered.
        .write_buffer_size(0)
        .max_write_buffer_size(8 * MESSAGE_LIMIT_BYTES);
    let accepted = accept_hdr_async_with_config(stream, agree, Some(config)).await;
    Ok(Messages {
        socket: accepted.map_err(Error::other)?,
        unread: Vec::new(),
        read: 0,
    })
}

/// RFC 7118 4.1: the client says `sip`, and so do we.
#[allow(clippy::result_large_err, reason = "the crate's own signature")]
fn agree(request: &Request, mut response: Response) -> std::result::Result<Response, ErrorResponse> {
    let offered = request.headers().get_all("sec-websocket-protocol");
    let offered = offered.iter().filter_map(|value| value.to_str().ok());
    let mut words = offered.flat_map(|value| value.split(',')).map(str::trim);
    if !words.any(|word| word.eq_ignore_ascii_case(SUBPROTOCOL)) {
        let mut refusal = ErrorResponse::new(Some("the subprotocol here is: sip\n".into()));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return Err(refusal);
    }
    let ours = HeaderValue::from_static(SUBPROTOCOL);
    response.headers_mut().insert("sec-websocket-protocol", ours);
    Ok(response)
}

/// A WebSocket as a stream of bytes.
pub(crate) struct Messages<S> {
    socket: WebSocketStream<S>,
    unread: Vec<u8>,
    read: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Messages<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        while self.read == self.unread.len() {
            self.unread = match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(Message::Text(text))) => measured(text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => measured(&bytes),
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Ok(())),
                Some(Ok(_)) => Vec::new(),
                Some(Err(why)) => return Poll::Ready(Err(Error::other(why))),
            };
            self.read = 0;
        }
        let taken = buffer.remaining().min(self.unread.len() - self.read);
        buffer.put_slice(&self.unread[self.read..self.read + taken]);
        self.read += taken;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Messages<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let mut socket = Pin::new(&mut self.socket);
        ready!(socket.as_mut().poll_ready(context)).map_err(Error::other)?;
        let message = match std::str::from_utf8(bytes) {
            Ok(text) => Message::text(text),
            Err(_) => Message::binary(bytes.to_vec()),
        };
        socket.start_send(message).map_err(Error::other)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(Error::other)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let closed = ready!(Pin::new(&mut self.socket).poll_close(context));
        Poll::Ready(closed.map_err(|why| Error::new(ErrorKind::NotConnected, why)))
    }
}

/// A message whose length stands in it: here it may be left out (RFC 7118 5.3), and streams need it.
pub(crate) fn measured(message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    // Two empty lines are a keepalive.
    if let Some(end) = head_end(message).filter(|end| *end > 0) {
        if announced_length(&as_utf8(&message[..end])) == Ok(None) {
            let length = format!("\r\nContent-Length: {}", message.len() - end - 4);
            bytes.splice(end..end, length.into_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use futures_util::SinkExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_tungstenite::client_async;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;

    use super::*;

    #[tokio::test]
    async fn what_one_side_says_comes_out_at_the_other() {
        let (ours, theirs) = tokio::io::duplex(1_024);
        let mut request = "ws://localhost/".into_client_request().unwrap();
        let offered = HeaderValue::from_static("chat, sip");
        request.headers_mut().insert("sec-websocket-protocol", offered);
        let mut stream = BufReader::new(ours);
        let phone = tokio::spawn(async move {
            let (mut phone, answer) = client_async(request, theirs).await.unwrap();
            assert_eq!(answer.headers()["sec-websocket-protocol"], "sip");
            phone.send(Message::text("one")).await.unwrap();
            phone.send(Message::binary(b"two".to_vec())).await.unwrap();
            let heard = std::future::poll_fn(|context| Pin::new(&mut phone).poll_next(context)).await;
            assert_eq!(heard.unwrap().unwrap(), Message::text("three"));
        });
        assert!(is_wanted(&mut stream).await.unwrap());
        let mut messages = accept(stream).await.unwrap();
        let mut heard = [0; 6];
        messages.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"onetwo");
        messages.write_all(b"three").await.unwrap();
        messages.flush().await.unwrap();
        phone.await.unwrap();
    }

    #[test]
    fn a_length_that_was_left_out_is_put_in_and_one_that_is_there_stays() {
        let head = "MESSAGE sip:a@h SIP/2.0\r\nCall-ID: c";
        let bare = measured(format!("{head}\r\n\r\nhello").as_bytes());
        assert_eq!(
            bare,
            format!("{head}\r\nContent-Length: 5\r\n\r\nhello").as_bytes()
        );
        for said in ["l: 5", "Content-Length: 0", "Content-Length: many"] {
            let message = format!("{head}\r\n{said}\r\n\r\nhello");
            assert_eq!(measured(message.as_bytes()), message.as_bytes());
        }
        assert_eq!(measured(b"\r\n\r\n"), b"\r\n\r\n");
    }
}
