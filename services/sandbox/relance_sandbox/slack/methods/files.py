"""files.*: an upload in three steps, as Slack wants it since 2024."""

import mimetypes
from typing import Any

from relance_sandbox.slack.arguments import Arguments
from relance_sandbox.slack.messages import Content, parent_of, said_by_app
from relance_sandbox.slack.methods.chat import joined
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Workspace


def get_upload_url(workspace: Workspace, arguments: Arguments) -> Json:
    filename, length = arguments.need("filename"), arguments.number("length", 0)
    if length <= 0:
        raise Refusal("invalid_arguments", "[ERROR] length must be the file's size in bytes")
    file_id = workspace.new_id("F")
    workspace.files[file_id] = {
        "id": file_id,
        "name": filename,
        "title": filename,
        "mimetype": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        "size": length,
        "alt_txt": arguments.get("alt_txt") or "",
        "url_private": f"{workspace.url}/files/{file_id}",
    }
    return {"upload_url": f"{workspace.url}/upload/{file_id}", "file_id": file_id}


def receive(workspace: Workspace, file_id: str, content: bytes) -> str:
    """Take the bytes of an announced file; the answer's text, or Refusal."""
    held = workspace.files.get(file_id)
    if held is None or file_id in workspace.uploads:
        raise Refusal("file_not_found")
    if len(content) != held["size"]:
        raise Refusal("file_size_mismatch", f"announced {held['size']}, got {len(content)} bytes")
    workspace.uploads[file_id] = content
    return f"OK - {len(content)}"


def complete_upload(workspace: Workspace, arguments: Arguments) -> Json:
    files = [completed(workspace, given) for given in arguments.get("files") or []]
    if not files:
        raise Refusal("invalid_arguments", "[ERROR] missing required field: files")
    if arguments.get("channel_id"):
        conversation = joined(workspace, arguments.need("channel_id"))
        text = arguments.get("initial_comment") or ""
        thread_ts = parent_of(conversation, arguments.get("thread_ts"))
        content = Content(text=text, files=files)
        workspace.post(conversation, said_by_app(workspace, content, thread_ts=thread_ts))
    return {"files": files}


def completed(workspace: Workspace, given: Any) -> Json:
    file_id = given.get("id") if isinstance(given, dict) else None
    if file_id not in workspace.uploads:
        raise Refusal("file_not_found")
    held: Json = workspace.files[file_id]
    held["title"] = given.get("title") or held["name"]
    return held


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), 4),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), 4),
}
