//! TLS for SIP: who we are, whom we believe, and the handshakes of both sides.
//!
//! Certificates are read again when their files change, so that a renewed one needs no restart. A peer that we call must
//! show a certificate for the very host that was asked for; peers that call us must show one only where a CA for them is
//! named.
//!
//! Sources: RFC 3261 26.2 and 26.3.1 (TLS), RFC 5922 7 (whose certificate it must be), RFC 8446.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream as Called;
use tokio_rustls::rustls::crypto::{ring, CryptoProvider};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream as Came;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::settings::TlsSettings;

/// Both sides' settings, as the files had them last.
pub(crate) struct Tls {
    settings: TlsSettings,
    provider: Arc<CryptoProvider>,
    read: Mutex<Read>,
}

struct Read {
    changed: Vec<Option<SystemTime>>,
    server: Option<Arc<ServerConfig>>,
    client: Arc<ClientConfig>,
}

impl Tls {
    /// Read all files that the settings name.
    pub fn new(settings: TlsSettings) -> std::io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let read = Mutex::new(read(&settings, &provider)?);
        Ok(Self {
            settings,
            provider,
            read,
        })
    }

    /// Shake hands with a peer that has connected. Takes as long as the peer likes.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<Came<TcpStream>> {
        let config = self.refreshed(|read| read.server.clone());
        let config = config.ok_or_else(|| std::io::Error::other("there is no certificate to show"))?;
        TlsAcceptor::from(config).accept(stream).await
    }

    /// Shake hands with a peer that we have connected to, which must be who it was called.
    pub async fn connect(&self, host: &str, stream: TcpStream) -> std::io::Result<Called<TcpStream>> {
        let name = ServerName::try_from(host.to_string()).map_err(std::io::Error::other)?;
        let config = self.refreshed(|read| Arc::clone(&read.client));
        TlsConnector::from(config).connect(name, stream).await
    }

    /// Look at what was read, after reading it anew where a file has changed. Files that are no good are told of, and
    /// what was read before stays in force.
    fn refreshed<T>(&self, look: impl FnOnce(&Read) -> T) -> T {
        let mut current = self.read.lock();
        let changed = changes(&self.settings);
        if changed != current.changed {
            match read(&self.settings, &self.provider) {
                Ok(fresh) => *current = fresh,
                Err(why) => tracing::error!(%why, "certificates cannot be read again"),
            }
            current.changed = changed;
        }
        look(&current)
    }
}

/// When each file was changed last.
fn changes(settings: &TlsSettings) -> Vec<Option<SystemTime>> {
    let identity = settings.identity.iter().flat_map(|(one, two)| [one, two]);
    let files = identity.chain(&settings.trusted).chain(&settings.clients);
    let changed = |file: &PathBuf| std::fs::metadata(file).and_then(|found| found.modified()).ok();
    files.map(changed).collect()
}

fn read(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> std::io::Result<Read> {
    let changed = changes(settings);
    let identity = match &settings.identity {
        Some((certificate, key)) => Some((certificates(certificate)?, private_key(key)?)),
        None => None,
    };
    let server = match &identity {
        Some(identity) => Some(Arc::new(server(settings, provider, identity)?)),
        None => None,
    };
    let client = Arc::new(client(settings, provider, identity)?);
    Ok(Read {
        changed,
        server,
        client,
    })
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn server(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
    (chain, key): &Identity,
) -> std::io::Result<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?;
    let builder = match &settings.clients {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let roots = Arc::new(roots_in(file, RootCertStore::empty())?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
            builder.with_client_cert_verifier(verifier.map_err(std::io::Error::other)?)
        }
    };
    builder
        .with_single_cert(chain.clone(), key.clone_key())
        .map_err(std::io::Error::other)
}

fn client(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
    identity: Option<Identity>,
) -> std::io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // A machine without a store of its own is no fault: then only those are believed that are named.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in &settings.trusted {
        roots = roots_in(file, roots)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(roots);
    match identity {
        // Shown to peers that ask for it: trunks that know their customers by certificate.
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(std::io::Error::other),
        None => Ok(builder.with_no_client_auth()),
    }
}

fn roots_in(file: &Path, mut roots: RootCertStore) -> std::io::Result<RootCertStore> {
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|why| in_file(file, why))?;
    }
    Ok(roots)
}

fn certificates(file: &Path) -> std::io::Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|why| in_file(file, why))?
        .collect();
    let found = found.map_err(|why| in_file(file, why))?;
    if found.is_empty() {
        return Err(in_file(file, "no certificate is in it"));
    }
    Ok(found)
}

fn private_key(file: &Path) -> std::io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(file).map_err(|why| in_file(file, why))
}

fn in_file(file: &Path, why: impl std::fmt::Display) -> std::io::Error {
    std::io::Error::other(format!("{}: {why}", file.display()))
}
