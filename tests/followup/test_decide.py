"""Decisions as lists of effects: every verdict's path, every thing a buyer may say, every act of an agent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.decide import (
    decide_agent_acted,
    decide_message,
    decide_opening,
    decide_order_changed,
    decide_reminder,
    decide_stranger,
)
from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    MarkBenefit,
    MoveNext,
    OptOut,
    RemindAt,
    Say,
    SetThread,
    Withhold,
)
from followup.events import Action, AgentActed
from followup.kinds import Case
from followup.model import Instant, RefundStatus, Role, State, Status, Verdict
from followup.ports import Capabilities
from followup.reach import Way
from followup.understood import Intent
from tests.followup.makers import (
    NOON,
    POLICY,
    a_buyer,
    a_case,
    a_chat,
    a_message,
    a_refund,
    a_reminder,
    an_order,
    days,
    heard,
    hours,
    minutes,
)

NIGHT = NOON + hours(11)
MORNING = NOON + hours(21)


def due(case: Case, step: str, now: Instant = NOON, **more: object) -> list[Effect]:
    return decide_reminder(case, a_reminder(case, step, **more), POLICY, now)


def verdict(effects: list[Effect]) -> Verdict:
    first = effects[0]
    assert isinstance(first, Say | Withhold)
    return first.decision.verdict


def said(effects: list[Effect]) -> list[str]:
    return [effect.script for effect in effects if isinstance(effect, Say)]


def alerts(effects: list[Effect]) -> list[str]:
    return [effect.reason for effect in effects if isinstance(effect, AlertAgent)]


def only(effects: list[Effect], cls: type) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, cls)]


class TestReminder:
    def test_words_carry_the_reminders_id_and_expiry(self) -> None:
        """The dedupe key of a message is the id of the touch it was planned as; it is worthless when that is."""
        reminder = a_reminder(a_case("unpaid_order"), "unpaid.help", expires_at=NOON + days(3))
        say, *_ = decide_reminder(a_case("unpaid_order"), reminder, POLICY, NOON)
        assert isinstance(say, Say)
        assert ("shop/1001/unpaid_order/unpaid.help", NOON + days(3)) == (say.key, say.expires_at)

    def test_words_know_buyer_goods_and_order(self) -> None:
        """Every script may name the buyer, the goods and the order."""
        say = due(a_case("unpaid_order"), "unpaid.help")[0]
        assert isinstance(say, Say)
        assert ("Lin", "scarf", "1001") == tuple(say.facts[name] for name in ("buyer", "goods", "order"))

    @pytest.mark.parametrize(
        ("case", "now"),
        [
            (a_case("unpaid_order"), NIGHT),
            (a_case("unpaid_order", buyer=a_buyer(nudged_at=NOON - hours(1))), NOON),
            (a_case("unpaid_order", buyer=a_buyer(opted_out_at=NOON)), NOON),
        ],
        ids=["quiet hours", "capped", "opted out"],
    )
    def test_what_is_held_plans_nothing_new(self, case: Case, now: Instant) -> None:
        """A hold keeps the touch itself and nothing else; who opted out is not followed either."""
        assert [Withhold] == [type(effect) for effect in due(case, "unpaid.help", now)]

    def test_a_settled_matter_settles_its_thread(self) -> None:
        """Should a touch of a settled matter ever be due, it is dropped and the thread closed."""
        case = a_case("unpaid_order", order=an_order(status=Status.PAID))
        effects = due(case, "unpaid.help")
        assert Verdict.SETTLED == verdict(effects)
        assert SetThread(State.SETTLED, "paid") in effects

    @pytest.mark.parametrize("state", [State.SETTLED, State.GIVEN_UP, State.CLOSED])
    def test_a_closed_thread_says_nothing(self, state: State) -> None:
        """However it was closed, no touch of it is said, and none is planned."""
        case = a_case("unpaid_order", state=state, outcome="declined")
        effects = due(case, "unpaid.help")
        assert [Withhold] == [type(effect) for effect in effects]
        assert Verdict.SETTLED == verdict(effects)

    def test_an_expired_nudge_is_dropped(self) -> None:
        """A help that comes too late is not sent, and nobody is bothered with it."""
        effects = due(a_case("unpaid_order"), "unpaid.help", expires_at=NOON)
        assert Verdict.EXPIRED == verdict(effects)
        assert [] == alerts(effects)

    def test_an_expired_notice_is_a_task(self) -> None:
        """News that the buyer waits for is told by a person when the bot may not tell it any more."""
        case = a_case("pending_refund", state=State.SETTLED, refunds=(a_refund(status=RefundStatus.PAID_BACK),))
        effects = due(case, "refund.settled", expires_at=NOON)
        assert Verdict.EXPIRED == verdict(effects)
        assert ["expired"] == alerts(effects)

    @pytest.mark.parametrize("step", ["review.note", "review.retry"])
    def test_the_firewall_closes_the_thread_and_tells_why(self, step: str) -> None:
        """After a benefit the note is dropped for good, and an agent knows."""
        case = a_case("review_revision", buyer=a_buyer(benefit_at=NOON), state=State.SOLVED)
        effects = due(case, step)
        assert Verdict.FIREWALL == verdict(effects)
        assert ["firewall"] == alerts(effects)
        assert SetThread(State.CLOSED, "firewall") == effects[-1]

    def test_an_unreachable_buyer_is_handed_to_a_person(self) -> None:
        """A chat that refused us, or whose window closed, becomes a task that names the step."""
        gone = a_case("unpaid_order", chat=a_chat(unreachable_at=NOON))
        effects = due(gone, "unpaid.help")
        assert Verdict.UNREACHABLE == verdict(effects)
        alert = effects[-1]
        assert isinstance(alert, AlertAgent)
        assert ("unreachable", {"step": "unpaid.help"}) == (alert.reason, alert.facts)
        reminder = a_reminder(gone, "unpaid.help")
        shut = [Way(a_chat(), Capabilities(window=hours(48)))]
        effects = decide_reminder(a_case("unpaid_order"), reminder, POLICY, NOON, shut)
        assert Verdict.WINDOW_CLOSED == verdict(effects)
        assert ["window_closed"] == alerts(effects)

    @pytest.mark.parametrize(("kind", "step"), [("unpaid_order", "unpaid.help"), ("pending_refund", "refund.daily")])
    def test_what_an_agent_solved_is_not_nudged(self, kind: str, step: str) -> None:
        """Once an agent marked a matter solved the bot stops asking about it, without closing it itself."""
        effects = due(a_case(kind, state=State.SOLVED), step)
        assert Verdict.SETTLED == verdict(effects)
        assert [] == only(effects, SetThread)

    @pytest.mark.parametrize("step", ["unpaid.give_up", "refund.deadline"])
    def test_silent_steps_speak_to_agents_only(self, step: str) -> None:
        """What is done without words is done at night too, under any cap, for buyers who opted out and after
        an agent's "solved"."""
        buyer = a_buyer(opted_out_at=NOON, nudged_at=NOON)
        kind = "unpaid_order" if step.startswith("unpaid") else "pending_refund"
        case = a_case(kind, buyer=buyer, state=State.SOLVED, refunds=(a_refund(deadline=NIGHT),))
        effects = due(case, step, NIGHT)
        assert [] == only(effects, Say)
        assert 1 == len(alerts(effects))

    def test_silent_steps_of_a_closed_thread_do_nothing(self) -> None:
        """An order that was paid or declined is not reported as lost."""
        assert [] == due(a_case("unpaid_order", state=State.CLOSED), "unpaid.give_up")


