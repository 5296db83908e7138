"""The story of a thread in words: what was decided, on which figures, and what would have changed the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from followup.model import Decided, Instant, Note, Outgoing, OutgoingState, Reason, ReminderState, Task, Verdict
from store.views import Story

RULES = {
    Verdict.SETTLED: "a settled matter is never nudged",
    Verdict.OPTED_OUT: "who asked to be left alone is left alone (PIPL 24, GDPR 21)",
    Verdict.FIREWALL: "nothing about reviews where a benefit was given, or where the marketplace forbids it",
    Verdict.EXPIRED: "a polite reminder that is too late is not sent",
    Verdict.UNREACHABLE: "the buyer's chat refuses our messages",
    Verdict.WINDOW_CLOSED: "the channel is open only for a while after the buyer wrote",
    Verdict.QUOTA_USED: "the channel allows only so many messages",
    Verdict.QUIET_HOURS: "quiet hours in the buyer's zone",
    Verdict.CAPPED: "one nudge a buyer in so many hours, over all matters",
    Verdict.SENT: "",
}
CHANGES = {
    Verdict.SETTLED: "only a matter that is still open would have been followed up",
    Verdict.OPTED_OUT: "only the buyer can change that, by writing again and agreeing",
    Verdict.FIREWALL: "nothing would have changed it: this rule cannot be switched off",
    Verdict.EXPIRED: "an earlier due time or a later closing time of the order",
    Verdict.UNREACHABLE: "the buyer writing to us again",
    Verdict.WINDOW_CLOSED: "a message from the buyer",
    Verdict.QUOTA_USED: "a message from the buyer",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story; `kind` is decision, check, note, message, plan or task."""

    at: Instant
    kind: str
    text: str


def tell(story: Story, zone: tzinfo) -> list[Line]:
    """The whole story in the order of time, instants shown in `zone`."""
    lines = [line for decided in story.decisions for line in _decision(decided, zone)]
    lines += [_note(note) for note in story.notes]
    lines += [_message(message, zone) for message in story.outgoing]
    lines += [_task(task) for task in story.tasks]
    plans = [
        Line(
            r.due_at,
            "plan",
            f"planned: {r.step}" + (f", worthless after {_at(r.expires_at, zone)}" if r.expires_at else ""),
        )
        for r in story.reminders
        if r.state is ReminderState.PENDING
    ]
    return [*sorted(lines, key=lambda line: line.at), *plans]


def _decision(decided: Decided, zone: tzinfo) -> Iterator[Line]:
    verdict = decided.decision.verdict
    again = f", to be decided again at {_at(decided.decision.retry_at, zone)}" if decided.decision.retry_at else ""
    yield Line(decided.at, "decision", f"{decided.step}: {verdict.value}{again}")
    for reason in decided.decision.reasons:
        yield Line(decided.at, "check", _check(reason, zone))
    if verdict is not Verdict.SENT:
        yield Line(decided.at, "check", f"would have changed it: {_change(decided, zone)}")


def _check(reason: Reason, zone: tzinfo) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in reason.facts)
    mark = "passed" if reason.passed else "FAILED"
    until = f"; passes from {_at(reason.until, zone)}" if reason.until else ""
    return f"{mark} {reason.check}: {RULES[Verdict(reason.check)]}" + (f" ({figures})" if figures else "") + until


def _change(decided: Decided, zone: tzinfo) -> str:
    if decided.decision.retry_at is not None:
        return f"waiting until {_at(decided.decision.retry_at, zone)}"
    return CHANGES[decided.decision.verdict]


def _note(note: Note) -> Line:
    return Line(note.at, "note", f"{note.who}: {note.text}")


def _message(message: Outgoing, zone: tzinfo) -> Line:
    state = message.state.value if message.state is not OutgoingState.SENT else f"sent {_at(message.sent_at, zone)}"
    error = f" ({message.error})" if message.error else ""
    return Line(message.created_at, "message", f"{message.step} → {message.channel} [{state}{error}]: {message.text}")


def _task(task: Task) -> Line:
    answer = f" by {task.closed_by}: {task.answer}" if task.closed_by else ""
    return Line(task.created_at, "task", f"{task.reason} [{task.state.value}{answer}]")


def _at(when: Instant | None, zone: tzinfo) -> str:
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M") if when else "—"
