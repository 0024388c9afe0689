"""What the hub says about a document it received, and partners about ours, apart from the business content."""

from typing import ClassVar, Literal

from canonical.documents.base import Document
from canonical.values import Code, Value

Standard = Literal["x12", "edifact", "ubl", "cxml"]


class SetProblem(Value):
    """One finding about a document of an interchange; see `canonical.problems.Problem`."""

    code: Code
    path: str
    message: str
    value: str | None = None


class SetResult(Value):
    """The verdict on one document (X12 transaction set) of a group."""

    control_no: str
    kind: str
    accepted: bool
    problems: tuple[SetProblem, ...] = ()


class GroupResult(Value):
    """A functional group of the interchange with its documents; `stated_count` is the count in its trailer.

    sender and receiver: the application codes of its header. problems: those of the group itself; with any, no document
    is accepted.
    """

    control_no: str
    functional_id: str
    version: str
    stated_count: int
    sets: tuple[SetResult, ...]
    sender: str = ""
    receiver: str = ""
    problems: tuple[SetProblem, ...] = ()


class InterchangeReceived(Document):
    """The verdict on an EDI interchange, document by document; the 997 is made of it. Sender and receiver are as they came.

    sent_date, sent_time: as the interchange header writes them (YYMMDD, HHMM). receipt_requested: the sender wants to hear of the
    interchange itself (ISA14). usage: P production, T test. problems: those of the interchange; with any, nothing is accepted.
    """

    message_type: ClassVar[str] = "interchange.received"

    origin: Code
    standard: Standard = "x12"
    control_no: Code
    sender_qualifier: str = ""
    sender: Code
    receiver_qualifier: str = ""
    receiver: Code
    sent_date: str = ""
    sent_time: str = ""
    usage: str = "P"
    receipt_requested: bool = False
    problems: tuple[SetProblem, ...] = ()
    groups: tuple[GroupResult, ...]

    def subject(self) -> str:
        return self.control_no

    def partition_key(self) -> str:
        return f"{self.sender} {self.control_no}"

    def identity(self) -> str:
        return f"{self.origin} {self.sender} {self.control_no}"


class AcknowledgedSet(Value):
    """A partner's verdict on one document of ours. `codes` are the partner's own."""

    control_no: str
    kind: str = ""
    accepted: bool
    codes: tuple[str, ...] = ()
    problems: tuple[SetProblem, ...] = ()


class InterchangeAcknowledged(Document):
    """A partner's verdict on what we sent: an X12 997, 999 or TA1, an EDIFACT CONTRL, a UBL application response.

    control_no: of the acknowledged interchange; where the partner names only a group or message, that one's.
    acknowledgement_no: the partner's own number of this acknowledgement.
    """

    message_type: ClassVar[str] = "interchange.acknowledged"

    standard: Standard
    control_no: Code
    acknowledgement_no: Code
    sender: Code
    receiver: Code
    verdict: Literal["accepted", "with_errors", "partial", "rejected"]
    codes: tuple[str, ...] = ()
    problems: tuple[SetProblem, ...] = ()
    sets: tuple[AcknowledgedSet, ...] = ()

    def subject(self) -> str:
        return self.control_no

    def partition_key(self) -> str:
        return f"{self.receiver} {self.control_no}"

    def identity(self) -> str:
        return f"{self.sender} {self.acknowledgement_no} {self.control_no}"
