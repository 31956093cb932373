"""The life of an issue, event by event.

The .avsc files are the truth; a contract test holds these classes against them.
"""

from typing import ClassVar

from hutong.events.base import Event, Many
from hutong.events.fields import (
    Candidate,
    ClockLength,
    Code,
    Digest,
    Evidence,
    HandledOnTheSpot,
    Hop,
    IdentityField,
    Line,
    Millis,
    Minutes,
    PackHash,
    Place,
    Sealed,
    Stars,
    Suspect,
    Text,
    Thousandths,
    Uuid,
)


class ClockDue(Event):
    """Notice that a clock reached its due time.

    The fold ignores it where the stopping event was received in time.
    """

    avro_name: ClassVar[str] = "hutong.issue.ClockDue"

    clock: Code
    due_at: Millis
    attempt: Hop


class DueRevised(Event):
    """A due time was computed anew."""

    avro_name: ClassVar[str] = "hutong.issue.DueRevised"

    clock: Code
    due_at: Millis
    ground: Text
    outage_from: Millis | None = None
    outage_to: Millis | None = None
    text: Text = ""


class DuplicateDismissed(Event):
    """A person looked at a suspected pair: they are two matters."""

    avro_name: ClassVar[str] = "hutong.issue.DuplicateDismissed"

    other_id: Uuid
    ground: Text


class DuplicateSuspected(Event):
    """It may be the same matter as others."""

    avro_name: ClassVar[str] = "hutong.issue.DuplicateSuspected"

    suspects: Many[Suspect] = ()


class DutyAdjudicated(Event):
    """A dispute over who leads was ruled."""

    avro_name: ClassVar[str] = "hutong.issue.DutyAdjudicated"

    lead: Code
    co_owners: Many[Code] = ()
    ground: Text
    text: Text = ""


class ExtensionDecided(Event):
    """More time was granted or refused."""

    avro_name: ClassVar[str] = "hutong.issue.ExtensionDecided"

    granted: bool
    level: Code
    minutes: Minutes
    text: Text = ""


class ExtensionRequested(Event):
    """The department asks for more time."""

    avro_name: ClassVar[str] = "hutong.issue.ExtensionRequested"

    reason: Code
    minutes: Minutes
    media: Many[Digest] = ()
    text: Text = ""


class FollowUpCalled(Event):
    """The desk called the reporter: five separate facts."""

    avro_name: ClassVar[str] = "hutong.issue.FollowUpCalled"

    reached: Code
    contacted: bool | None = None
    solved: Code | None = None
    satisfied: Code | None = None
    cause: Code | None = None
    text: Text = ""


class IdentityRevealed(Event):
    """Somebody was told who reported it; the values are in no event."""

    avro_name: ClassVar[str] = "hutong.issue.IdentityRevealed"

    purpose: Code
    fields: Many[IdentityField]


class IssueAbsorbed(Event):
    """Another issue joined this one."""

    avro_name: ClassVar[str] = "hutong.issue.IssueAbsorbed"

    child_id: Uuid
    child_reported_at: Millis
    reason: Code


class IssueAccepted(Event):
    """The department signed for it."""

    avro_name: ClassVar[str] = "hutong.issue.IssueAccepted"

    hop: Hop
    handler: Line | None = None


class IssueAmended(Event):
    """Facts of a report were corrected. A null field stays as it was."""

    avro_name: ClassVar[str] = "hutong.issue.IssueAmended"

    place: Place | None = None
    contact: Line | None = None
    reporter: Sealed | None = None
    subject: Line | None = None
    body: Text | None = None


class IssueAssigned(Event):
    """Given to a unit or worker below the department."""

    avro_name: ClassVar[str] = "hutong.issue.IssueAssigned"

    assignee: Line
    level: Code
    due: Millis | None = None
    text: Text = ""


class IssueClosed(Event):
    """The desk closed it."""

    avro_name: ClassVar[str] = "hutong.issue.IssueClosed"

    ground: Text
    text: Text = ""


class IssueDeclaredUnresolvable(Event):
    """It cannot be solved, and the reporter was told why."""

    avro_name: ClassVar[str] = "hutong.issue.IssueDeclaredUnresolvable"

    hop: Hop
    reason: Code
    media: Many[Digest] = ()
    explanation: Text


class IssueDispatched(Event):
    """The issue was given to a department."""

    avro_name: ClassVar[str] = "hutong.issue.IssueDispatched"

    item: Code
    category: Code
    kind: Code
    intent: Code
    tier: Code
    lead: Code
    co_owners: Many[Code] = ()
    clocks: Many[ClockLength] = ()
    hop: Hop
    confidence: Thousandths
    evidence: Many[Evidence] = ()
    pack: PackHash
    model: Code


class IssueEscalated(Event):
    """Went one step up the ladder."""

    avro_name: ClassVar[str] = "hutong.issue.IssueEscalated"

    clock: Code
    level: Code
    text: Text = ""


