"""How long masking a text takes, and how well it finds what is somebody's. Pure; no network.

Usage: ``python bench/mask_speed.py [FILE.csv.gz]``: made texts, and every field of a file of real
ones, where one is given.
"""

import argparse
import csv
import gzip
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hutong.privacy.mask import mask
from tests.fixtures.made_texts import made_texts

TEXTS = 20_000
PLAIN = (
    "路灯不亮",
    "槐荫路井巷口的路灯不亮已有三天，晚上太黑，老人出门不便，请尽快修理。",
    "东街道槐荫里小区3栋2单元501今天早上8点开始停水，没有通知，何时恢复？",
)


def microseconds(texts: Sequence[str]) -> float:
    """Mean of the best of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        for text in texts:
            mask(text)
        rounds.append(time.perf_counter() - started)
    return min(rounds) / len(texts) * 1e6


def main() -> None:
    """Print speed, recall and precision."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", help="CSV files, gzipped, whose fields are masked, too")
    arguments = parser.parse_args()
    mask("13800138000")  # the tables of characters are made once
    made = made_texts(TEXTS)
    print(f"without a number: {microseconds(PLAIN * 5_000):.1f} us a text")
    print(f"with one to three: {microseconds([each.text for each in made]):.1f} us a text")
    outcomes = Counter(
        (somebodys, piece not in masked)
        for each in made
        for masked in [mask(each.text)]
        for _, piece, somebodys in each.planted
    )
    hidden, left, wrongly = outcomes[True, True], outcomes[True, False], outcomes[False, True]
    print(
        f"{TEXTS} texts with {outcomes.total()} numbers: recall {hidden / (hidden + left):.4f},",
        end="",
    )
    print(f" precision {hidden / (hidden + wrongly):.4f}")
    for name in arguments.files:
        with gzip.open(name, "rt", encoding="utf-8") as file:
            fields = [field for row in csv.reader(file) for field in row]
        changed = sum(mask(field) != field for field in fields)
        taken = microseconds(fields)
        print(f"{name}: {len(fields)} fields, {changed} changed, {taken:.1f} us a field")


if __name__ == "__main__":
    main()
