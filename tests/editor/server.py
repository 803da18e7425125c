"""yaml-language-server over its standard input and output: what an editor would ask it, and what it answers."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

WAIT = 30.0  # seconds for an answer; it takes milliseconds
SETTINGS = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}, "schemas": {}},
    "http": {},
    "[yaml]": {},
    "editor": {},
    "files": {},
}


class Server:
    """One running server for one project folder."""

    def __init__(self, command: Sequence[str], root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        self.arrived: queue.Queue[dict[str, Any]] = queue.Queue()
        self.diagnosed: dict[str, list[dict[str, Any]]] = {}
        self.number = 0
        self.opened = 0
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()

    def __enter__(self) -> Server:
        folder = {"uri": self.root.as_uri(), "name": "project"}
        able = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        start = {"processId": None, "rootUri": folder["uri"], "workspaceFolders": [folder], "capabilities": able}
        self.ask("initialize", start)
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": SETTINGS})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    # -- what an editor does

    def problems(self, file: str, text: str) -> list[tuple[int, str]]:
        """Line (from 1) and message of everything that is underlined."""
        uri = self._open(file, text)
        while uri not in self.diagnosed:
            self._take()
        found = self.diagnosed.pop(uri)
        self._close(uri)
        return sorted((one["range"]["start"]["line"] + 1, one["message"]) for one in found)

    def completions(self, file: str, text: str) -> dict[str, str]:
        """What is offered where `|` stands in the text: label -> its explanation."""
        before, _, after = text.partition("|")
        uri = self._open(file, before + after)
        found = self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": _place(before)})
        self._close(uri)
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: _text(item.get("documentation")) for item in items}

    def hover(self, file: str, text: str) -> str:
        """What is shown for the word that `|` stands in."""
        before, _, after = text.partition("|")
        uri = self._open(file, before + after)
        found = self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": _place(before)})
        self._close(uri)
        return _text(found["contents"]) if found else ""

    # -- the protocol

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _open(self, file: str, text: str) -> str:
        self.opened += 1  # a name of its own: the server may still be speaking of the last one
        path = self.root / file
        uri = path.with_name(f"{path.stem}{self.opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def _close(self, uri: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.process.stdin.flush()

    def _take(self) -> dict[str, Any]:
        """The next message; the server's own questions are answered on the way."""
        message = self.arrived.get(timeout=WAIT)
        if message.get("method") == "workspace/configuration":
            wanted = [SETTINGS.get(item.get("section", ""), {}) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": wanted})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.diagnosed[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def _listen(self, pipe: IO[bytes]) -> None:
        while line := pipe.readline():
            length = 0
            while line.strip():
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
                line = pipe.readline()
            self.arrived.put(json.loads(pipe.read(length)))


def _place(before: str) -> dict[str, int]:
    lines = before.split("\n")
    return {"line": len(lines) - 1, "character": len(lines[-1])}


def _text(found: Any) -> str:
    return str(found.get("value", "")) if isinstance(found, dict) else str(found or "")
