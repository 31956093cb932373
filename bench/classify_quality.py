"""How good and how fast the duty-list classifier is on real letters.

Run: python bench/classify_quality.py --data DIR [--city DIR] [--sweep]

DIR holds messages_labelled_raw.csv.gz (subject, body, label = first-level class of the older
catalogue) and messages_2019.csv.gz (subject, body). The class of an answer is the `maps_to` of its
category, so the figure is the share of first-level classes that agree, always given with its
coverage: the share of texts that the gate would dispatch without a person. The letters name no
area of the pack, so a text is classified as if sent from the pack's first grid.
"""

import argparse
import csv
import gzip
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hutong.city import City, load_city
from hutong.classify import Classification, Classifier

Text = tuple[str, str, str]
"""subject, body, label (empty where there is none)"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--city", type=Path)
    parser.add_argument("--sweep", action="store_true", help="accuracy at other gates too")
    arguments = parser.parse_args()
    city = load_city(arguments.city)
    classifier = Classifier(city)
    area = next(area.code for area in city.areas.values() if area.level == "grid")
    labelled = list(read_texts(arguments.data / "messages_labelled_raw.csv.gz"))
    answers = [answer(classifier, text, area) for text in labelled]
    print(f"pack {city.hash[:19]}, {len(city.duty_list)} items, model {classifier.model}")
    report_accuracy(city, labelled, answers)
    if arguments.sweep:
        sweep(city, labelled, answers)
    report_year(classifier, list(read_texts(arguments.data / "messages_2019.csv.gz")), area)
    report_short(classifier, city, area)


def read_texts(path: Path) -> Iterable[Text]:
    """The letters of a file, in order."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield row["subject"] or "", row["body"] or "", row.get("label") or ""


def answer(classifier: Classifier, text: Text, area: str) -> Classification:
    """Classify one letter as the mayor's mailbox would send it."""
    return classifier.classify(text[0], text[1], channel="mailbox", area=area)


def class_of(city: City, given: Classification) -> str:
    """The older catalogue's class of an answer; empty if there is none."""
    return city.categories[given.category].maps_to if given.category else ""


def report_accuracy(city: City, texts: list[Text], answers: list[Classification]) -> None:
    """Coverage and first-level accuracy, all labels together and each by itself."""
    right = [class_of(city, given) == text[2] for text, given in zip(texts, answers, strict=True)]
    sure = [given.confident for given in answers]
    both = sum(r and s for r, s in zip(right, sure, strict=True))
    print(f"labelled: {len(texts)} letters")
    print(f"  coverage {percent(sum(sure), len(texts))}", end="; ")
    print(f"first-level accuracy at that coverage {percent(both, sum(sure))}", end="; ")
    print(f"best guess of all {percent(sum(right), len(texts))}")
    for label, total in sorted(Counter(text[2] for text in texts).items()):
        own = [n for n, text in enumerate(texts) if text[2] == label]
        covered = [n for n in own if sure[n]]
        print(
            f"  {label}: {total} letters, coverage {percent(len(covered), total)}, "
            f"accuracy {percent(sum(right[n] for n in covered), len(covered))}"
        )


def sweep(city: City, texts: list[Text], answers: list[Classification]) -> None:
    """Accuracy at the coverage of other gates, from the same answers."""
    print("gate sweep (min_score, min_margin: coverage, accuracy)")
    for min_score in (40, 60, 80, 100, 120, 150, 200):
        for min_margin in (0, 100, 200, 300, 400, 500):
            covered = right = 0
            for text, given in zip(texts, answers, strict=True):
                if passes(given, min_score, min_margin):
                    covered += 1
                    right += class_of(city, given) == text[2]
            print(
                f"  {min_score:4} {min_margin:4}: "
                f"{percent(covered, len(texts))} {percent(right, covered)}"
            )


def passes(given: Classification, min_score: int, min_margin: int) -> bool:
    """The classifier's gate with other figures, over the candidates it gave."""
    if not given.candidates or given.candidates[0].score < min_score:
        return False
    best = given.candidates[0]
    top = best.category.partition(".")[0]
    for rival in given.candidates[1:]:
        if rival.lead != best.lead or rival.category.partition(".")[0] != top:
            return (best.score - rival.score) * 1000 >= min_margin * best.score
    return True


def report_year(classifier: Classifier, texts: list[Text], area: str) -> None:
    """The share dispatched and queued over a year of intake, and the speed on real letters."""
    started = time.perf_counter()
    answers = [answer(classifier, text, area) for text in texts]
    seconds = time.perf_counter() - started
    reasons = Counter(given.unsure_reason or "confident" for given in answers)
    length = sum(len(text[0]) + len(text[1]) for text in texts) // len(texts)
    print(f"year: {len(texts)} letters of {length} characters on average")
    for reason, count in reasons.most_common():
        print(f"  {reason} {percent(count, len(texts))}")
    print(f"  {len(texts) / seconds:,.0f} texts/s on one core")


def report_short(classifier: Classifier, city: City, area: str) -> None:
    """The speed on short texts made of the pack's own words, as an app or a hotline sends."""
    texts = [
        (item.zh, f"{item.zh}，位置在路口附近，{item.keywords[0].text}已经三天，请尽快派人处理。")
        for item in city.duty_list
    ] * 50
    best = 0.0
    for _ in range(3):
        started = time.perf_counter()
        for subject, body in texts:
            classifier.classify(subject, body, channel="app", area=area)
        best = max(best, len(texts) / (time.perf_counter() - started))
    print(f"short generated texts: {best:,.0f} texts/s on one core (best of 3)")


def percent(part: int, whole: int) -> str:
    """A share with one decimal; a dash where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


if __name__ == "__main__":
    main()
