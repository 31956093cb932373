"""The duty-list classifier: which item a text means, who leads, and whether that is sure enough.

Integers only, ties broken by item code: the same text and pack give the same answer on every
machine, for ever, as a redelivered record must be routed the same way again.
"""

from typing import Final

from hutong.city import STREET, City, DutyItem, owners_of
from hutong.classify.fold import Folder
from hutong.classify.model import Candidate, Classification, Evidence
from hutong.classify.words import WordBook

MODEL: Final = "duty-list/2"
"""Goes on every routed event. Any change that gives some text another answer counts it up.

/1 missed a word at the very end of a text when a longer one could have begun before it.
"""

MAX_SUBJECT: Final = 200
"""Characters of the subject that are read; a subject longer than this repeats the body."""
MAX_BODY: Final = 1_500
"""Characters of the body that are read. In real letters the matter stands in the first 300; a
paste of a whole file must not slow the router."""

OPENING: Final = 40
"""Without a subject, this many first characters of the body are read as one as well: a hotline
note has none, and says what it is about at once."""

_SUBJECT_FACTOR: Final = (0, 10, 13, 14)
"""Points per weight for a word found once, twice, three times or more in the subject."""
_BODY_FACTOR: Final = (0, 4, 6, 7)
"""The same for the body: the writer's own summary counts 2.5 times as much."""
_MENTIONED: Final = 3
"""Finding a word more often than this adds nothing: anger repeats itself."""
_NOT_FACTOR: Final = 6
"""Points per weight that a not-word takes away, wherever it is found."""
_CONFIDENCE_PRIOR: Final = 25
"""Added to the score in the denominator of the confidence, so that one weak word is not sure."""
_CANDIDATES: Final = 5

_FALLBACK_TIER: Final = "general"
_URGENT: Final = "urgent"
_FALLBACK_INTENT: Final = "help"


