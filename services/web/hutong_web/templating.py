"""Jinja, strict: everything is escaped, and a name that is not there is a fault."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hutong_web.assets import Assets


class Templates:
    """The templates of the package."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=PackageLoader("hutong_web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals["asset"] = assets.address
        self._environment.filters["thousands"] = _thousands

    def render(self, name: str, **values: Any) -> str:
        """One template with these values."""
        return self._environment.get_template(name).render(**values)


def _thousands(number: int) -> str:
    return f"{number:,}"
