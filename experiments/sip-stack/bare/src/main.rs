//! A called side made of `rsipstack` alone, its dialog layer included, as its documentation shows it.
//!
//! Takes calls on the UDP and TCP port named by the first argument and answers them after the second argument's
//! milliseconds. A new offer is answered after the third argument's milliseconds. A line `hangup` on stdin says BYE
//! everywhere. What it answers, and what it leaves unanswered, is the crate's doing.

use std::io::BufRead;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rsipstack::dialog::dialog::DialogState;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, StatusCode};
use rsipstack::transport::tcp_listener::TcpListenerConnection;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::TransportLayer;
use rsipstack::EndpointBuilder;

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";

type Dialogs = Arc<Mutex<Vec<InviteDialog>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |at: usize| {
        std::env::args()
            .nth(at)
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], number(1) as u16));
    let (answer_after, reoffer_after) = (
        Duration::from_millis(number(2)),
        Duration::from_millis(number(3)),
    );
    let transports = TransportLayer::new(Default::default());
    transports.add_transport(
        UdpConnection::create_connection(address, None, None)
            .await?
            .into(),
    );
    transports.add_transport(TcpListenerConnection::new(address, None).await?.into());
    let endpoint = EndpointBuilder::new()
        .with_transport_layer(transports)
        .build();
    let mut requests = endpoint.incoming_transactions()?;
    let layer = Arc::new(DialogLayer::new(endpoint.inner.clone()));
    let dialogs: Dialogs = Dialogs::default();
    tokio::spawn(async move { endpoint.serve().await });
    obey(dialogs.clone(), tokio::runtime::Handle::current());
    println!("ready");
    while let Some(mut request) = requests.recv().await {
        let has_tag = request.original.to_header()?.tag()?.is_some();
        if has_tag {
            match layer.match_dialog(&request) {
                Some(rsipstack::dialog::dialog::Dialog::Invite(mut dialog)) => {
                    tokio::spawn(async move { dialog.handle(&mut request).await.ok() });
                }
                _ => {
                    request
                        .reply(StatusCode::CallTransactionDoesNotExist)
                        .await?
                }
            }
        } else if request.original.method == Method::Invite {
            let (told, mut states) = layer.new_dialog_state_channel();
            println!("invite {}", request.original.body.len());
            let mut dialog = layer.get_or_create_server_invite(&request, told, None, None)?;
            dialogs.lock().unwrap().push(dialog.clone());
            let answering = dialog.clone();
            tokio::spawn(async move { dialog.handle(&mut request).await.ok() });
            tokio::spawn(async move {
                answering.ringing(None, None).ok();
                tokio::time::sleep(answer_after).await;
                let kind = Header::ContentType("application/sdp".into());
                answering.accept(Some(vec![kind]), Some(SDP.into())).ok();
            });
            tokio::spawn(async move {
                while let Some(state) = states.recv().await {
                    if let DialogState::Updated(_, _, handle) = state {
                        tokio::time::sleep(reoffer_after).await;
                        handle
                            .respond(StatusCode::OK, None, Some(SDP.into()))
                            .await
                            .ok();
                    }
                }
            });
        } else if request.original.method == Method::Options {
            request.reply(StatusCode::OK).await?;
        } else {
            request.reply(StatusCode::MethodNotAllowed).await?;
        }
    }
    Ok(())
}

fn obey(dialogs: Dialogs, runtime: tokio::runtime::Handle) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            for dialog in dialogs
                .lock()
                .unwrap()
                .iter()
                .filter(|_| line == "hangup")
                .cloned()
            {
                runtime.spawn(async move {
                    println!(
                        "bye {:?}",
                        dialog.bye().await.map_err(|why| why.to_string())
                    )
                });
            }
        }
    });
}