class Classifier:
    """Classifies reports by one city's duty list. Made once per pack (0.3 s), then read-only."""

    model: Final = MODEL

    def __init__(self, city: City) -> None:
        self._city = city
        self._items = tuple(sorted(city.duty_list, key=lambda item: item.code))
        self._folder = Folder()
        self._book = WordBook(city, self._items, self._folder)
        words = self._book.words
        self._keyword_of = tuple(tuple(word.keyword_of) for word in words)
        self._special = tuple(
            bool(word.not_word_of or word.needed_by or word.urgent_for or word.cue_of)
            for word in words
        )
        self._weights = tuple(
            {n: weight for n, word in enumerate(words) for i, weight in word.keyword_of if i == k}
            for k in range(len(self._items))
        )
        self._with_needs = frozenset(n for n, item in enumerate(self._items) if item.needs)
        self._intents = tuple(city.intents)
        self._top = tuple(item.category.partition(".")[0] for item in self._items)
        self._owners: dict[tuple[int, str | None], tuple[str, tuple[str, ...]]] = {}
        self._facts: dict[tuple[int, str | None], tuple[str, str, str]] = {}
        self._gate = city.gate

    def classify(
        self, subject: str, body: str, *, channel: str, area: str | None
    ) -> Classification:
        """What the report is about and who leads, in about 20 microseconds for a short text.

        `channel` gives the intent where the words show none; `area` decides who `street` is.
        Reads `MAX_SUBJECT` and `MAX_BODY` characters at most.
        """
        if not subject or subject.isspace():
            subject = body[:OPENING]
        fold = self._folder.fold
        in_subject = self._book.count(fold(subject[:MAX_SUBJECT]))
        in_body = self._book.count(fold(body[:MAX_BODY]))
        scores, urgent, intent = self._score(in_subject, in_body, channel)
        if not scores:
            return self._unmatched(intent)
        if area is not None and area not in self._city.areas:
            area = None
        ranked = sorted((-score, number) for number, score in scores.items())
        best_score, best = -ranked[0][0], ranked[0][1]
        item = self._items[best]
        lead, co_owners = self._owners_of(best, area)
        rival_score = self._rival_score(ranked, best, lead, area)
        kind = self._kind(item, intent, best in urgent)
        unsure = self._unsure(best_score, rival_score, lead)
        return Classification(
            item.code,
            item.category,
            kind,
            intent,
            _URGENT if best in urgent else item.tier,
            lead,
            co_owners,
            best_score * 1000 // (best_score + rival_score + _CONFIDENCE_PRIOR),
            unsure is None,
            unsure,
            tuple(
                [
                    Candidate(
                        *self._facts_of(number, area),
                        -minus_score,
                        -minus_score * 1000 // best_score,
                    )
                    for minus_score, number in ranked[:_CANDIDATES]
                ]
            ),
            self._evidence(best, in_subject, in_body),
            MODEL,
        )

    def _score(
        self, in_subject: dict[int, int], in_body: dict[int, int], channel: str
    ) -> tuple[dict[int, int], set[int], str]:
        """The items with a score above zero, those raised to urgent, and the intent."""
        keyword_of, special = self._keyword_of, self._special
        scores: dict[int, int] = {}
        mentioned: dict[int, int] = {}
        for counts, factors in ((in_subject, _SUBJECT_FACTOR), (in_body, _BODY_FACTOR)):
            for word, count in counts.items():
                factor = factors[count if count < _MENTIONED else _MENTIONED]
                for item, weight in keyword_of[word]:
                    scores[item] = scores.get(item, 0) + weight * factor
                if special[word]:
                    mentioned[word] = mentioned.get(word, 0) + factor
        needed, urgent, intent = self._consider(scores, mentioned, channel)
        needy = self._with_needs
        left = {
            item: score
            for item, score in scores.items()
            if score > 0 and (item not in needy or item in needed)
        }
        return left, urgent, intent

    def _consider(
        self, scores: dict[int, int], mentioned: dict[int, int], channel: str
    ) -> tuple[set[int], set[int], str]:
        """Subtract not-words from `scores`; give the items whose need is met, those made urgent,
        and the intent.
        """
        words = self._book.words
        needed: set[int] = set()
        urgent: set[int] = set()
        cues: dict[int, int] = {}
        for number, factor in mentioned.items():
            word = words[number]
            if word.needed_by:
                needed.update(word.needed_by)
            if word.urgent_for:
                urgent.update(word.urgent_for)
            for item, weight in word.not_word_of:
                if item in scores:
                    scores[item] -= weight * _NOT_FACTOR
            for rank, weight in word.cue_of:
                cues[rank] = cues.get(rank, 0) + weight * factor
        if cues:
            return needed, urgent, self._intents[min(cues, key=lambda rank: (-cues[rank], rank))]
        assumed = self._city.channels.get(channel)
        return needed, urgent, assumed.intent if assumed else _FALLBACK_INTENT

    def _owners_of(self, number: int, area: str | None) -> tuple[str, tuple[str, ...]]:
        """Lead and co-owners in an area (a code of the pack, or None), `street` resolved.

        With no area the lead stays `street`, and a co-owner `street` is left out.
        """
        key = (number, area)
        owners = self._owners.get(key)
        if owners is None:
            owners = self._owners[key] = owners_of(self._city, self._items[number], area)
        return owners

    def _facts_of(self, number: int, area: str | None) -> tuple[str, str, str]:
        """Code, category and lead in an area."""
        key = (number, area)
        facts = self._facts.get(key)
        if facts is None:
            item, lead = self._items[number], self._owners_of(number, area)[0]
            facts = self._facts[key] = (item.code, item.category, lead)
        return facts

    def _rival_score(
        self, ranked: list[tuple[int, int]], best: int, lead: str, area: str | None
    ) -> int:
        """The best score that would send the report elsewhere: another lead or first-level class.

        Two items of one department and class may be close: the report lands on the right desk.
        """
        for minus_score, number in ranked[1:]:
            if self._top[number] != self._top[best] or self._owners_of(number, area)[0] != lead:
                return -minus_score
        return 0

    def _unsure(self, score: int, rival: int, lead: str) -> str | None:
        if score < self._gate.min_score:
            return "weak"
        if (score - rival) * 1000 < self._gate.min_margin * score:
            return "close-candidates"
        if lead == STREET:
            return "area-unknown"
        return None

    def _kind(self, item: DutyItem, intent: str, urgent: bool) -> str:
        """The first rule of the table that holds; `patrol` is set by the patrol plan alone."""
        default = item.kind or self._city.categories[item.category].kind
        if default == "dispute":
            return "dispute"
        if default == "hazard" or urgent:
            return "hazard"
        if default == "opinion" or intent in ("suggest", "praise"):
            return "opinion"
        if default == "service" or intent == "consult":
            return "service"
        return default

    def _unmatched(self, intent: str) -> Classification:
        kind = {"suggest": "opinion", "praise": "opinion", "consult": "service", "help": "service"}
        return Classification(
            item=None,
            category=None,
            kind=kind.get(intent, "management"),
            intent=intent,
            tier=_FALLBACK_TIER,
            lead=None,
            co_owners=(),
            confidence=0,
            confident=False,
            unsure_reason="no-match",
            candidates=(),
            evidence=(),
            model=MODEL,
        )

    def _evidence(
        self, best: int, in_subject: dict[int, int], in_body: dict[int, int]
    ) -> tuple[Evidence, ...]:
        weights, words = self._weights[best], self._book.words
        found: list[Evidence] = []
        for name, counts in (("subject", in_subject), ("body", in_body)):
            for number, count in counts.items():
                weight = weights.get(number)
                if weight is not None:
                    found.append(Evidence(words[number].text, name, weight, count))
        return tuple(found)
