"""`hutong sdk`: does an intake, or a client in any language, do what the other relies on?"""

import json
import time
from typing import TYPE_CHECKING

import typer

from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.sdk.testing.suite import Sends

_LOOK_SECONDS = 0.2


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    sdk = typer.Typer(no_args_is_help=True, help="For those who build clients and gateways.")
    sdk.callback()(lambda: None)
    sdk.command("conformance")(conformance)
    app.add_typer(sdk, name="sdk")


def conformance(
    url: str | None = typer.Option(None, help="An intake or gateway to hold against the suite."),
    key: str = typer.Option("", envvar="HUTONG_KEY", help="A channel's API key there."),
    listen: int | None = typer.Option(
        None, help="Port (0: any) on which a client is examined instead."
    ),
    reports: int = typer.Option(30, min=3, help="How many reports that client will send."),
    seconds: float = typer.Option(120.0, min=1, help="How long to wait for them."),
    as_json: bool = typer.Option(False, "--json", help="As JSON lines."),
) -> None:
    """Hold an intake (--url) or a client in any language (--listen) against what is promised.

    --url sends some thirty reports that say they are a test. --listen answers as an intake that is
    sometimes busy and sometimes cut off; let the client send so many reports to the address that
    is shown.

    Examples: hutong sdk conformance --url https://gateway.example --key hk_…;
    hutong sdk conformance --listen 8099 --reports 30
    """
    if (url is None) == (listen is None):
        typer.echo("hutong: say --url for an intake, or --listen for a client", err=True)
        raise typer.Exit(EXIT_USAGE)
    found = _of_intake(url, key) if url is not None else _of_client(listen or 0, reports, seconds)
    for code, zh, en, why in found:
        if as_json:
            typer.echo(json.dumps({"code": code, "zh": zh, "en": en, "why": why or None}))
        else:
            typer.echo(f"{'不符 FAIL' if why else '符合 ok  '}  {code:<12} {zh} · {en}")
            if why:
                typer.echo(f"      {why}")
    if any(why for *_, why in found):
        raise typer.Exit(EXIT_FAILED)


def _of_intake(url: str, key: str) -> list[tuple[str, str, str, str]]:
    from hutong.sdk.errors import InvalidError
    from hutong.sdk.http import Api
    from hutong.sdk.testing import suite

    try:
        sends: Sends = suite.sends_of(Api(url, key), Api(url, "hk_of-nobody"))
    except InvalidError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    return [(c.code, c.zh, c.en, why) for c, why in suite.run(sends)]


def _of_client(port: int, reports: int, seconds: float) -> list[tuple[str, str, str, str]]:
    import threading

    from hutong.sdk.testing import exam
    from hutong.sdk.testing.serving import serve

    examined = exam.Exam()
    try:
        server = serve(examined, port)
    except OSError as error:
        typer.echo(f"hutong: port {port}: {error.strerror}; choose another", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"http://127.0.0.1:{server.server_port}  X-API-Key: {exam.KEY}", err=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until and any(m.why for m in examined.marks(reports)):
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        typer.echo("", err=True)
    finally:
        server.shutdown()
        server.server_close()
    return [(m.code, m.zh, m.en, m.why) for m in examined.marks(reports)]
