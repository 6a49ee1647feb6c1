"""What of other people's logging reaches ours."""

from __future__ import annotations

import logging


class Named(logging.Filter):
    """Lets nothing below a warning through that names no logger: what libraries say by the root
    logger, line by line of their work, is for their makers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name != "root" or record.levelno >= logging.WARNING
