"""The bot is silent towards one buyer while people speak with him, and goes on when they say so."""

from __future__ import annotations

from dataclasses import replace

from handlers.desk.call import Call
from handlers.desk.stopped import go_on, stop_all
from handlers.desk.told import Told
from handlers.held import resume_paused


def pause(call: Call) -> Told:
    """Nothing automatic goes to the buyer from now on, in no thread and on no channel; what he writes is people's."""
    thread, tx = call.thread, call.tx
    if thread is None:
        return call.not_done("which_buyer")
    buyer = tx.buyer(thread.shop, thread.buyer)
    if buyer.paused_at is not None:
        return call.not_done("paused_already", since=call.local(buyer.paused_at))
    tx.save(replace(buyer, paused_at=call.now))
    stop_all(thread.shop, thread.buyer, tx, call.deps, call.now)
    call.note(f"pause {call.event.text}")
    return call.told("paused", buyer=buyer.name)


def resume(call: Call) -> Told:
    """The bot follows up again, and says now what it kept back meanwhile."""
    thread, tx = call.thread, call.tx
    if thread is None:
        return call.not_done("which_buyer")
    buyer = tx.buyer(thread.shop, thread.buyer)
    if buyer.paused_at is None:
        return call.not_done("not_paused")
    tx.save(replace(buyer, paused_at=None))
    count = resume_paused(thread.shop, thread.buyer, tx, call.now) + go_on(thread.shop, thread.buyer, tx, call.now)
    call.note(f"resume {call.event.text}")
    return call.told("resumed", buyer=buyer.name, **({"count": count} if count else {}))
