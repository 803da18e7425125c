"""`flowbot …` and `python -m flowbot …`: here the environment is read, once."""

from __future__ import annotations

import os
import sys

from .cli import program
from .errors import FlowbotError, SettingsError


def main(arguments: list[str] | None = None) -> None:
    """Run one command; exit code 0 fine, 1 findings or failed, 2 wrong use."""
    try:
        program.main(args=arguments, prog_name="flowbot", obj=dict(os.environ))
    except SettingsError as error:
        sys.exit(_complain(error, 2))
    except FlowbotError as error:
        sys.exit(_complain(error, 1))


def _complain(error: FlowbotError, code: int) -> int:
    sys.stderr.write(f"flowbot: {error}\n")
    return code


if __name__ == "__main__":
    main()