class TestOrderChanged:
    def test_settling_cancels_first(self) -> None:
        """Everything planned is dropped before the thread closes, so that nothing slips through."""
        case = a_case("unpaid_order", order=an_order(status=Status.PAID))
        assert [CancelReminders("paid"), SetThread(State.SETTLED, "paid")] == decide_order_changed(case, POLICY, NOON)

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNPAID])
    def test_an_order_in_any_other_state_is_no_longer_unpaid(self, status: Status) -> None:
        """Paid, shipped or closed by the platform: the matter is over."""
        case = a_case("unpaid_order", order=an_order(status=status))
        states = [effect.state for effect in only(decide_order_changed(case, POLICY, NOON), SetThread)]
        assert all(state.closed for state in states)

    def test_an_opening_needs_no_more_than_its_case(self) -> None:
        """A new matter plans its touches and says nothing yet."""
        for kind in ("unpaid_order", "pending_refund", "review_revision"):
            assert [] == only(decide_opening(a_case(kind), POLICY, NOON), Say)


def hear(case: Case, intent: Intent, named_at: Instant | None = None, now: Instant = NOON) -> list[Effect]:
    return decide_message(case, a_message("the words"), heard(intent, named_at), POLICY, now)


class TestMessage:
    @pytest.mark.parametrize("kind", ["unpaid_order", "pending_refund", "review_revision"])
    def test_stop_is_confirmed_once_and_obeyed(self, kind: str) -> None:
        """Whatever it is about, and at any hour: one confirmation, then the opt-out."""
        effects = hear(a_case(kind), Intent.STOP, now=NIGHT)
        assert [Say, OptOut] == [type(effect) for effect in effects]
        assert (["stop.confirmed"], Verdict.SENT) == (said(effects), verdict(effects))

    @pytest.mark.parametrize("intent", list(Intent))
    def test_who_opted_out_is_heard_by_people_only(self, intent: Intent) -> None:
        """After an opt-out even a question is answered by a person, and a second stop by nobody."""
        effects = hear(a_case("unpaid_order", buyer=a_buyer(opted_out_at=NOON)), intent, NOON + hours(5))
        assert ["buyer_message"] == alerts(effects)
        assert 1 == len(effects)

    @pytest.mark.parametrize("intent", [Intent.HUMAN, Intent.OTHER])
    @pytest.mark.parametrize("kind", ["unpaid_order", "pending_refund", "review_revision"])
    def test_what_the_bot_does_not_act_on_goes_to_a_person(self, kind: str, intent: Intent) -> None:
        """The buyer is told that a person will answer, and the person reads the buyer's very words."""
        effects = hear(a_case(kind), intent)
        assert (["reply.received"], ["buyer_message"]) == (said(effects), alerts(effects))
        assert ["the words"] == [effect.facts["text"] for effect in only(effects, AlertAgent)]

    def test_the_buyer_is_told_so_once_in_twelve_hours(self) -> None:
        """A second message in the same conversation raises a task, but no second receipt."""
        told = a_chat(acknowledged_at=NOON - hours(12) + minutes(1))
        assert [AlertAgent] == [type(e) for e in hear(a_case("unpaid_order", chat=told), Intent.OTHER)]
        long_ago = a_chat(acknowledged_at=NOON - hours(12))
        assert ["reply.received"] == said(hear(a_case("unpaid_order", chat=long_ago), Intent.OTHER))

    @pytest.mark.parametrize("kind", ["pending_refund", "review_revision"])
    @pytest.mark.parametrize("intent", [Intent.LATER, Intent.PAID])
    def test_payment_is_spoken_of_where_payment_is_missing(self, kind: str, intent: Intent) -> None:
        """ "I paid" or "tomorrow" about anything but an unpaid order is for a person."""
        assert ["buyer_message"] == alerts(hear(a_case(kind), intent, NOON + hours(20)))

    def test_later_without_a_time_is_for_a_person(self) -> None:
        """Nothing is moved to a time that nobody named."""
        effects = hear(a_case("unpaid_order"), Intent.LATER)
        assert [] == only(effects, MoveNext)

    def test_a_named_time_moves_the_next_touch(self) -> None:
        """The reply promises the very moment at which the next word will come."""
        named = NOON + hours(22)
        reply, move = hear(a_case("unpaid_order"), Intent.LATER, named)
        assert isinstance(reply, Say)
        assert ("later.noted", named) == (reply.script, reply.facts["when"])
        assert MoveNext(named, NOON + hours(72), otherwise="unpaid.last_call") == move

    @pytest.mark.parametrize(
        ("named", "nudged", "promised"),
        [
            (NOON + hours(2), NOON - hours(1), NOON + hours(23)),
            (NOON + hours(12), None, NOON + hours(21)),
            (NOON - hours(3), None, NOON),
        ],
        ids=["capped until tomorrow", "at midnight", "past when it was read"],
    )
    def test_no_promise_is_made_that_politeness_breaks(
        self, named: Instant, nudged: Instant | None, promised: Instant
    ) -> None:
        """Rule 119: come back at the time you gave. The reply names the first moment at which the bot may speak."""
        case = a_case("unpaid_order", buyer=a_buyer(nudged_at=nudged))
        reply, move = hear(case, Intent.LATER, named)
        assert isinstance(reply, Say)
        assert isinstance(move, MoveNext)
        assert (promised, promised) == (reply.facts["when"], move.when)

    def test_a_time_is_never_moved_before_the_named_one(self) -> None:
        """Who says "at five" is not reminded at four, though the order closes at six."""
        closes = NOON + hours(6)
        case = a_case("unpaid_order", order=an_order(auto_close_at=closes))
        assert MoveNext(NOON + hours(5), closes, "unpaid.last_call") in hear(case, Intent.LATER, NOON + hours(5))

    def test_a_time_after_the_order_closes_is_answered_with_the_closing_time(self) -> None:
        """The buyer learns when the platform closes the order, and hears once more before it does."""
        reply, move = hear(a_case("unpaid_order"), Intent.LATER, NOON + days(5))
        assert isinstance(reply, Say)
        assert "later.noted_closing" == reply.script
        assert MoveNext(NOON + hours(69), NOON + hours(72), otherwise="unpaid.last_call") == move

    def test_a_time_at_which_nothing_may_be_said_any_more_is_for_a_person(self) -> None:
        """ "At eleven tonight" for an order that closes at midnight: nobody is promised a word that cannot be said."""
        case = a_case("unpaid_order", order=an_order(auto_close_at=NOON + hours(12)))
        effects = hear(case, Intent.LATER, NOON + hours(11))
        assert (["reply.received"], ["buyer_message"]) == (said(effects), alerts(effects))

    def test_who_says_paid_is_left_alone_for_a_day(self) -> None:
        """Thanks, a task to look for the money, and no word for a day."""
        effects = hear(a_case("unpaid_order"), Intent.PAID)
        assert (["paid.thanks"], ["says_paid"]) == (said(effects), alerts(effects))
        assert MoveNext(NOON + days(1), NOON + hours(72)) == effects[-1]

    def test_who_declines_an_order_is_never_asked_again(self) -> None:
        """The thread closes with a friendly word."""
        effects = hear(a_case("unpaid_order"), Intent.DECLINED)
        assert ["unpaid.dropped"] == said(effects)
        assert [CancelReminders("declined"), SetThread(State.CLOSED, "declined")] == effects[1:]

    def test_who_will_not_revise_a_review_is_not_pushed(self) -> None:
        """Rule 87: nothing more is said about it."""
        effects = hear(a_case("review_revision", state=State.SOLVED), Intent.DECLINED)
        assert [] == said(effects)
        assert SetThread(State.CLOSED, "declined") in effects

    def test_a_refund_is_not_declined_away(self) -> None:
        """ "No" in a refund thread is for a person; the refund goes on."""
        assert ["buyer_message"] == alerts(hear(a_case("pending_refund"), Intent.DECLINED))

    def test_the_note_needs_agent_and_buyer(self) -> None:
        """Only when an agent said solved does the buyer's "it's fine now" plan the one note."""
        assert ["buyer_message"] == alerts(hear(a_case("review_revision", state=State.WITH_AGENT), Intent.CONFIRMED))
        effects = hear(a_case("review_revision", state=State.SOLVED), Intent.CONFIRMED)
        assert [RemindAt("review.note", NOON, NOON + days(7), round="V1")] == only(effects, RemindAt)

    @pytest.mark.parametrize("kind", ["unpaid_order", "pending_refund"])
    def test_a_confirmation_elsewhere_says_nothing_about_reviews(self, kind: str) -> None:
        """A refund or order that an agent marked solved has no review to mention."""
        effects = hear(a_case(kind, state=State.SOLVED), Intent.CONFIRMED)
        assert [] == only(effects, RemindAt)
        assert ["buyer_message"] == alerts(effects)


