"""The city pack: departments, categories, duty list, areas, tiers and names of one city, as data.

A pack is a folder of TOML, CSV and GeoJSON that the city's own staff edit. `load_city` reads and
checks it and gives one frozen `City`; its `hash` names exactly these rules for ever.
"""

from hutong.city.load import check_city, city_from_files, load_city, read_folder, read_pack
from hutong.city.model import (
    AREA_LEVELS,
    CALENDARS,
    CLOCKS,
    STREET,
    Area,
    Calendar,
    Category,
    Channel,
    City,
    CityError,
    ClockLength,
    Department,
    DuplicateRule,
    Duplicates,
    DutyItem,
    Fault,
    Gate,
    Intent,
    Keyword,
    Kind,
    Reason,
    RoutingException,
    Ruling,
    Rung,
    Tier,
)
from hutong.city.owners import owners_of

__all__ = [
    "AREA_LEVELS",
    "CALENDARS",
    "CLOCKS",
    "STREET",
    "Area",
    "Calendar",
    "Category",
    "Channel",
    "City",
    "CityError",
    "ClockLength",
    "Department",
    "DuplicateRule",
    "Duplicates",
    "DutyItem",
    "Fault",
    "Gate",
    "Intent",
    "Keyword",
    "Kind",
    "Reason",
    "RoutingException",
    "Ruling",
    "Rung",
    "Tier",
    "check_city",
    "city_from_files",
    "load_city",
    "owners_of",
    "read_folder",
    "read_pack",
]
