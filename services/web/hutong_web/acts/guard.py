"""That a form was sent from our own page, by whoever looked at it.

There is no sign-in, but a browser on this machine must still not act because another site told it
to. Three things must hold: the browser says that the request comes from here (Sec-Fetch-Site, else
Origin), a cookie that other sites' requests do not carry is there (SameSite=Strict), and the form
holds what the cookie holds.
"""

import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

FORM_COOKIE: Final = "hutong_form"
FORM_FIELD: Final = "form_token"
_LENGTH: Final = 24


class ForeignFormError(Exception):
    """The form did not come from a page of ours, or from one of another day."""


def new_token() -> str:
    """A token for a browser that has none."""
    return secrets.token_urlsafe(_LENGTH)


def require_own(
    headers: Mapping[str, str], cookies: Mapping[str, str], token: str, host: str
) -> None:
    """Raise ForeignFormError unless the form is our own; ``host`` is name and port asked for."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None and site != "same-origin":
        raise ForeignFormError
    if origin is not None and urlsplit(origin).netloc != host:
        raise ForeignFormError
    if site is None and origin is None:
        raise ForeignFormError
    kept = cookies.get(FORM_COOKIE, "")
    if not kept or not secrets.compare_digest(kept.encode(), token.encode()):
        raise ForeignFormError
