"""Names of what belongs to the city, in one language; a code that the pack lacks stays a code."""

from collections.abc import Iterable, Iterator, Mapping

from hutong.city import STREET, City
from hutong_web.language import Language, Named, name_in


class CityNames:
    """Looks up names in the city pack."""

    def __init__(self, city: City, language: Language) -> None:
        self.city = city
        self.language = language
        self._items = {item.code: item for item in city.duty_list}

    def _name(self, table: Mapping[str, Named], code: str | None) -> str:
        if not code:
            return ""
        thing = table.get(code)
        return name_in(thing, self.language) if thing is not None else code

    @property
    def city_name(self) -> str:
        """The city or district."""
        return self.city.name_zh if self.language is Language.ZH else self.city.name_en

    def department(self, code: str | None) -> str:
        """A department."""
        return self._name(self.city.departments, code)

    def owner(self, code: str) -> str:
        """A department; `street` stands for the street office of wherever it is."""
        if code == STREET:
            return "属地街道" if self.language is Language.ZH else "the street office"
        return self.department(code)

    def category(self, code: str | None) -> str:
        """A category by its own level's name."""
        return self._name(self.city.categories, code)

    def category_path(self, code: str | None) -> tuple[str, ...]:
        """The names from the first level down."""
        return tuple(self.category(part) for part in _prefixes(code or ""))

    def item(self, code: str | None) -> str:
        """An item of the duty list."""
        return self._name(self._items, code)

    def channel(self, code: str) -> str:
        """A channel."""
        return self._name(self.city.channels, code)

    def kind(self, code: str | None) -> str:
        """A row of the weekly circular."""
        return self._name(self.city.kinds, code)

    def intent(self, code: str | None) -> str:
        """What the sender wants."""
        return self._name(self.city.intents, code)

    def tier(self, code: str | None) -> str:
        """A tier of time limits."""
        return self._name(self.city.tiers, code)

    def area(self, code: str | None) -> str:
        """An area of any level."""
        return self._name(self.city.areas, code)

    def area_path(self, code: str | None) -> tuple[str, ...]:
        """The names from the district down; the code alone where the pack lacks it."""
        if not code:
            return ()
        path = self.city.area_path(code)
        return tuple(name_in(a, self.language) for a in path if a.level != "city") or (code,)

    def rung(self, code: str) -> str:
        """A rung of the escalation ladder."""
        return self._name(self.city.escalation, code)

    def ruling(self, code: str) -> str:
        """A standing rule on whose a matter is, with its code."""
        return (
            f"{code} {self._name(self.city.rulings, code)}" if code in self.city.rulings else code
        )

    def joined(self, names: Iterable[str]) -> str:
        """Several names as one text."""
        return ("、" if self.language is Language.ZH else ", ").join(names)

    def reason(self, group: str, code: str | None) -> str:
        """A reason or result code of a group."""
        return self._name(self.city.reasons.get(group, {}), code)


def _prefixes(code: str) -> Iterator[str]:
    parts = code.split(".") if code else []
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
