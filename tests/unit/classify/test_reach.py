"""Every line of the duty list can be reached by its own words."""

from __future__ import annotations

import pytest

from hutong.city import City, DutyItem, load_city
from hutong.classify import Classifier

ITEMS = load_city().duty_list


def own_words(item: DutyItem) -> str:
    """The words of an item, a mark between them so that none joins its neighbour."""
    return "，".join([*item.needs[:1], *(keyword.text for keyword in item.keywords)])


@pytest.mark.parametrize("item", ITEMS, ids=[item.code for item in ITEMS])
def test_an_item_is_reached_by_its_own_words(classifier: Classifier, item: DutyItem) -> None:
    found = classifier.classify(own_words(item), "", channel="app", area="west-bell-01")
    assert found.item == item.code
    assert found.category == item.category
    assert found.lead == ("street-west" if item.lead == "street" else item.lead)


def test_most_items_are_reached_by_their_name_alone(classifier: Classifier, city: City) -> None:
    """A name is not what people write, but four in five should do."""

    def item_of(text: str) -> str | None:
        return classifier.classify(text, text, channel="app", area="west-bell-01").item

    missed = [item.code for item in city.duty_list if item_of(item.zh) != item.code]
    assert len(missed) <= len(city.duty_list) // 5, missed
