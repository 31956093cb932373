"""Help texts: the terminal breaks their lines."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from hutong.cli.main import build_app


def texts(app: typer.Typer) -> Iterator[str]:
    for command in app.registered_commands:
        yield command.help or ""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield group.typer_instance.info.help or ""
        yield from texts(group.typer_instance)


def test_no_paragraph_is_broken_where_the_source_is() -> None:
    found = list(texts(build_app()))
    assert len(found) > 60
    assert all(found)
    assert not [text for text in found if "\n" in text.replace("\n\n", "")]
