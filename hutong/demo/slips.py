"""What fingers do to a text: wrong characters, traditional ones, wide digits, no full stops."""

from collections.abc import Mapping
from typing import Final

from hutong.demo.phrases import Random

_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")
_HASTY: Final = (
    str.maketrans({"，": " ", "。": " ", "；": " "}),
    str.maketrans({"，": ",", "。": ".", "！": "!", "？": "?"}),
    str.maketrans({"。": "，"}),
    str.maketrans({"，": "、、", "。": "。。。"}),
    str.maketrans({"，": "\n"}),
)


def slip(
    text: str,
    rnd: Random,
    typos: tuple[tuple[str, str], ...],
    traditional: Mapping[int, int],
    often: float,
) -> str:
    """`text` as it was typed; `often` scales how likely each slip is (1 for an app)."""
    chance = rnd() / often
    if chance < 0.05:
        begin = int(rnd() * len(typos))
        for right, wrong in typos[begin:] + typos[:begin]:
            if right in text:
                return text.replace(right, wrong, 1)
        return text
    if chance < 0.06:
        return text.translate(traditional)
    if chance < 0.085:
        return text.translate(_FULL_WIDTH)
    if chance < 0.145:
        return text.translate(_HASTY[int(rnd() * len(_HASTY))]).strip()
    return text
