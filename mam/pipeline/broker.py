"""The queue that carries hints: the same Postgres by default, RabbitMQ or Redis by setting.

Made at first use in a process and closed at its end; tests put a StubBroker in its place.
"""

from __future__ import annotations

import atexit
import threading
from typing import Any

from django.conf import settings
from django.db import connections
from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries
from dramatiq_postgres import PostgresBroker

from mam.errors import BadRequest

POLL_SECONDS = 0.2  # a missed wake-up costs this much
KEPT_REJECTED = "1 day"
_CONNECTION = ("dbname", "user", "password", "host", "port", "options", "sslmode", "passfile")

_lock = threading.Lock()
_broker: Broker | None = None


class ThreadEnd(Middleware):
    """A thread that worked messages leaves no database connection behind."""

    def before_worker_thread_shutdown(self, broker: Broker, thread: Any) -> None:
        connections.close_all()


def broker() -> Broker:
    """The process's broker. Raises BadRequest when MAM_BROKER_URL cannot be served."""
    global _broker
    with _lock:
        if _broker is None:
            _broker = made(settings.OPTIONS.places.broker_url)
            atexit.register(close)
        return _broker


def use(replacement: Broker) -> Broker:
    """Put another in its place (tests)."""
    global _broker
    close()
    with _lock:
        _broker = replacement
    return replacement


def close() -> None:
    """Let go of its connections; the next use makes another."""
    global _broker
    with _lock:
        if _broker is not None:
            _broker.close()
            _broker = None


def messages_waiting(queue: str) -> int | None:
    """How many hints lie in a queue; None where the broker does not tell."""
    current: Any = broker()
    if isinstance(current, PostgresBroker):
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM dramatiq.queue WHERE queue_name = %s AND state = 'queued'",
                [queue],
            )
            row = cursor.fetchone()
        return int(row[0]) if row else 0
    if isinstance(current, StubBroker):
        return current.queues[queue].qsize() if queue in current.queues else 0
    if hasattr(current, "do_qsize"):  # Redis
        return int(current.do_qsize(queue))
    if hasattr(current, "get_queue_message_counts"):  # RabbitMQ
        current.declare_queue(queue, ensure=True)
        return int(current.get_queue_message_counts(queue)[0])
    return None


def _middleware() -> list[Middleware]:
    """No retries, no age or time limit: rows decide what is tried again, and for how long."""
    return [Retries(max_retries=0), ThreadEnd()]


def made(url: str) -> Broker:
    """A new broker. Raises BadRequest, saying what to do, when it cannot be had."""
    scheme = url.partition(":")[0].lower()
    if not url:
        postgres: Broker = PostgresBroker(
            url=_connection_values(),
            results=False,
            middleware=_middleware(),
            poll_interval=POLL_SECONDS,
            purge_maxage=KEPT_REJECTED,
        )
        return postgres
    if scheme in ("redis", "rediss", "unix"):
        return _optional("redis", "RedisBroker", url)
    if scheme in ("amqp", "amqps"):
        return _optional("rabbitmq", "RabbitmqBroker", url)
    if scheme == "stub":
        return StubBroker(middleware=_middleware())
    raise BadRequest(
        f"MAM_BROKER_URL={url!r} cannot be served: write amqp://… or redis://…, or nothing."
    )


def _optional(extra: str, name: str, url: str) -> Broker:
    """A broker whose client is an extra of this project."""
    try:
        module: Any = __import__(f"dramatiq.brokers.{extra}", fromlist=[name])
    except ImportError as error:
        raise BadRequest(
            f"MAM_BROKER_URL names {extra}, whose client is not installed ({error.name}):"
            f" pip install 'mam[{extra}]'."
        ) from None
    found: Broker = getattr(module, name)(url=url, middleware=_middleware())
    return found


def _connection_values() -> dict[str, Any]:
    """How Django reaches the database; asking starts the embedded one."""
    connection = connections["default"]
    connection.ensure_connection()
    values = connection.get_connection_params()
    return {key: values[key] for key in _CONNECTION if values.get(key)}