WORDLESS = (Intent.STOP, Intent.THANKS, Intent.PRAISE, Intent.GREETING, Intent.ACKNOWLEDGEMENT)


def stranger(intent: Intent) -> list[Effect]:
    """What is done for somebody whose chat is tied to no order."""
    chat = a_chat(buyer="shop/terminal/lin")
    return decide_stranger(a_buyer(id=chat.id), chat, a_message("who?"), heard(intent, NOON), POLICY, NOON)


class TestStranger:
    @pytest.mark.parametrize("intent", list(Intent))
    def test_a_stranger_learns_nothing_of_orders(self, intent: Intent) -> None:
        """Whatever he asks, our words know no more than the name he gave, and no time is promised that no clock keeps;
        what a word does not settle a person reads."""
        effects = stranger(intent)
        for say in only(effects, Say):
            assert isinstance(say, Say)
            assert {"buyer": "Lin"} == {name: fact for name, fact in say.facts.items() if fact is not None}
        assert (intent not in WORDLESS) == ([] != alerts(effects))

    @pytest.mark.parametrize("intent", [Intent.WHERE_IS_PARCEL, Intent.REFUND_STATUS, Intent.CHANGE_ADDRESS])
    def test_of_whom_nobody_knows_the_order_is_asked(self, intent: Intent) -> None:
        """Only what is about an order asks for its number, and a person gets to know."""
        assert (["common.which_order"], ["buyer_message"]) == (said(stranger(intent)), alerts(stranger(intent)))

    def test_a_strangers_stop_is_obeyed(self) -> None:
        """Also with nobody to follow: one confirmation and the opt-out."""
        effects = decide_stranger(a_buyer(), a_chat(), a_message(), heard(Intent.STOP), POLICY, NIGHT)
        assert [Say, OptOut] == [type(effect) for effect in effects]

    def test_a_stranger_who_opted_out_is_heard_by_people_only(self) -> None:
        """No second confirmation, no receipt."""
        out = a_buyer(opted_out_at=NOON)
        for intent in Intent:
            effects = decide_stranger(out, a_chat(), a_message(), heard(intent), POLICY, NOON)
            assert [AlertAgent] == [type(effect) for effect in effects]

    def test_a_stranger_is_told_once_in_twelve_hours(self) -> None:
        """Three questions in a row are three tasks and one receipt."""
        told = a_chat(acknowledged_at=NOON)
        effects = decide_stranger(a_buyer(), told, a_message(), heard(Intent.OTHER), POLICY, NOON + hours(8))
        assert [AlertAgent] == [type(effect) for effect in effects]


