"""Names as they stand in a page: what would hide or turn writing is seen as an escape."""

from __future__ import annotations

import unicodedata

from django import template

register = template.Library()

# They turn what follows round, so that `gpm.mp4` can pose as `4pm.mpg`. The marks that only say
# which way a neighbour runs are left: right-to-left names need them.
TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


@register.filter
def visible(text: object) -> str:
    """Line breaks, other controls and marks that turn writing as `\\n`, `\\x1b`, `\\u202e`."""
    return "".join(
        char.encode("unicode_escape").decode()
        if char in TURNING or unicodedata.category(char) == "Cc"
        else char
        for char in str(text)
    )