class IssueMerged(Event):
    """Joined into the older issue; the other half, IssueAbsorbed there, answers its own issue."""

    avro_name: ClassVar[str] = "hutong.issue.IssueMerged"

    master_id: Uuid
    master_reported_at: Millis
    reason: Code


class IssueQueued(Event):
    """The router was not sure enough; the desk decides."""

    avro_name: ClassVar[str] = "hutong.issue.IssueQueued"

    reason: Code
    candidates: Many[Candidate] = ()
    confidence: Thousandths
    pack: PackHash
    model: Code
    text: Text = ""


class IssueRated(Event):
    """The reporter rated it."""

    avro_name: ClassVar[str] = "hutong.issue.IssueRated"

    resolved: bool | None = None
    satisfied: bool | None = None
    stars: Stars | None = None
    text: Text = ""


class IssueReclassified(Event):
    """The desk changed what it is about."""

    avro_name: ClassVar[str] = "hutong.issue.IssueReclassified"

    category_before: Code
    item: Code
    category: Code
    kind: Code
    tier: Code
    ground: Text


class IssueReopened(Event):
    """The desk opened it again."""

    avro_name: ClassVar[str] = "hutong.issue.IssueReopened"

    reason: Code
    text: Text = ""


class IssueReported(Event):
    """A report came in and opened an issue of its own."""

    avro_name: ClassVar[str] = "hutong.issue.IssueReported"

    channel: Code
    reference: Line | None = None
    place: Place | None = None
    contact: Line | None = None
    intent: Code | None = None
    media: Many[Digest] = ()
    handled_on_the_spot: HandledOnTheSpot | None = None
    reporter: Sealed | None = None
    subject: Line
    body: Text


class IssueResolved(Event):
    """The department claims that it is solved."""

    avro_name: ClassVar[str] = "hutong.issue.IssueResolved"

    hop: Hop
    result: Code
    media: Many[Digest] = ()
    file_number: Line | None = None
    text: Text = ""


class IssueResponded(Event):
    """The reporter got a first answer."""

    avro_name: ClassVar[str] = "hutong.issue.IssueResponded"

    means: Code
    text: Text = ""


class IssueResumed(Event):
    """The hold ended."""

    avro_name: ClassVar[str] = "hutong.issue.IssueResumed"

    ground: Text


class IssueReturned(Event):
    """The department says that it is not its matter."""

    avro_name: ClassVar[str] = "hutong.issue.IssueReturned"

    hop: Hop
    reason: Code
    proposed: Code | None = None
    media: Many[Digest] = ()
    text: Text = ""


class IssueSuspended(Event):
    """Put on hold under a condition."""

    avro_name: ClassVar[str] = "hutong.issue.IssueSuspended"

    reason: Code
    condition: Text
    review_at: Millis
    text: Text = ""


class IssueTransferred(Event):
    """Handed to an emergency line or another authority."""

    avro_name: ClassVar[str] = "hutong.issue.IssueTransferred"

    reason: Code
    target: Code
    reference: Line | None = None
    text: Text = ""


class IssueUnmerged(Event):
    """A merge was undone."""

    avro_name: ClassVar[str] = "hutong.issue.IssueUnmerged"

    other_id: Uuid
    ground: Text


class IssueWithdrawn(Event):
    """The reporter withdrew it, or it was a mistake."""

    avro_name: ClassVar[str] = "hutong.issue.IssueWithdrawn"

    reason: Code
    text: Text = ""


class ProgressNoted(Event):
    """Something was done or learnt."""

    avro_name: ClassVar[str] = "hutong.issue.ProgressNoted"

    media: Many[Digest] = ()
    text: Text = ""


class ReminderSent(Event):
    """The owner was reminded."""

    avro_name: ClassVar[str] = "hutong.issue.ReminderSent"

    clock: Code
    due_at: Millis
    department: Code


class ReturnDecided(Event):
    """The desk decided on a return."""

    avro_name: ClassVar[str] = "hutong.issue.ReturnDecided"

    decision: Code
    accepted: bool
    rule: Code
    next_owner: Code | None = None
    text: Text = ""


class SiteCheckFailed(Event):
    """A grid worker other than the handler found it not solved."""

    avro_name: ClassVar[str] = "hutong.issue.SiteCheckFailed"

    checker: Line
    media: Many[Digest] = ()
    place: Place | None = None
    text: Text = ""


class SiteCheckPassed(Event):
    """A grid worker other than the handler found it solved."""

    avro_name: ClassVar[str] = "hutong.issue.SiteCheckPassed"

    checker: Line
    media: Many[Digest] = ()
    place: Place | None = None
    text: Text = ""


class SupervisionClosed(Event):
    """The supervision ended."""

    avro_name: ClassVar[str] = "hutong.issue.SupervisionClosed"

    level: Code
    ground: Text


class SupervisionOpened(Event):
    """A leader supervises it."""

    avro_name: ClassVar[str] = "hutong.issue.SupervisionOpened"

    level: Code
    ground: Text
    due_at: Millis | None = None
