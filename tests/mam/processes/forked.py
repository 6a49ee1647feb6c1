"""A module whose runs do what a test asks for."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    exec(arguments[0], {"__name__": "run"})


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
