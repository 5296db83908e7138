"""Putting tasks off: nobody is told of them until then."""

from __future__ import annotations

from followup.desk import alerting
from handlers.desk.call import Call
from handlers.desk.meant import one_task
from handlers.desk.told import Told


def snooze(call: Call) -> Told:
    """All open tasks of the thread are heard of again at that time."""
    until = call.event.until
    if until is None or until <= call.now:
        return call.not_done("expected_snooze")
    if not call.tasks:
        return call.not_done("nothing_to_put_off")
    for task in call.tasks:
        call.tx.save(alerting.later(task, until, call.deps.policy(task.shop)))
    call.note(f"snooze {call.local(until):%m-%d %H:%M} {call.event.text}")
    return call.told("put_off", until=call.local(until), count=len(call.tasks))


def later(call: Call) -> Told:
    """The same for one task."""
    task = one_task(call)
    if isinstance(task, Told):
        return task
    until = call.event.until
    if until is None or until <= call.now:
        return call.not_done("expected_later")
    call.tx.save(alerting.later(task, until, call.deps.policy(task.shop)))
    call.note(f"later {task.reason} {call.local(until):%m-%d %H:%M} {call.event.text}")
    return call.told("put_off", until=call.local(until), count=1)
