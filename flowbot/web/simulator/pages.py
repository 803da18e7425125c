"""The simulator's addresses: its two pages, and what they call."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, g, render_template, request, send_from_directory, url_for

from ...engine.flow import Flow
from ...errors import InvalidRequest, NotFound
from ...model.project import Account
from ...store import users
from ..answer import as_json
from ..problems import respond
from ..webhooks import Webhooks
from . import guard, phone, provider, uploads
from .line import Line, poster
from .state import state_of

if TYPE_CHECKING:
    from ...wiring import Parts

PROVIDER = "-"  # stands where an account's name would
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: blob:; media-src 'self' https:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def blueprint(parts: Parts, webhooks: Webhooks) -> Blueprint:
    """The pages over the given parts; every request passes the guard first."""
    pages = Blueprint(
        "simulator",
        __name__,
        url_prefix="/try",
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/-/static",
    )
    desk = Desk(parts, webhooks)

    @pages.before_request
    def admit() -> Response | None:
        if request.endpoint == "simulator.carry":
            return None  # the sender's own way in; it has a secret of its own
        headers = {name.lower(): value for name, value in request.headers}
        reason = guard.refusal(parts.settings, request.remote_addr or "", headers)
        if not reason and request.method == "POST" and guard.is_foreign(headers):
            reason = "The request comes from another site."
        if reason:
            return Response(reason + "\n", 403, mimetype="text/plain")
        return None if parts.settings.simulator != "users" else desk.log_in()

    @pages.after_request
    def protect(response: Response) -> Response:
        response.headers.extend(_HEADERS)
        return response

    @pages.get("")
    def index() -> str:
        return desk.index()

    @pages.get("/<account>/<flow>")
    def page(account: str, flow: str) -> str:
        return desk.page(account, flow)

    @pages.post(f"/{PROVIDER}/<secret>/<account>/<channel>")
    def carry(secret: str, account: str, channel: str) -> Response:
        return respond(as_json(desk.carry(secret, account, channel, _body())))

    @pages.post("/<account>/<flow>/<who>/say")
    def say(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).say(_body()), 202))

    @pages.post("/<account>/<flow>/<who>/start")
    def start(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).start(_body()), 202))

    @pages.post("/<account>/<flow>/<who>/clock")
    def clock(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).advance(_body()), 202))

    @pages.post("/<account>/<flow>/<who>/operator")
    def operator(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).operate(_body()), 202))

    @pages.post("/<account>/<flow>/<who>/read")
    def read(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).read(_body()), 202))

    @pages.post("/<account>/<flow>/<who>/restart")
    def restart(account: str, flow: str, who: str) -> Response:
        desk.line(account, flow, who)
        return respond(as_json({"who": phone.new_who()}, 201))

    @pages.post("/<account>/<flow>/<who>/back")
    def back(account: str, flow: str, who: str) -> Response:
        return respond(as_json(desk.line(account, flow, who).back(phone.new_who()), 201))

    @pages.get("/<account>/<flow>/<who>/state")
    def state(account: str, flow: str, who: str) -> Response:
        found = respond(as_json(state_of(desk.line(account, flow, who))))
        found.headers["Cache-Control"] = "no-store"
        found.add_etag()
        found.make_conditional(request)
        return found

    @pages.get("/<account>/<flow>/<who>/test.yaml")
    def test(account: str, flow: str, who: str) -> Response:
        text = desk.line(account, flow, who).transcript()
        headers = {"Content-Disposition": f'attachment; filename="{flow}.test.yaml"'}
        return Response(text, mimetype="application/yaml", headers=headers)

    @pages.post("/<account>/<flow>/<who>/media")
    def upload(account: str, flow: str, who: str) -> Response:
        request.max_content_length = uploads.MAX_BYTES
        line = desk.line(account, flow, who)
        return respond(as_json(uploads.keep(line.folder, request.get_data(), request.args.get("name", "")), 201))

    @pages.get("/<account>/<flow>/<who>/media/<name>")
    def media(account: str, flow: str, who: str, name: str) -> Response:
        data, mime = uploads.find(desk.line(account, flow, who).folder, name)
        return Response(data, mimetype=mime)

    @pages.get("/<account>/<flow>/<who>/content/<path:path>")
    def content(account: str, flow: str, who: str, path: str) -> Response:
        root = (parts.settings.project / "content" / "media").resolve()
        return send_from_directory(
            root, path, as_attachment=not path.endswith((".jpg", ".jpeg", ".png", ".webp", ".mp4"))
        )

    return pages


class Desk:
    """Finds what an address names."""

    def __init__(self, parts: Parts, webhooks: Webhooks) -> None:
        self._parts = parts
        self._webhooks = webhooks

    def line(self, account: str, flow: str, who: str) -> Line:
        """One simulated contact's connection; NotFound for anything that is not there."""
        if not phone.is_who(who):
            raise NotFound("there is no such simulated contact")
        found, account_found = self._flow(account, flow)
        return Line.open(self._parts, self._webhooks, account_found, found, who)

    def log_in(self) -> Response | None:
        """Who this is; a question for name and password when nobody is known by them for what is asked for."""
        asked = str((request.view_args or {}).get("account", ""))
        given = request.authorization
        whose = guard.login(given.username or "", asked) if given is not None and given.type == "basic" else None
        if whose is not None and given is not None and whose[0] in self._parts.library.project.accounts:
            found = self._parts.store.run(users.check(*whose, given.password or "", self._parts.store.salt))
            if found is not None:
                g.account = whose[0]
                return None
        head = {"WWW-Authenticate": 'Basic realm="Flowbot", charset="UTF-8"'}
        return Response("Log in as account/name: see flowbot users.\n", 401, head, mimetype="text/plain")

    def index(self) -> str:
        library, own = self._parts.library, g.get("account")
        accounts = [
            {
                "title": account.title or name,
                "flows": [
                    {
                        "id": flow.id,
                        "title": flow.title,
                        "address": url_for("simulator.page", account=name, flow=flow.id),
                    }
                    for flow in library.flows_of(name)
                ],
            }
            for name, account in library.project.accounts.items()
            if own in (None, name)
        ]
        return render_template(
            "simulator_index.html", accounts=accounts, problems=library.errors if own is None else ()
        )

    def page(self, account: str, name: str) -> str:
        flow, found = self._flow(account, name)
        others = self._parts.library.flows_of(account)
        return render_template(
            "simulator.html",
            title=flow.title or flow.id,
            flow=flow.id,
            flows=[
                {"id": one.id, "address": url_for("simulator.page", account=account, flow=one.id)} for one in others
            ],
            languages=flow.languages,
            account_title=found.title or found.name,
            base=url_for("simulator.page", account=account, flow=flow.id),
            who=phone.new_who(),
        )

    def carry(self, secret: str, account: str, name: str, sent: dict[str, Any]) -> dict[str, str]:
        """A message from the sender of a simulated channel."""
        channel = self._parts.library.project.channel(account, name)
        known = channel.options.get("secret", "") if channel and channel.simulated else ""
        if channel is None or not known or not hmac.compare_digest(known.encode(), secret.encode()):
            raise NotFound("there is no such channel")
        return provider.accept(sent, self._parts.store.now(), poster(self._webhooks, channel))

    def _flow(self, account: str, name: str) -> tuple[Flow, Account]:
        library = self._parts.library
        found = library.account(account)
        flow = next((one for one in library.flows_of(account) if one.id == name), None)
        if flow is None:
            raise NotFound(f"account '{account}' has no flow '{name}': see `flowbot check`")
        return flow, found


def _body() -> dict[str, Any]:
    """The JSON object posted. The media type must say JSON: a foreign page can't send that without asking first."""
    if request.mimetype != "application/json":
        raise InvalidRequest("the body must be application/json")
    try:
        found = orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidRequest("the body must be an object")
    return found
