"""Django's PostgreSQL backend, that starts the embedded server before it connects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base, client

from mam.local import places
from mam.local.server import server


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, by the psql that came with the server."""

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.get_connection_params()
        self.executable_name = str(places.PACKAGE / "pginstall" / "bin" / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """Settings name `MAM_HOME` in place of host, user and password."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Called before every new connection."""
        address = server(_home(self.settings_dict)).ensure()
        self.settings_dict.update(
            HOST=address.host, USER=address.user, PASSWORD=address.password, PORT="5432"
        )
        params: dict[str, Any] = super().get_connection_params()
        return params


def _home(settings: dict[str, Any]) -> Path:
    return Path(settings["MAM_HOME"])
