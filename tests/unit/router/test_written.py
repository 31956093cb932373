"""What the router writes by runs of fields is what the codec would write for the whole."""

from collections import Counter

from hutong_router.records import InputRecord, Routed
from hutong_router.route import Router

from hutong.city import City
from hutong.demo import generate_reports
from hutong.demo.feed import report_record
from hutong.events.codec import Codec
from hutong.events.headers import write_headers

_YEAR = (1_735_660_800_000, 1_767_196_800_000)
_COUNT = 1_000


def test_each_record_is_within_its_limits_and_what_fastavro_writes(
    city: City, router: Router, codec: Codec
) -> None:
    seen: Counter[str] = Counter()
    for report in generate_reports(3, _COUNT, *_YEAR, city):
        came = report_record(codec, 3, report)
        headers = tuple(write_headers(came.headers))
        routed = router.route(
            InputRecord(came.topic, 0, report.number, _YEAR[1], came.key, came.value, headers)
        )
        assert isinstance(routed, Routed), routed
        for made in (*routed.log, *routed.orders):
            decoded = codec.decode(made.value)
            codec.check(decoded)
            assert codec.encode_body(decoded.schema.name, decoded.body) == made.value
            seen[decoded.schema.label] += 1
    assert min(seen.values()) > _COUNT // 5
    assert len(seen) == 4, seen
