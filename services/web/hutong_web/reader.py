"""One request: in which language, for whom, and the answer in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request, Response

from hutong.city import City
from hutong.issue.rules import Rules
from hutong_web.acts.acting import Acting, kept
from hutong_web.acts.guard import FORM_COOKIE, new_token
from hutong_web.acts.seat import seat_of
from hutong_web.acts.writing import Writing
from hutong_web.city_names import CityNames
from hutong_web.in_force import InForce
from hutong_web.language import COOKIE, pick_language
from hutong_web.navigation import navigation
from hutong_web.sources import AllSources
from hutong_web.templating import Templates
from hutong_web.times import CityTime
from hutong_web.wording import Wording, wording
from hutong_web.work_wording import WorkWording, work_wording

_COOKIE_SECONDS: Final = 365 * 86_400
_RETRY_SECONDS: Final = 5

Now = Callable[[], int]


def wall_clock() -> int:
    """Milliseconds UTC."""
    return int(datetime.now(UTC).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Site:
    """What every page needs at hand."""

    in_force: InForce
    source: AllSources
    templates: Templates
    refresh_seconds: int
    intake_port: int
    now: Now
    writing: Writing = field(default_factory=Writing)

    @property
    def city(self) -> City:
        """The pack in force."""
        return self.in_force.city

    @property
    def rules(self) -> Rules:
        """What acts are foretold by."""
        return self.in_force.rules


class Reader:
    """One request's language, names and times, and the answer in them."""

    def __init__(self, request: Request, site: Site) -> None:
        self.request = request
        self.site = site
        asked = request.query_params.get("lang")
        self.language = pick_language(asked, request.cookies.get(COOKIE))
        self._keep = asked == self.language.value
        self.words: Wording = wording(self.language)
        self.say: WorkWording = work_wording(self.language)
        self.names = CityNames(site.city, self.language)
        self.clock = CityTime(site.city.timezone, self.language)
        acting = kept(request.cookies, site.city)
        self.acting = acting if site.writing.secret_of(acting.principal) else Acting()
        self.token = request.cookies.get(FORM_COOKIE) or new_token()

    @property
    def secret(self) -> str | None:
        """The key of whom the reader acts for; None when the page only reads."""
        return self.site.writing.secret_of(self.acting.principal)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """The template in this request's language."""
        here = self.request.url
        switch = here.include_query_params(lang=self.language.other.value)
        after = f"{here.path}?{here.query}" if here.query else here.path
        seat = seat_of(self.acting, self.site.writing.keys, self.names, after)
        content = self.site.templates.render(
            template,
            language=self.language,
            t=self.words,
            say=self.say,
            city_name=self.names.city_name,
            switch_address=f"{switch.path}?{switch.query}",
            refresh_seconds=self.site.refresh_seconds,
            navigation=navigation(self.request.url.path, self.language),
            seat=seat,
            form_token=self.token,
            **values,
        )
        headers = {"Cache-Control": "no-store", "Content-Language": self.language.tag}
        answer = Response(content, status, headers, "text/html; charset=utf-8")
        if self._keep:
            answer.set_cookie(
                COOKIE,
                self.language.value,
                max_age=_COOKIE_SECONDS,
                path="/",
                samesite="lax",
                httponly=True,
            )
        if seat is not None and self.request.cookies.get(FORM_COOKIE) != self.token:
            answer.set_cookie(FORM_COOKIE, self.token, path="/", samesite="strict", httponly=True)
        return answer

    def notice(
        self, status: int, title: str, body: str, *, command: str = "", typed: str = ""
    ) -> Response:
        """A page that says in plain words what is wrong and what to do."""
        answer = self.page(
            "notice.html", status, title=title, body=body, command=command, typed=typed
        )
        if status == 503:
            answer.headers["Retry-After"] = str(_RETRY_SECONDS)
        return answer
