"""What it costs to read a text message and to build a send, for each gateway."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

import orjson

from flowbot.gateways import GATEWAYS
from flowbot.model.gateway import Sending, WebhookRequest
from flowbot.model.inbound import Inbound
from flowbot.model.outbound import Outbound
from flowbot.model.project import Channel

from .result import Result

ROUNDS, CALLS = 15, 400
TEXT = "Quiero saber el estado de mi pedido, por favor."
_META = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "102290129340398",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": {"display_phone_number": "15550199001", "phone_number_id": "7001"},
                        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "573001112233"}],
                        "messages": [
                            {
                                "from": "573001112233",
                                "id": "wamid.HBgMNTczMDAxMTEyMjMzFQIAEhggMA==",
                                "timestamp": "1700000000",
                                "type": "text",
                                "text": {"body": TEXT},
                            }
                        ],
                    },
                }
            ],
        }
    ],
}
_TWILIO = {
    "SmsMessageSid": "SM00000000000000000000000000000001",
    "NumMedia": "0",
    "ProfileName": "Ana",
    "MessageType": "text",
    "SmsSid": "SM00000000000000000000000000000001",
    "WaId": "573001112233",
    "SmsStatus": "received",
    "Body": TEXT,
    "To": "whatsapp:+15550199001",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
    "MessageSid": "SM00000000000000000000000000000001",
    "AccountSid": "AC00000000000000000000000000000001",
    "From": "whatsapp:+573001112233",
    "ApiVersion": "2010-04-01",
}
_GUPSHUP = {
    "app": "Shop",
    "timestamp": 1700000000123,
    "version": 2,
    "type": "message",
    "payload": {
        "id": "ABEGkYaYVSEEAhAL3SLAWwHKeKrt6s3FKB0c",
        "source": "573001112233",
        "type": "text",
        "payload": {"text": TEXT},
        "sender": {"phone": "573001112233", "name": "Ana", "country_code": "57", "dial_code": "3001112233"},
    },
}
_BLIP = {
    "id": "wamid.HBgMNTczMDAxMTEyMjMzFQIAEhggMA==",
    "from": "573001112233@wa.gw.msging.net",
    "to": "shop@msging.net",
    "type": "text/plain",
    "content": TEXT,
    "metadata": {
        "#wa.timestamp": "1700000000",
        "#uniqueId": "b2c1a5b4-6f5c-4a07-8d3c-0e8a7a3c1d11",
        "date_created": "1700000000123",
        "#date_processed": "1700000000456",
        "#contactName": "Ana",
        "#wa.forwarded": None,
    },
}
_HTTP = {"id": "m-1", "from": "573001112233", "name": "Ana", "at": 1700000000000, "kind": "text", "text": TEXT}
BODIES: dict[str, bytes] = {
    "blip": orjson.dumps(_BLIP),
    "cloud_api": orjson.dumps(_META),
    "dialog360": orjson.dumps(_META),
    "gupshup": orjson.dumps(_GUPSHUP),
    "http": orjson.dumps(_HTTP),
    "twilio": urlencode(_TWILIO).encode(),
}


def measure() -> list[Result]:
    """The best of rounds: others run on the machine too."""
    found = []
    for name, body in BODIES.items():
        gateway = GATEWAYS[name]
        channel = Channel(
            account="acme",
            name="main",
            gateway=name,
            number="+15550199001",
            webhook="https://bot.test/webhooks/acme/main",
        )
        request = WebhookRequest(method="POST", path="/", body=body)
        (read,) = gateway.parse(request, channel)
        assert isinstance(read.item, Inbound) and read.item.text == TEXT, name
        sending = Sending(id="ms_3_0123456789abcdefghjkmnp1", to="573001112233", outbound=Outbound(text=TEXT))
        parse = _cost(lambda gateway=gateway, request=request, channel=channel: gateway.parse(request, channel))
        build = _cost(lambda gateway=gateway, sending=sending, channel=channel: gateway.build_send(sending, channel))
        found.append(Result(what=f"{name}: a text message is parsed", value=parse, unit="us", at_most=60))
        found.append(Result(what=f"{name}: a send is built", value=build, unit="us", at_most=40))
    return found


def _cost(call: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter() - began) / CALLS * 1e6)
    return min(rounds)
