"""Ways to fetch files, one literal row each: what `poll: {from: ...}` of an endpoint may name, for any connector of files."""

from connectors import folder, sftp
from connectors.base import Source

SOURCES: dict[str, Source] = {
    "folder": Source(folder.poll, folder.FolderSettings),
    "sftp": Source(sftp.poll, sftp.SftpSettings),
}
