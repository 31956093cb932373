"""How often suspected duplicates are right, on a generated year whose matters are known.

Run: python bench/duplicates_quality.py [--count 20000] [--seed 1] [--city DIR] [--data DIR]

The generator knows which reports are about one matter; a report's duty item is the router's best
guess, as in operation. A report is looked at once, against all earlier ones.

- precision: of all pairs that are suspected, how many are one matter.
- recall: of the reports that have an earlier one of their matter within the pack's window, how many
  name one of their matter.

DIR holds messages_2019.csv.gz (submitted_at, subject, body), real letters, without matters, places
or addresses: only how many would be suspected can be counted.
"""

import argparse
import csv
import gzip
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from hutong_processes.likeness import Matter, suspects

from hutong.city import City, load_city
from hutong.classify import Classifier
from hutong.demo.generate import GeneratedReport, generate_reports
from hutong.events.fields import Suspect
from hutong.events.ids import derived_id

START, END = 1_735_660_800_000, 1_767_196_800_000
"""The year 2025 in the sample city's time zone, milliseconds UTC."""
MINUTE = 60_000
BANDS = ((2 * 60, "2 hours"), (4 * 60, "4 hours"), (24 * 60, "a day"), (14 * 24 * 60, "14 days"))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--city", type=Path)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    city = load_city(arguments.city)
    classifier = Classifier(city)
    print(f"pack {city.hash[:19]}, {len(city.duplicates.rules)} rules")
    report_generated(city, classifier, arguments.count, arguments.seed)
    if arguments.data is not None:
        report_letters(city, classifier, arguments.data / "messages_2019.csv.gz")


def report_generated(city: City, classifier: Classifier, count: int, seed: int) -> None:
    """Precision and recall, all together and by how long after the older one a report came."""
    reports = list(generate_reports(seed, count, START, END, city))
    matters = [matter_of(report, city, classifier) for report in reports]
    number = {
        matter.issue_id: report.matter for matter, report in zip(matters, reports, strict=True)
    }
    named: Counter[bool] = Counter()
    bands: dict[str, Counter[bool]] = defaultdict(Counter)
    repeats = found = flagged = 0
    started = time.perf_counter()
    answers = list(look(matters, city))
    seconds = time.perf_counter() - started
    last: dict[int, int] = {}
    for report, suspected in zip(reports, answers, strict=True):
        right = [number[suspect.issue_id] == report.matter for suspect in suspected]
        for suspect, is_right in zip(suspected, right, strict=True):
            named[is_right] += 1
            bands[band(suspect)][is_right] += 1
        before = last.get(report.matter, -city.duplicates.window * MINUTE)
        if report.occurred_at - before <= city.duplicates.window * MINUTE and before >= 0:
            repeats += 1
            found += any(right)
        last[report.matter] = report.occurred_at
        flagged += bool(suspected)
    print(f"generated: {count} reports of a year, seed {seed}")
    print(f"  {flagged} reports with suspects, {named.total()} pairs named")
    print(f"  precision {share(named[True], named.total())}", end="; ")
    print(f"recall {share(found, repeats)} of {repeats} reports that have an earlier one")
    for _, name in BANDS:
        pairs = bands[name]
        print(
            f"  up to {name}: {pairs.total()} pairs, precision {share(pairs[True], pairs.total())}"
        )
    print(f"  {seconds / count * 1000:.2f} ms a report")


def report_letters(city: City, classifier: Classifier, path: Path) -> None:
    """How many real letters would be suspected to repeat an earlier one."""
    matters = list(letters(path, classifier))
    started = time.perf_counter()
    answers = list(look(matters, city))
    seconds = time.perf_counter() - started
    flagged = sum(map(bool, answers))
    same = sum(suspect.text_score == 100 for answer in answers for suspect in answer[:1])
    print(f"letters: {len(matters)}, {flagged} with suspects, {same} of them in the same words")
    print(f"  {seconds / len(matters) * 1000:.2f} ms a letter")


def look(matters: list[Matter], city: City) -> Iterator[list[Suspect]]:
    """Suspects of each, in order of time, among the earlier ones of its item."""
    by_item: dict[str, list[Matter]] = defaultdict(list)
    for matter in matters:
        since = matter.reported_at - city.duplicates.window * MINUTE
        earlier = [other for other in by_item[matter.item] if other.reported_at >= since]
        yield suspects(matter, earlier, city)
        by_item[matter.item] = [*earlier, matter]


def matter_of(report: GeneratedReport, city: City, classifier: Classifier) -> Matter:
    """As it stands in the read models when the router has seen it."""
    area = report.area
    if area is None and report.lon is not None and report.lat is not None:
        grid = city.locate(report.lon, report.lat)
        area = grid.code if grid is not None else None
    guess = classifier.classify(report.subject, report.body, channel=report.channel, area=area)
    return Matter(
        derived_id("report", str(report.number)),
        report.occurred_at,
        item=guess.item or "",
        area=area,
        lon=report.lon,
        lat=report.lat,
        address=report.address,
        subject=report.subject,
        text=report.body,
    )


def letters(path: Path, classifier: Classifier) -> Iterable[Matter]:
    """The letters of the file in order of time."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            subject, body = row["subject"] or "", row["body"] or ""
            guess = classifier.classify(subject, body, channel="mailbox", area=None)
            found.append(
                Matter(
                    derived_id("letter", str(number)),
                    round(datetime.fromisoformat(row["submitted_at"]).timestamp() * 1000),
                    item=guess.item or "",
                    area=None,
                    lon=None,
                    lat=None,
                    address=None,
                    subject=subject,
                    text=body,
                )
            )
    return sorted(found, key=lambda matter: matter.age)


def band(suspect: Suspect) -> str:
    """How long after the older one it came."""
    return next(name for minutes, name in BANDS if suspect.minutes <= minutes)


def share(part: int, whole: int) -> str:
    """A share with one decimal; a dash where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


if __name__ == "__main__":
    main()
