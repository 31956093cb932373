"""Who reported: sealed before it leaves this process, so that the log never holds it in plain."""

from hutong.events.fields import Sealed
from hutong.privacy.keys import IdentityKeys
from hutong.privacy.seal import Binding, Identity, seal
from hutong_intake.models import ReporterIn
from hutong_intake.problems import INVALID, Fault, Kind, invalid


class Sealer:
    """Seals with this intake's keys; an intake without keys takes no identity."""

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


def says_something(who: ReporterIn | None) -> bool:
    """Whether any part of it was given."""
    return who is not None and bool(who.name or who.phone or who.home)
