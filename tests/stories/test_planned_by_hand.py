"""Planned messages that a person sends now, skips or moves: politeness decides as ever, and nothing is said twice."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.verbs import Verb
from followup.effects import RemindAt
from followup.events import Commanded, thread_id
from followup.model import MOVED, Reminder, ReminderState, Verdict
from handlers.scene import Scene
from tests.stories.commanding import BOSS, LI, Desk
from tests.stories.shop import SHOP

REFUND, UNPAID = "pending_refund", "unpaid_order"


def states(desk: Desk, step: str) -> list[ReminderState]:
    """How the planned touches of a step stand."""
    return [each.state for each in desk.reminders() if each.step == step]


def test_sent_now() -> None:
    """The offer of help goes at once, once; what comes after it is planned from then, and who did it is noted."""
    desk = Desk().order().after("5m").types(LI, "/now")
    assert ["unpaid.help"] == desk.steps()
    assert desk.heard()[0] in desk.told()
    assert ("desk.now_goes", True, ["li: now unpaid.help"]) == (desk.answer.script, desk.answer.done, desk.notes())
    assert ["unpaid.help"] == desk.after("1h").steps()
    assert ["unpaid.help", "unpaid.last_call"] == desk.after("23h").steps()


def test_at_night_it_waits_for_the_morning() -> None:
    """Quiet hours hold it, and the answer says until when."""
    late = Desk("2026-03-02 23:30").order().types(LI, "/马上发")
    assert ("desk.now_waits", []) == (late.answer.script, late.steps())
    assert "不在可以打扰的时间" in late.told()
    until = late.answer.facts["until"]
    (verdict,) = late.verdicts("unpaid.help")
    assert Verdict.QUIET_HOURS is verdict
    assert ["unpaid.help"] == late.until(f"{until:%Y-%m-%d %H:%M}").steps()


def test_the_cap_holds_whoever_asks() -> None:
    """One nudge a day for a buyer: the second order's waits for its turn."""
    desk = Desk().order().after("20m").order("1002").types(LI, "/now", order="1002")
    assert ("desk.now_waits", ["unpaid.help"]) == (desk.answer.script, desk.steps())
    assert desk.moment("2026-03-03 14:15") == desk.answer.facts["until"]
    desk.types(LI, "/now", order="1002")
    assert ["unpaid.help"] == desk.until("2026-03-03 14:14").steps()
    assert 2 == len(desk.until("2026-03-03 14:16").steps())


def test_a_stop_counts_more() -> None:
    """To who said stop nothing is planned any more, so nothing can be sent."""
    desk = Desk().order().after("20m").buyer_says("别再发了，退订")
    desk.types(LI, "/now")
    assert ("desk.nothing_planned", False) == (desk.answer.script, desk.answer.done)


def test_paused_it_waits_for_people() -> None:
    """While the bot is paused for a buyer it is held, and goes on with him."""
    desk = Desk().order().types(LI, "/pause").types(LI, "/now")
    assert ("desk.now_held", []) == (desk.answer.script, desk.steps())
    assert "暂停" in desk.told()
    desk.types(LI, "/resume").after("1h 5m")
    assert ["unpaid.help"] == desk.steps()


def test_the_word_of_the_day_goes_on_after_it() -> None:
    """A daily word that a person had go before its day is followed by the next one, every day."""
    desk = Desk().paid_order().refund().after("2h")
    assert ["refund.acknowledge"] == desk.steps()
    desk.types(LI, "/now", REFUND).types(LI, "/now", REFUND)
    assert ["refund.acknowledge", "refund.daily"] == desk.steps()
    desk.after("3d")
    assert 4 == desk.steps().count("refund.daily")
    assert len({message.id for message in desk.outbox()}) == len(desk.outbox())


def test_skipped_for_good() -> None:
    """It never goes: not by time, not when the source tells of the order again; what comes after it does."""
    desk = Desk().order().types(LI, "/skip 已经电话联系").after("1h")
    assert ([], [ReminderState.CANCELLED]) == (desk.steps(), states(desk, "unpaid.help"))
    assert ["li: skip unpaid.help 已经电话联系"] == desk.notes()
    assert "3月2日 14:15" in desk.told()
    desk.changes(goods="羊毛围巾 红").after("1h")
    assert [] == desk.steps()
    assert ["unpaid.last_call"] == desk.after("1d").steps()


def test_skipped_twice() -> None:
    """The last word too: then nothing is left, and the order is given up at its time."""
    desk = Desk().order().types(LI, "/skip").types(LI, "/skip").types(LI, "/skip")
    assert ("desk.nothing_planned", False) == (desk.answer.script, desk.answer.done)
    desk.after("4d")
    assert ([], "given_up not_paid") == (desk.steps(), desk.fate(UNPAID))
    assert ["unpaid_lost"] == desk.tasks()


def test_the_buyers_own_word_counts() -> None:
    """A skipped word stays away; one that the buyer asks for himself afterwards is another."""
    desk = Desk().order().types(LI, "/skip").types(LI, "/skip").buyer_says("明天上午10点提醒我付款")
    desk.until("2026-03-03 10:05")
    assert "unpaid.help" not in desk.steps()
    assert "unpaid.last_call" in desk.steps()


