"""`python -m bench.bare`: a Flask view that does nothing, under the gunicorn that the web runs under: the floor."""

from __future__ import annotations

import os

from flowbot.settings import Settings
from flowbot.web.serve import Server, options


def _app() -> object:
    from flask import Flask, request

    app = Flask("bare")

    @app.post("/webhooks/<account>/<channel>")
    def take(account: str, channel: str) -> str:
        request.get_data()
        return ""

    return app


if __name__ == "__main__":
    Server(options(Settings.from_env(os.environ)), _app).run()  # type: ignore[arg-type]
