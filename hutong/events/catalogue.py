"""Every event class by its Avro full name."""

import functools
import inspect
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from hutong.events import city, lifecycle, orders
from hutong.events.base import Event


@functools.cache
def event_classes() -> Mapping[str, type[Event]]:
    """Avro full name -> class, for all events of the contract."""
    modules: tuple[ModuleType, ...] = (lifecycle, orders, city)
    found = {
        cls.avro_name: cls
        for module in modules
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Event) and cls is not Event
    }
    return MappingProxyType(found)