def test_the_word_of_the_day_is_skipped_for_a_day() -> None:
    """The next day has its own."""
    desk = Desk().paid_order().refund().after("2h").types(LI, "/skip", REFUND)
    desk.until("2026-03-03 20:00")
    assert ["refund.acknowledge"] == desk.steps()
    assert ["refund.acknowledge", "refund.daily"] == desk.until("2026-03-04 20:00").steps()


def test_nothing_is_left_to_be_said() -> None:
    """A matter that ends with its last word ends as skipped, not as if the buyer had been asked."""
    desk = Desk().paid_order().review().agent("solved", "review_revision")
    desk.until("2026-03-02 22:40").agent("confirmed", "review_revision")
    while desk.types(BOSS, "/skip", "review_revision").answer.done:
        pass
    assert "skipped" in desk.fate("review_revision")
    assert not any(step.startswith("review.") for step in desk.after("30d").steps())


def test_moved() -> None:
    """It goes at the new time and not before."""
    desk = Desk().order().types(LI, "/move 明天9点")
    assert "3月3日 09:00" in desk.told()
    assert ["li: move unpaid.help 03-03 09:00"] == desk.notes()
    assert [] == desk.until("2026-03-03 08:59").steps()
    assert ["unpaid.help"] == desk.until("2026-03-03 09:00").steps()


def test_moved_into_the_night() -> None:
    """He is told that it would have to wait, and until when."""
    desk = Desk().order().types(LI, "/改时间 今晚23点")
    assert "不在可以打扰的时间" in desk.told()
    later = desk.answer.facts["later"]
    assert [] == desk.until("2026-03-02 23:59").steps()
    assert ["unpaid.help"] == desk.until(f"{later:%Y-%m-%d %H:%M}").steps()


def test_moved_too_far() -> None:
    """Not beyond its use, not into the past: it stays where it was."""
    desk = Desk().order()
    desk.types(LI, "/move 20d")
    assert ("desk.move_too_late", False) == (desk.answer.script, desk.answer.done)
    over = Commanded(Verb.MOVE, LI, desk.clock.now(), "k", thread_id(SHOP, "1001", UNPAID), until=desk.clock.now())
    desk.commands(over)
    assert ("desk.expected_move", False) == (desk.answer.script, desk.answer.done)
    assert ["unpaid.help"] == desk.after("15m").steps()


def test_one_of_several_by_its_name() -> None:
    """A step or an id names which one; what has gone is told so, with when it went."""
    desk = Desk().order().after("15m")
    assert ["unpaid.help"] == desk.steps()
    desk.types(LI, "/now unpaid.help")
    assert ("desk.planned_gone", False) == (desk.answer.script, desk.answer.done)
    assert "3月2日 14:15" in desk.told()
    (last,) = [each.id for each in desk.reminders() if each.step == "unpaid.last_call"]
    event = Commanded(Verb.SKIP, LI, desk.clock.now(), "k", thread_id(SHOP, "1001", UNPAID), word=last)
    assert "desk.skipped" == desk.commands(event).answer.script
    assert "desk.planned_gone" == desk.commands(replace(event, key="k2")).answer.script


def test_what_says_nothing_is_no_message() -> None:
    """The moment at which an order is given up is not a message: nobody skips it."""
    desk = Desk().order().types(LI, "/skip").types(LI, "/skip")
    desk.types(LI, "/skip unpaid.give_up")
    assert ("desk.planned_gone", False) == (desk.answer.script, desk.answer.done)
    assert [ReminderState.PENDING] == states(desk, "unpaid.give_up")


def test_a_promise_is_kept_by_who_made_it() -> None:
    """The word that there is no news yet is neither sent early nor skipped."""
    desk = Desk().order().types(LI, "/promise 4h 告诉买家能不能绣")
    desk.types(LI, "/skip promise.no_news")
    assert ("desk.planned_promise", False) == (desk.answer.script, desk.answer.done)
    desk.types(LI, "/now promise.no_news")
    assert ("desk.planned_promise", []) == (desk.answer.script, desk.steps())


def test_only_the_shops_people() -> None:
    """A stranger sends nothing, and somebody of another shop neither."""
    desk = Desk().order()
    for who in ("nobody", "far"):
        desk.types(who, "/now")
        assert ("desk.not_allowed", []) == (desk.answer.script, desk.steps())


def test_what_a_person_moved_is_not_moved_back() -> None:
    """The bot plans the question whether all is well from the parcel; a person's time stays, whatever is told again."""
    desk = Desk().order()
    scene = an_open_scene(desk)
    scene.tx.save(replace(planned(desk, "unpaid.help"), due_at=desk.moment("2026-03-03 09:00"), error=MOVED))
    scene.remind(RemindAt("unpaid.help", desk.moment("2026-03-02 15:00")))
    kept = scene.tx.get(Reminder, planned(desk, "unpaid.help").id)
    assert kept is not None
    assert desk.moment("2026-03-03 09:00") == kept.due_at
    desk = Desk().order().types(LI, "/move 3h").buyer_says("明天上午10点提醒我付款")
    assert desk.moment("2026-03-03 10:00") == planned(desk, "unpaid.help").due_at


def planned(desk: Desk, step: str) -> Reminder:
    """The planned touch of a step."""
    (found,) = [each for each in desk.reminders() if each.step == step]
    return found


def an_open_scene(desk: Desk) -> Scene:
    """The matter of the order, as a handler has it before it."""
    return Scene(desk.thread(UNPAID), desk.store.tx, desk.deps, desk.clock.now())
