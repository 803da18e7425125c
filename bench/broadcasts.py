"""A broadcast's recipients taken in, checked and queued; and what a reply has to wait while it goes on."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator

import orjson

from flowbot.library.load import load
from flowbot.store import apikeys, approvals, bulk
from flowbot.store.client import Store, connect
from tests.crash.people import UnixConnection
from tests.crash.town import Town

from .idle import spent
from .result import Result
from .town import percentile, post, town, until, webhook

RECIPIENTS = int(os.environ.get("BENCH_RECIPIENTS", "20000"))  # 100000 for the whole of it
WARM, SAMPLES = 20, 200
PAUSE = 0.03  # seconds between two webhooks
RATE = "80/s"  # of the channel, as a new number has it
NOTICE = """\
category: marketing
examples: {name: Ana, day: Monday}
languages: {en: {body: "Hello {{ name }}, come on {{ day }} please."}}
"""


def measure() -> list[Result]:
    return [_queued(), *_replies()]


def _queued() -> Result:
    """From the first byte of the file until the last message is in the outbox; nobody sends meanwhile."""
    with town(workers=0, senders=0) as made, _project(made) as store:
        connection, key = UnixConnection(made.web_socket, timeout=120), _key(store)
        id, file = _draft(connection, key), _file()
        before, began = _spent(), time.perf_counter()
        _upload(connection, key, id, file)
        taken = time.perf_counter() - began
        until("all are queued", lambda: _sum(store, id, "made") >= RECIPIENTS, 120)
        took, cpu = time.perf_counter() - began, 1e6 * (_spent() - before) / RECIPIENTS
    note = f"{RECIPIENTS:,} in {took:.1f} s, {taken:.1f} s of them the web's; {cpu:.0f} us of CPU each, all processes"
    what = "broadcast: recipients taken in, checked and queued"
    return Result(what=what, value=RECIPIENTS / took, unit="/s", at_least=5000, note=note)


def _spent() -> float:
    """CPU seconds of all that the town is made of; the provider's stub and the measuring are ours."""
    return sum(seconds for (pid, _), seconds in spent(os.getpid()).items() if pid != os.getpid())


def _replies() -> list[Result]:
    """The same conversations on an idle system and while a broadcast comes in, is queued and sent."""
    with town() as made, _project(made) as store:
        connection, key = UnixConnection(made.web_socket, timeout=120), _key(store)
        idle = _latencies(made, "idle")
        id = _draft(connection, key)
        upload = threading.Thread(target=_upload, args=(connection, key, id, _file()))
        upload.start()
        busy = _latencies(made, "busy")
        upload.join()
        sent = _sum(store, id, "sent")
    one, other = percentile(idle, 0.99), percentile(busy, 0.99)
    note = f"idle {one:.0f} ms, then {other:.0f} ms; {sent:,} of {RECIPIENTS:,} sent meanwhile at {RATE}"
    half = f"p50 {percentile(idle, 0.5):.0f} ms, then {percentile(busy, 0.5):.0f} ms"
    return [
        Result(
            what="a reply's p99 during a broadcast, to the idle one",
            value=other / one,
            unit="x",
            at_most=2,
            note=f"{note}; {half}",
        )
    ]


@contextlib.contextmanager
def _project(made: Town) -> Iterator[Store]:
    """With a template that may go out, and the rate of a new number."""
    folder = made.project
    (folder / "content" / "templates").mkdir(parents=True)
    (folder / "content" / "templates" / "notice.yaml").write_text(NOTICE)
    text = (folder / "flowbot.yaml").read_text()
    (folder / "flowbot.yaml").write_text(text.replace("rate: 100000/s", f"rate: {RATE}"))
    library = load(folder, made.environ("bench"))
    with contextlib.closing(connect(made.valkey.url)) as store:
        holder = library.account("acme").channels["main"].holder
        fact = approvals.Fact(kind="status", name="notice", language="en", at=1, value={"status": "APPROVED"})
        store.run(approvals.note("acme", holder, [fact]))
        time.sleep(2)  # whoever has begun reads it anew
        yield store


def _key(store: Store) -> str:
    id = apikeys.new_id("acme", b"bench")
    store.run(apikeys.keep("acme", id, "s" * 43, store.salt, name="bench", now=1))
    return apikeys.written(id, "s" * 43)


def _draft(connection: UnixConnection, key: str) -> str:
    asked = {"channel": "main", "template": {"name": "notice", "params": {"day": "Monday"}}, "user_authorized": True}
    answer = _ask(connection, "POST", "/v1/broadcasts", key, orjson.dumps(asked))
    return str(answer["broadcast_id"])


def _file() -> bytes:
    return b"phone;name\n" + "".join(f"+57304{at:07d};Contact {at}\n" for at in range(RECIPIENTS)).encode()


def _upload(connection: UnixConnection, key: str, id: str, file: bytes) -> None:
    answer = _ask(connection, "PUT", f"/v1/broadcasts/{id}/recipients", key, file)
    if answer["total"] != RECIPIENTS:
        raise SystemExit(f"not all were taken in: {answer}")


def _ask(connection: UnixConnection, method: str, path: str, key: str, body: bytes) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv" if method == "PUT" else "application/json"}
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    told: dict[str, object] = orjson.loads(answer.read())
    if answer.status != 202:
        raise SystemExit(f"{method} {path}: {told}")
    return told


def _sum(store: Store, id: str, name: str) -> int:
    return sum(one.get(name, 0) for one in store.all([bulk.counts(at, id) for at in range(store.partitions)]))


def _latencies(made: Town, name: str) -> list[float]:
    """ms from a webhook's arrival to our call of the provider."""
    connection, sent = UnixConnection(made.web_socket, timeout=30), dict[str, float]()
    for index in range(WARM + SAMPLES):
        number = f"57{301 if name == 'idle' else 302}{index:07d}"
        body, headers = webhook(number, f"wamid.{name}{index}", "start")
        sent[number] = time.time()
        if post(connection, body, headers) != 200:
            raise SystemExit("the web does not take webhooks")
        time.sleep(PAUSE)
    first: dict[str, float] = {}

    def answered() -> bool:
        for one in list(made.provider.log.taken):
            if one.to in sent:
                first.setdefault(one.to, one.at)
        return len(first) == len(sent)

    check: Callable[[], bool] = answered
    until("all answers", check, 60)
    return [1000 * (first[number] - at) for number, at in list(sent.items())[WARM:]]
