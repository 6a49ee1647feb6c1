"""Which options each format takes. What it has no use for is refused by name and not ignored: who
asked for it would believe that it was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exporters.base import Exporter, Feature, Option
from exporters.bundles.base import BundleOptions
from exporters.registry import bundles, exporter, packager
from mam.errors import BadRequest

BUNDLED = BundleOptions()


def taken_by(kind: str, edit: str = BUNDLED.edit) -> list[Option]:
    """The options of a format, in the order in which people are told of them. `edit` is what a
    package holds its cut in. Raises BadRequest."""
    taken = packager(kind).taken(edit) if kind in bundles() else taken_of(exporter(kind))
    return [option for option in Option if option in taken]


def taken_of(dialect: Exporter) -> frozenset[Option]:
    """What it takes itself, and what is heeded before it writes (exporters/leaving.py)."""
    tells = Feature.REASONS in dialect.carries
    return dialect.takes | {Option.REASONS} if tells else dialect.takes


def others_refuse(
    kind: str,
    asked: Iterable[str],
    *,
    edit: str = BUNDLED.edit,
    offered: Iterable[Option] = tuple(Option),
    spelled: Callable[[str], str] = str,
) -> None:
    """Raises BadRequest where something is `asked` that the format does not take. `offered` is what
    can be asked for here at all, `spelled` how an option is written."""
    taken = [option for option in taken_by(kind, edit) if option in set(offered)]
    wrong = [spelled(name[:40]) for name in asked if name not in taken]
    if not wrong:
        return
    called = f"{kind} with its cut as {edit}" if Option.EDIT in taken else kind
    known = ", ".join(map(spelled, taken))
    raise BadRequest(
        f"The format {called} does not take {', '.join(dict.fromkeys(wrong))}; "
        + (f"it takes {known}." if known else "it takes no options.")
    )
