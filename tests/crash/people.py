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

from flowbot.library.content import shipped

from . import meta

TALK = (("Hello", "What is the first?"), ("And the second?",), ("Thank you",))  # what each of these is answered with
LINES = {"acme": (meta.PHONE_NUMBER_ID, ""), "other": (meta.OTHER_ID, "/webhooks/other/main")}
NEWS = ("One.", "Two.", "Three.")
TURNS = 3  # messages in one conversation: the word that starts it, and two answers


@dataclass(slots=True)
class Said:
    """What one contact said, in order; only what was answered 200."""

    number: str
    account: str = "acme"
    ids: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def answers(self) -> tuple[tuple[str, ...], ...]:
        """What the bot has to say to all that, in order; more than one where either may be."""
        told = [text for at in range(len(self.words)) for text in TALK[at % TURNS]]
        return (tuple(told),)

    @property
    def conversations(self) -> list[list[str]]:
        """The two answers of every conversation that came to its end."""
        ends = range(TURNS, len(self.words) + 1, TURNS)
        return [self.words[end - TURNS + 1 : end] for end in ends]


@dataclass(slots=True)
class Sent(Said):
    """A contact who says one word, which a client's service has to hear of: a conversation without answers."""

    @property
    def answers(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(f"Noted: {self.number}" for _ in self.words),)

    @property
    def conversations(self) -> list[list[str]]:
        return [[] for _ in self.words]


@dataclass(slots=True)
class Waited(Said):
    """A contact who is written to later, and perhaps wants nothing of it when that time comes."""

    @property
    def answers(self) -> tuple[tuple[str, ...], ...]:
        if "stop" not in self.words:
            return (("Later.", *NEWS),)
        bye = str(shipped(("en",))["en"]["opted_out"])
        return ("Later.", bye), ("Later.", *NEWS, bye)

    @property
    def conversations(self) -> list[list[str]]:
        return [[]]


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
        waiting: float = 0.0,
    ) -> None:
        self.said = [Said(number=f"57300{seed % 100:02d}{index:05d}") for index in range(count)]
        self.sent: list[Sent] = []
        self.sending = sending  # seconds between two contacts who say one word; 0: there are none
        self.waited: list[Waited] = []
        self.waiting = waiting  # seconds between two contacts who are written to later; 0: there are none
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
        if waiting:
            self._threads.append(threading.Thread(target=self._wait, daemon=True))

    @property
    def everybody(self) -> list[Said]:
        return [*self.said, *self.sent, *self.waited]

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

    def _wait(self) -> None:
        """One after the other; every other one opts out about when it is written to. One in four is another account's,
        under the number of somebody who talks here.
        """
        dice, stops = random.Random(self._seed), []
        while not self._stop.wait(self.waiting):
            at = len(self.waited)
            one = Waited(number=f"57320{self._seed % 100:02d}{at:05d}")
            if at % 4 == 2 and at // 4 < len(self.said):
                one = Waited(number=self.said[at // 4].number, account="other")
            self.waited.append(one)
            self._say(one, "later")
            if len(self.waited) % 2:
                stops.append(threading.Timer(dice.uniform(1.8, 2.8), self._say, (one, "stop")))
                stops[-1].start()
        for stop in stops:
            stop.join()

    def _say(self, one: Said, word: str) -> None:
        name = f"wamid.said{self._seed}x{one.number}x{word}"
        line, path = LINES[one.account]
        self._post(meta.text(name, one.number, word, int(time.time()), line=line), path)
        one.ids.append(name)
        one.words.append(word)

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

    def _post(self, body: bytes, path: str = "") -> None:
        """Until it is answered 200, as a provider does."""
        while True:
            connection = UnixConnection(self._web_socket, timeout=5)
            try:
                connection.request("POST", path or self._path, body=body, headers=meta.signed(body))
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
