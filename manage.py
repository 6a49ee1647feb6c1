#!/usr/bin/env python3
"""The shell's door: `manage.py COMMAND`."""

import os
import sys

from mam.errors import MamError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:  # who reads us has seen enough (`… | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)  # 128 + SIGPIPE, as the shell's own programs
    except MamError as error:  # its message says what to do; where it was raised helps nobody
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
