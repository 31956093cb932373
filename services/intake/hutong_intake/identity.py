"""Who reported: sealed before it leaves this process, opened here for whoever may see it."""

from collections.abc import Iterable
from dataclasses import asdict

from hutong.events.fields import Sealed
from hutong.ops.log import get_logger
from hutong.privacy.keys import IdentityKeys
from hutong.privacy.seal import Binding, Identity, SealBrokenError, seal, unseal
from hutong.readmodels.identity.queries import SealedIdentity
from hutong_intake.models import ReporterIn
from hutong_intake.problems import (
    IDENTITY_UNREADABLE,
    INVALID,
    Fault,
    Kind,
    ProblemError,
    invalid,
)


class Sealer:
    """Seals and opens with this intake's keys; an intake without keys takes no identity."""

    def __init__(self, keys: IdentityKeys | None) -> None:
        self._keys = keys

    def require(self, who: ReporterIn | None, kind: Kind = INVALID) -> None:
        """ProblemError where something was said that could not be sealed."""
        if self._keys is None and says_something(who):
            zh = "本系统未配置身份密钥，不收姓名、电话与住址；请去掉此项后重发。"
            en = "There is no key here to seal it with: leave it out and send again."
            raise invalid([Fault("reporter", "identity_not_taken", zh, en)], kind)

    def seal(self, who: ReporterIn | None, binding: Binding) -> Sealed | None:
        """The box for that event; None where nothing was said. After `require`."""
        if who is None or not says_something(who):
            return None
        assert self._keys is not None, "identity without keys was refused before"
        identity = Identity(who.name or None, who.phone or None, who.home or None)
        return seal(self._keys, identity, binding)

    def open(self, boxes: Iterable[SealedIdentity]) -> Identity:
        """What was said of who reported, a later box before an earlier one.

        ProblemError when a box cannot be opened: a key is missing, or somebody changed the box.
        """
        if self._keys is None:
            raise _unreadable("HUTONG_IDENTITY_KEYS_FILE is not set")
        said: dict[str, str | None] = {}
        for box in boxes:
            sealed = Sealed(key=box.key_id, box=box.box)
            try:
                who = unseal(self._keys, sealed, Binding(box.name, box.event_id, box.issue_id))
            except SealBrokenError as error:
                raise _unreadable(str(error)) from None
            said |= {name: value for name, value in asdict(who).items() if value is not None}
        return Identity(**said)


def _unreadable(why: str) -> ProblemError:
    get_logger().error("an identity cannot be opened", reason=why)
    return ProblemError(
        IDENTITY_UNREADABLE,
        "身份信息无法解密：缺少密钥或数据已损坏，请联系系统管理员。未写入任何内容。",
        "The identity cannot be opened: a key is missing, or the box is damaged. Tell whoever runs "
        "this. Nothing was written.",
    )


def says_something(who: ReporterIn | None) -> bool:
    """Whether any part of it was given."""
    return who is not None and bool(who.name or who.phone or who.home)
