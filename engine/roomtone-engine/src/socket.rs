//! The brain's socket in the file system: one engine to a path, owner only.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Listen on this path. A socket left over by a dead engine is replaced; a live engine's, or another file, is not.
pub fn listen(path: &Path) -> Result<UnixListener, String> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(format!("{shown} exists and is no socket"))
        }
        Ok(_) => clear(path)?,
        Err(why) if why.kind() == ErrorKind::NotFound => {}
        Err(why) => return Err(format!("{shown}: {why}")),
    }
    let listener = UnixListener::bind(path).map_err(|why| format!("cannot listen on {shown}: {why}"))?;
    let owner_only = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, owner_only).map_err(|why| format!("cannot close {shown} to others: {why}"))?;
    Ok(listener)
}

/// Remove the socket at the end.
pub fn remove(path: &Path) {
    if let Err(why) = fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %why, "socket could not be removed");
    }
}

fn clear(path: &Path) -> Result<(), String> {
    let shown = path.display();
    match UnixStream::connect(path) {
        Ok(_) => Err(format!(
            "an engine is listening on {shown} already; end it first, or choose another socket"
        )),
        Err(why) if why.kind() == ErrorKind::ConnectionRefused => {
            tracing::info!(path = %shown, "replacing the socket of a dead engine");
            fs::remove_file(path).map_err(|why| format!("cannot replace {shown}: {why}"))
        }
        Err(why) => Err(format!(
            "cannot tell whether an engine lives behind {shown}: {why}"
        )),
    }
}