def act(case: Case, action: Action, text: str = "") -> list[Effect]:
    return decide_agent_acted(case, AgentActed(case.thread.id, action, "mei", NOON, text), POLICY)


class TestAgent:
    @pytest.mark.parametrize("action", list(Action))
    def test_every_act_leaves_a_note(self, action: Action) -> None:
        """Rule 99: who handled it wrote it down, whatever it was."""
        assert AddNote(f"{action.value} why", "mei") == act(a_case("review_revision"), action, "why")[0]

    def test_solved_waits_for_the_buyer(self) -> None:
        """An agent's word alone plans nothing."""
        assert SetThread(State.SOLVED) == act(a_case("review_revision"), Action.SOLVED)[-1]

    @pytest.mark.parametrize("state", [State.OPEN, State.WITH_AGENT])
    def test_a_confirmation_without_a_solution_plans_nothing(self, state: State) -> None:
        """The order matters: first solved, then confirmed."""
        assert 1 == len(act(a_case("review_revision", state=state), Action.CONFIRMED))

    def test_an_agent_may_pass_on_the_buyers_confirmation(self) -> None:
        """A buyer may confirm by telephone."""
        effects = act(a_case("review_revision", state=State.SOLVED), Action.CONFIRMED)
        assert 1 == len(only(effects, RemindAt))

    def test_a_benefit_is_remembered(self) -> None:
        """Whatever thread it is told in."""
        assert MarkBenefit() == act(a_case("pending_refund"), Action.BENEFIT)[-1]

    def test_an_agent_may_opt_a_buyer_out(self) -> None:
        """Without a confirmation: the buyer told a person, who answered."""
        assert [AddNote, OptOut] == [type(effect) for effect in act(a_case("unpaid_order"), Action.OPT_OUT)]

    def test_closing_cancels(self) -> None:
        """A closed thread plans nothing more and keeps the agent's reason."""
        effects = act(a_case("unpaid_order"), Action.CLOSE, "phoned")
        assert [CancelReminders("closed"), SetThread(State.CLOSED, "phoned")] == effects[1:]

    @pytest.mark.parametrize("action", [Action.SOLVED, Action.CLOSE])
    def test_a_closed_thread_keeps_its_outcome(self, action: Action) -> None:
        """A settled matter is not reopened, nor closed for another reason."""
        assert 1 == len(act(a_case("unpaid_order", state=State.SETTLED), action))


