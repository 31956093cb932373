"""All examinations, in the order in which a person would mend things."""

from collections.abc import Iterator, Mapping

from hutong.checks.finding import Finding
from hutong.contract.registry.findings import registry_findings
from hutong.doctor.city import city_findings, load_quietly
from hutong.doctor.files import identity_file_findings, key_file_findings
from hutong.doctor.kafka import examine_kafka
from hutong.doctor.place import Place
from hutong.doctor.postgres import examine_postgres
from hutong.doctor.services import service_findings
from hutong.doctor.software import setting_findings, software_findings
from hutong.events.schemas import load_schemas


def examine(environment: Mapping[str, str], now: int) -> Iterator[Finding]:
    """Findings one after another. ``now`` is our clock, milliseconds UTC."""
    yield from software_findings()
    yield from setting_findings(environment)
    place = Place.of(environment)
    yield from city_findings(place.city_folder)
    yield from key_file_findings(place.keys_file, now, production=place.production)
    yield from identity_file_findings(place.identity_keys_file, production=place.production)
    city = load_quietly(place.city_folder)
    offsets = yield from examine_postgres(place)
    if city is not None:
        yield from examine_kafka(place, city, offsets, now)
    if place.registry_url is not None:
        yield from registry_findings(place.registry_url, load_schemas().by_id.values())
    yield from service_findings(environment)
