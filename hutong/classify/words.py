"""All the words of a pack in one automaton, and what each of them means when it is found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import ahocorasick

from hutong.city import City, DutyItem
from hutong.classify.fold import Folder


@dataclass(slots=True)
class Word:
    """What finding one folded word means. Items and intents are numbers, for speed."""

    text: str
    keyword_of: list[tuple[int, int]] = field(default_factory=list)
    """(item, weight)"""
    not_word_of: list[tuple[int, int]] = field(default_factory=list)
    """(item, weight)"""
    needed_by: list[int] = field(default_factory=list)
    urgent_for: list[int] = field(default_factory=list)
    cue_of: list[tuple[int, int]] = field(default_factory=list)
    """(rank of the intent, weight)"""


class WordBook:
    """Finds the words of a pack in folded text, in one pass, the leftmost longest first.

    A keyword hides the keywords it contains ("电梯困人" is not also "电梯"), because the longer one
    says more. It does not hide needs, not-words, urgent words and cues in it: they ask only whether
    something is mentioned. A word that is no keyword itself hides nothing.
    """

    def __init__(self, city: City, items: Sequence[DutyItem], folder: Folder) -> None:
        self._words: dict[str, Word] = {}
        fold = folder.fold
        for number, item in enumerate(items):
            for keyword in item.keywords:
                self._word(fold(keyword.text)).keyword_of.append((number, keyword.weight))
            for keyword in item.not_words:
                self._word(fold(keyword.text)).not_word_of.append((number, keyword.weight))
            for text in item.needs:
                self._word(fold(text)).needed_by.append(number)
            for text in item.urgent_words:
                self._word(fold(text)).urgent_for.append(number)
        for intent in city.intents.values():
            for cue in intent.cues:
                self._word(fold(cue.text)).cue_of.append((intent.rank, cue.weight))
        self.words: tuple[Word, ...] = tuple(self._words[text] for text in sorted(self._words))
        self._inherit()
        self._automaton = ahocorasick.Automaton()
        for number, word in enumerate(self.words):
            self._automaton.add_word(_as_bytes(word.text), number)
        if self.words:
            self._automaton.make_automaton()

    def _word(self, text: str) -> Word:
        return self._words.setdefault(text, Word(text))

    def _inherit(self) -> None:
        """Give each word the meanings of the words in it that it must not hide."""
        own = {
            word.text: Word(
                word.text,
                list(word.keyword_of),
                list(word.not_word_of),
                list(word.needed_by),
                list(word.urgent_for),
                list(word.cue_of),
            )
            for word in self.words
        }
        for word in self.words:
            for inner in _inner_words(word.text, own):
                if not own[word.text].keyword_of:
                    word.keyword_of.extend(_new(inner.keyword_of, word.keyword_of))
                word.not_word_of.extend(_new(inner.not_word_of, word.not_word_of))
                word.needed_by.extend(set(inner.needed_by).difference(word.needed_by))
                word.urgent_for.extend(set(inner.urgent_for).difference(word.urgent_for))
                word.cue_of.extend(_new(inner.cue_of, word.cue_of))

    def count(self, text: str) -> dict[int, int]:
        """How often each word is found in folded text: word number to count."""
        counts: dict[int, int] = {}
        for _, number in self._automaton.iter_long(_as_bytes(text) + _END):
            counts[number] = counts.get(number, 0) + 1
        return counts


#: In no word. Without it `iter_long` misses a word at the very end of a text when a longer one
#: could have begun before it: "车" in "停满汽车", because of "汽车站".
_END: Final = "\0"


def _as_bytes(text: str) -> str:
    """The UTF-8 bytes as a string of characters below 256.

    The automaton looks through a node's children one by one. By character its root has one child
    for each of some 800 first characters; by byte a node has at most 64, which is three times as
    fast. UTF-8 is self-synchronising, so the matches are the same.
    """
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _inner_words(text: str, words: dict[str, Word]) -> Iterable[Word]:
    """The words that lie inside `text`, the longest first, each once."""
    seen = {
        text[start:end]
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if end - start < len(text) and text[start:end] in words
    }
    return [words[inner] for inner in sorted(seen, key=lambda inner: (-len(inner), inner))]


def _new(
    pairs: Iterable[tuple[int, int]], present: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The pairs whose first half is not present yet."""
    taken = {first for first, _ in present}
    return [pair for pair in pairs if pair[0] not in taken]
