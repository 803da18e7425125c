"""Contacts who talk to the bot: each waits for its 200 before it says the next thing, as a provider does per contact.

A quarter of all webhooks are delivered twice, some of them a good while later.
"""

from __future__ import annotations

import http.client
import random
import socket
import threading
import time
from dataclasses import dataclass, field

from . import meta

TURNS = 3  # messages in one conversation: the word that starts it, and two answers


@dataclass(slots=True)
class Said:
    """What one contact said, in order; only what was answered 200."""

    number: str
    ids: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def conversations(self) -> list[list[str]]:
        """The two answers of every conversation that came to its end."""
        ends = range(TURNS, len(self.words) + 1, TURNS)
        return [self.words[end - TURNS + 1 : end] for end in ends]


@dataclass(slots=True)
class Sent(Said):
    """A contact who says one word, which a client's service has to hear of: a conversation without answers."""

    @property
    def conversations(self) -> list[list[str]]:
        return [[] for _ in self.words]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("web", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class People:
    """`count` contacts, spoken for by a few threads, until `until()` is called."""

    def __init__(
        self,
        *,
        seed: int,
        count: int,
        web_socket: str,
        webhook_path: str,
        threads: int = 4,
        pause: float = 0.02,
        sending: float = 0.0,
    ) -> None:
        self.said = [Said(number=f"57300{seed % 100:02d}{index:05d}") for index in range(count)]
        self.sent: list[Sent] = []
        self.sending = sending  # seconds between two contacts who say one word; 0: there are none
        self.acked = 0
        self.repeated = 0
        self._web_socket, self._path, self._pause = web_socket, webhook_path, pause
        self._stop = threading.Event()
        self._seed = seed
        self._threads = [
            threading.Thread(target=self._talk, args=(self.said[at::threads], seed * 1000 + at), daemon=True)
            for at in range(threads)
        ]
        if sending:
            self._threads.append(threading.Thread(target=self._send, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        """One more contact after the other, each with one word."""
        while not self._stop.wait(self.sending):
            self._send_one()

    def _send_one(self) -> None:
        one = Sent(number=f"57310{self._seed % 100:02d}{len(self.sent):05d}")
        name = f"wamid.sent{self._seed}x{one.number}"
        self._post(meta.text(name, one.number, "errand", int(time.time())))
        one.ids.append(name)
        one.words.append("errand")
        self.sent.append(one)

    def until(self, messages: int, seconds: float) -> None:
        """Let them talk until so many messages are acknowledged, or the time is over; then let each finish."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.acked < messages:
            time.sleep(0.05)
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a contact still waits for its 200"

    def _talk(self, mine: list[Said], seed: int) -> None:
        dice = random.Random(seed)
        late: list[bytes] = []
        while not self._stop.is_set():
            said = dice.choice(mine)
            turn = len(said.ids)
            words = "start" if turn % TURNS == 0 else f"answer {turn}"
            name = f"wamid.in{self._seed}x{said.number}x{turn}"
            body = meta.text(name, said.number, words, int(time.time()))
            self._post(body)
            said.ids.append(name)
            said.words.append(words)
            self.acked += 1
            if dice.random() < 0.125:
                self._repeat(body)
            elif dice.random() < 0.143:
                late.append(body)
            if len(late) > 5:
                self._repeat(late.pop(0))
            self._stop.wait(self._pause * dice.random() * 2)
        for body in late:
            self._repeat(body)

    def _repeat(self, body: bytes) -> None:
        self._post(body)
        self.repeated += 1

    def _post(self, body: bytes) -> None:
        """Until it is answered 200, as a provider does."""
        while True:
            connection = UnixConnection(self._web_socket, timeout=5)
            try:
                connection.request("POST", self._path, body=body, headers=meta.signed(body))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return
                assert answer.status in (502, 503), f"the web answered {answer.status}"
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.05)
