"""The web as one WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request

from ..wiring import store_url
from . import api, confirm, doors, health, media, problems
from .api.caller import Doorkeeper
from .arrival import MAX_BODY
from .problems import respond
from .request_id import identified
from .simulator import guard
from .simulator import pages as simulator
from .webhooks import Webhooks, short_way

if TYPE_CHECKING:
    from ..wiring import Parts


def create_app(parts: Parts) -> Flask:
    """Every door that people and providers call, over the given parts."""
    app = Flask("flowbot.web")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    problems.register(app)
    webhooks = Webhooks(parts)

    @app.route("/webhooks/<account>/<channel>", methods=["GET", "POST"])
    @app.route("/webhooks/<account>/<channel>/<token>", methods=["GET", "POST"])
    def webhook(account: str, channel: str, token: str = "") -> Response:
        return respond(webhooks.answer(request.environ, account, channel, token))

    @app.get("/")
    def front() -> Response:
        """Who opens the address that `flowbot run` prints comes to the flows; where they are closed, to nothing."""
        headers = {name.lower(): value for name, value in request.headers}
        if guard.refusal(parts.settings, request.remote_addr or "", headers):
            abort(404)
        return Response(status=302, headers={"Location": "/try"})

    app.register_blueprint(health.blueprint(parts))
    keeper = Doorkeeper(parts, store_url(parts.settings))
    app.register_blueprint(media.blueprint(parts))
    app.register_blueprint(confirm.blueprint(parts))
    api.register(app, parts, keeper)
    doors.register(app, parts, keeper)
    app.register_blueprint(simulator.blueprint(parts, webhooks))
    wsgi: Any = identified(short_way(app.wsgi_app, webhooks))
    app.wsgi_app = wsgi  # type: ignore[method-assign]
    return app
