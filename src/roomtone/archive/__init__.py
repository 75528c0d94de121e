"""Floor 2: finishes, keeps, serves and removes the sound of recordings. Knows a recording by its id; holds no policy."""

from roomtone.archive.archive import Archive, Settings
from roomtone.archive.forms import Form
from roomtone.archive.sounds import FileSound, StoredSound
from roomtone.archive.storage import Bucket, read_url
from roomtone.core.recording.sidecar import Sidecar

__all__ = ["Archive", "Bucket", "FileSound", "Form", "Settings", "Sidecar", "StoredSound", "read_url"]
