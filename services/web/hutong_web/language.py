"""Which language a page speaks: asked for in the address, kept in a cookie, Chinese otherwise."""

from enum import StrEnum
from typing import NamedTuple, Protocol

#: The cookie that keeps the choice.
COOKIE = "hutong_lang"


class Language(StrEnum):
    """The languages of the pages."""

    ZH = "zh"
    EN = "en"

    @property
    def tag(self) -> str:
        """For the `lang` attribute."""
        return "zh-Hans" if self is Language.ZH else "en"

    @property
    def other(self) -> "Language":
        """The one to switch to."""
        return Language.EN if self is Language.ZH else Language.ZH


class Name(NamedTuple):
    """One thing's name in each language."""

    zh: str
    en: str


class Named(Protocol):
    """Anything of the city pack that has both names."""

    @property
    def zh(self) -> str:
        """The Chinese name."""

    @property
    def en(self) -> str:
        """The English name."""


def pick_language(asked: str | None, kept: str | None) -> Language:
    """The language asked for (`?lang=`), else the one kept (cookie), else Chinese."""
    for text in (asked, kept):
        if text in tuple(Language):
            return Language(text)
    return Language.ZH


def name_in(thing: Named, language: Language) -> str:
    """The thing's name in a language."""
    return thing.zh if language is Language.ZH else thing.en
