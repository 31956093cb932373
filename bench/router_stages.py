"""What a report costs the router, stage by stage, without a broker: microseconds of one core.

    python -m bench.router_stages [--reports 12000] [--keep]

Each stage is run by itself over the same generated reports, best of five; *all of it* is
`Router.route`. What the stages leave is joining them: heads, ids, headers, records out.
"""

import argparse
import gc
import time
from collections.abc import Callable, Iterable
from typing import Any

from hutong_router.dispatch import shown
from hutong_router.records import InputRecord
from hutong_router.written import DispatchWriter, Matter

from bench.figures import Figure, command_line, keep
from bench.peers.loop import make_router
from bench.router_peers import YEAR, report_records
from hutong.city import load_city
from hutong.classify import Classifier
from hutong.demo.generate import generate_reports
from hutong.events.codec import default_codec
from hutong.events.headers import write_headers

_ROUNDS = 5
_RECEIVED = 1_780_000_000_000


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=int, default=12_000)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    figures = list(_figures(arguments.reports))
    for figure in figures:
        print(figure)
    if arguments.keep:
        keep("stages", command_line(), figures)


def _figures(count: int) -> Iterable[Figure]:
    city, codec, router = load_city(), default_codec(), make_router()
    classifier, writer = Classifier(city), DispatchWriter(city, codec)
    reports = report_records(generate_reports(1, count, *YEAR, city))
    records = [
        InputRecord(
            each.topic,
            0,
            number,
            _RECEIVED,
            each.key,
            each.value,
            tuple(write_headers(each.headers)),
        )
        for number, each in enumerate(reports)
    ]
    decoded = [codec.decode(record.value) for record in records]
    bodies = [each.body for each in decoded]

    def classify(body: dict[str, Any]) -> Any:
        return classifier.classify(
            body["subject"], body["body"], channel=body["channel"], area=body["head"]["area"]
        )

    found = [(body, classify(body)) for body in bodies]
    sure = [pair for pair in found if pair[1].confident]

    def write(pair: tuple[dict[str, Any], Any]) -> None:
        body, said = pair
        head = {**body["head"], "causation_id": body["head"]["event_id"], "actor": "router"}
        matter = Matter(*said[:7])
        writer.dispatch(head, matter, said)
        about = {**body, "receipt": "02-07-00128431-5", "origin": "live", "received_at": _RECEIVED}
        owners = [(said.lead, "lead"), *((each, "co-owner") for each in said.co_owners)]
        writer.orders(owners, head, matter, about)

    gc.collect()
    gc.freeze()
    stages: list[tuple[str, Callable[[Any], Any], list[Any]]] = [
        ("all of it", router.route, records),
        ("decoding", lambda record: codec.decode(record.value), records),
        ("holding against limits", codec.check, decoded),
        ("classifying", classify, bodies),
        ("masking, where dispatched", lambda pair: shown(pair[0]), sure),
        ("writing a dispatch and its orders, where dispatched", write, sure),
    ]
    for name, stage, given in stages:
        seconds = min(_seconds(stage, given) for _ in range(_ROUNDS))
        yield Figure(name, "µs a report", (round(seconds * 1e6 / count, 1),))


def _seconds(stage: Callable[[Any], Any], given: list[Any]) -> float:
    before = time.process_time()
    for each in given:
        stage(each)
    return time.process_time() - before


if __name__ == "__main__":
    main()
