"""A pack through an event and back, and everything that is no pack."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from hutong.city import City, CityError, load_city, read_pack
from hutong.city.archive import ArchiveError, read_archive, read_departments, write_archive
from hutong.city.files import hash_files
from hutong.events.codec import default_codec
from hutong.promotions.promote import promotion_record
from hutong.promotions.reading import CityRecord, RefusedPromotionError, city_of, read_promotion

CODEC = default_codec()


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return read_pack()


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def record(files: dict[str, bytes]) -> CityRecord:
    made = promotion_record(CODEC, files, name="", actor="a:1", effective_at=7, now=5)
    headers = [(name, text.encode()) for name, text in made.headers.items()]
    return CityRecord(3, 11, made.key, made.value, headers)


def test_a_pack_comes_back_as_it_went(record: CityRecord, city: City) -> None:
    found = read_promotion(CODEC, record)
    assert (found.offset, found.appended_at, found.effective_at) == (3, 11, 7)
    assert found.name == city.name_zh
    assert city_of(found) == city


def test_the_same_pack_is_the_same_bytes_however_excel_saved_it(files: dict[str, bytes]) -> None:
    saved = {n: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") for n, data in files.items()}
    assert write_archive(saved) == write_archive(files)
    assert read_archive(write_archive(saved), hash_files(files)).keys() == files.keys()


def test_departments_are_read_without_the_rest(files: dict[str, bytes], city: City) -> None:
    assert read_departments(write_archive(files)) == tuple(city.departments)


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (b"", "is not an archive"),
        (b"PK\x03\x04 cut off", "is not an archive"),
        (zipped(other_txt=b""), "does not belong"),
        (zipped(**{"../../etc/passwd": b""}), "does not belong"),
        (zipped(city_toml=b"\0" * 40_000_000), "larger than"),
        (zipped(city_toml=b"x"), "are of the pack"),
    ],
)
def test_bytes_that_are_no_pack(archive: bytes, words: str, city: City) -> None:
    with pytest.raises(ArchiveError, match=words):
        read_archive(archive, city.hash)


Spoil = Callable[[CityRecord], CityRecord]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: replace(record, value=None),
        lambda record: replace(record, value=record.value[:-1]),
        lambda record: replace(record, value=b"\x00" * 100),
        lambda record: replace(record, key=b"sha256:other"),
        lambda record: replace(record, key=None),
        lambda record: replace(record, headers=[]),
        lambda record: replace(record, headers=[("ce_type", b"\xff")]),
    ],
)
def test_a_record_that_promotes_nothing(spoil: Spoil, record: CityRecord) -> None:
    with pytest.raises(RefusedPromotionError):
        read_promotion(CODEC, spoil(record))


def test_row_98_a_pack_with_faults_cannot_become_a_promotion(files: dict[str, bytes]) -> None:
    spoilt = files | {"tiers.toml": files["tiers.toml"].replace(b"72 hours", b"-72 hours")}
    with pytest.raises(CityError, match=r"tiers.toml:\d+: hard: resolve must read like"):
        promotion_record(CODEC, spoilt, name="", actor="a:1", effective_at=7, now=5)
