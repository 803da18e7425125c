"""For a WSGI server of one's own choosing: `gunicorn -k gevent wsgi:app`."""

import os

from flowbot import crash, logs
from flowbot.settings import Settings
from flowbot.web.app import create_app
from flowbot.wiring import open_parts

settings = Settings.from_env(os.environ)
logs.configure(settings.log_level, settings.log_format)
crash.arm(settings.crash_at)
app = create_app(open_parts(settings))
