"""The web as one WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from ..wiring import store_url
from . import api, confirm, health, media, problems
from .api.caller import Doorkeeper
from .arrival import MAX_BODY
from .problems import respond
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

    app.register_blueprint(health.blueprint(parts))
    keeper = Doorkeeper(parts, store_url(parts.settings))
    app.register_blueprint(media.blueprint(parts))
    app.register_blueprint(confirm.blueprint(parts))
    api.register(app, parts, keeper)
    app.register_blueprint(simulator.blueprint(parts, webhooks))
    wsgi: Any = short_way(app.wsgi_app, webhooks)
    app.wsgi_app = wsgi  # type: ignore[method-assign]
    return app