def test_a_role_decides_what_counts() -> None:
    """Help, last call, daily update, note and retry are nudges; acknowledgement and settlement are notices."""
    case = a_case("pending_refund", state=State.SETTLED, refunds=(a_refund(status=RefundStatus.PAID_BACK),))
    notices = [due(a_case("pending_refund"), "refund.acknowledge"), due(case, "refund.settled")]
    review = a_case("review_revision", state=State.SOLVED)
    nudges = [
        due(a_case("unpaid_order"), "unpaid.help"),
        due(a_case("unpaid_order"), "unpaid.last_call"),
        due(a_case("pending_refund"), "refund.daily"),
        due(review, "review.note"),
        due(review, "review.retry"),
    ]
    roles = [[effects[0].role for effects in each if isinstance(effects[0], Say)] for each in (notices, nudges)]
    assert [[Role.NOTICE] * 2, [Role.NUDGE] * 5] == roles


def test_a_touch_is_about_the_refund_it_was_planned_for() -> None:
    """When the thread has gone on to a second refund, the news of the first still tells the first one's amount."""
    first = a_refund(status=RefundStatus.PAID_BACK, settled_at=NOON)
    second = a_refund(id="R2", amount=replace(first.amount, amount=first.amount.amount * 2))
    case = a_case("pending_refund", matter="R2", refunds=(first, second))
    say = due(case, "refund.settled", round_="R1")[0]
    assert isinstance(say, Say)
    assert first.amount == say.facts["amount"]
