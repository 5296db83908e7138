"""What the page of a thread shows: its conversation, what is planned and would go, what there is to do, its story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.console.conversation import AGENT, BOT, BUYER
from bot.console.matter import before_it_goes, without_scripts
from bot.console.suggesting import suggest
from bot.why import tell
from followup.desk.verbs import Verb
from followup.events import AgentSpoke, Commanded
from followup.evidence import Evidence, EvidenceState
from followup.model import Attachment, Media, Note, Outgoing, OutgoingState
from handlers.agent_says import agent_says
from handlers.agent_says import wanted as speaks
from handlers.desk.commanded import commanded, wanted
from store.wanted import Wanted
from tests.bot.console.matters import Matters


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Matters]:
    made = Matters.made(tmp_path)
    yield made
    made.app.close()


def says(shop: Matters, thread: str, text: str, **more: object) -> None:
    """Li writes to the buyer."""
    event = AgentSpoke("li", shop.clock.now(), text, thread, **more)  # type: ignore[arg-type]
    shop.app.store.run(lambda tx: agent_says(event, tx, shop.app.deps), speaks(event))


def changes(shop: Matters, item: Evidence | Outgoing) -> None:
    """What is kept is another by now."""
    mine = Wanted(evidence=(item.id,)) if isinstance(item, Evidence) else Wanted(outgoing=(item.id,))
    shop.app.store.run(lambda tx: tx.save(item), mine)


def does(shop: Matters, verb: Verb, thread: str, **more: object) -> None:
    event = Commanded(verb, "li", shop.clock.now(), "k", thread, **more)  # type: ignore[arg-type]
    assert shop.app.store.run(lambda tx: commanded(event, tx, shop.app.deps), wanted(event)).done


class TestConversation:
    def test_who_wrote_what(self, shop: Matters) -> None:
        """The buyer, the bot, and which of the people, in the order of time, with how far it came."""
        thread = shop.ordered()
        shop.after(timedelta(minutes=15))
        shop.after(timedelta(minutes=1))
        shop.heard("Can you wrap it as a gift?")
        shop.after(timedelta(minutes=1))
        says(shop, thread, "Of course, with pleasure.")
        bubbles = shop.seen(thread).bubbles
        assert [BOT, BUYER] == [each.by for each in bubbles[:2]]
        assert (AGENT, "Li", "Of course, with pleasure.") == (bubbles[-1].by, bubbles[-1].who, bubbles[-1].text)
        assert all(each.state for each in bubbles if each.by != BUYER)

    def test_an_edit_stands_in_the_place_of_what_it_changes(self, shop: Matters) -> None:
        """Once, marked as edited."""
        thread = shop.ordered()
        first = shop.heard("Can you wrap it?")
        shop.heard("Can you wrap it in blue?", edits=first.external_id)
        mine = [each for each in shop.seen(thread).bubbles if each.by == BUYER]
        assert [("Can you wrap it in blue?", True)] == [(each.text, each.is_edited) for each in mine]

    def test_what_was_taken_back_says_so(self, shop: Matters) -> None:
        """It stays to be seen, as what was taken back."""
        thread = shop.ordered()
        event = shop.heard("Never mind me")
        shop.app.store.run(lambda tx: tx.add(Note(thread, event.at, "buyer", "took back: Never mind me")))
        (mine,) = [each for each in shop.seen(thread).bubbles if each.by == BUYER]
        assert mine.is_taken_back

    def test_a_chat_that_was_opened(self, shop: Matters) -> None:
        """It says so, for there are no words; what has words or photos is none."""
        thread = shop.ordered()
        photo = Attachment(Media.PHOTO, "ref1", "cup.jpg")
        for text, attachments in (("", ()), ("hi", ()), ("", (photo,))):
            shop.heard(text, attachments=attachments)
        assert [True, False, False] == [each.is_opening for each in shop.seen(thread).bubbles if each.by == BUYER]

    def test_photos_of_the_buyer(self, shop: Matters) -> None:
        """A thumbnail once it is here; before that its name, and of what is lost why."""
        thread = shop.ordered()
        photo = Attachment(Media.PHOTO, "ref1", "cup.jpg")
        shop.heard("look", attachments=(photo,))
        (before,) = shop.seen(thread).page.evidence
        changes(shop, replace(before, state=EvidenceState.KEPT, path="tea/x.jpg", mime="image/jpeg"))
        (bubble,) = [each for each in shop.seen(thread).bubbles if each.by == BUYER]
        (file,) = bubble.files
        assert ("cup.jpg", True, True) == (file.name, file.is_picture, file.url.startswith("/console/file?evidence="))
        changes(shop, replace(before, state=EvidenceState.LOST, error="gone: away"))
        (bubble,) = [each for each in shop.seen(thread).bubbles if each.by == BUYER]
        assert ("", True) == (bubble.files[0].url, bool(bubble.files[0].note))

    def test_what_failed_is_amiss(self, shop: Matters) -> None:
        """It is marked, so that somebody looks."""
        thread = shop.ordered()
        shop.after(timedelta(minutes=15))
        message = shop.seen(thread).page.said[0]
        changes(shop, replace(message, state=OutgoingState.FAILED, error="blocked"))
        assert [True] == [each.is_amiss for each in shop.seen(thread).bubbles]


class TestPlanned:
    def test_what_would_go_and_when(self, shop: Matters) -> None:
        """At its time it would; now it would too. The end of waiting says nothing."""
        touch, end = shop.seen(shop.ordered()).planned
        assert touch.at_its_time is not None
        assert touch.now is not None
        assert (True, True, True) == (touch.at_its_time.goes, touch.now.goes, end.is_silent)

    def test_what_would_wait_and_why(self, shop: Matters) -> None:
        """In the night, until the morning, in the words of `huifang why`."""
        shop.clock.move_to(shop.clock.now() + timedelta(hours=10))
        (touch, _) = shop.seen(shop.ordered()).planned
        assert touch.now is not None
        assert (False, True) == (touch.now.goes, touch.now.waits)
        assert touch.now.later is not None
        assert "hours for reminders" in touch.now.why

    def test_looking_changes_nothing(self, shop: Matters) -> None:
        """Nothing is written, however often one looks."""
        thread = shop.ordered()
        before = shop.seen(thread)
        assert before == shop.seen(thread)


class TestStory:
    def test_the_words_of_why(self, shop: Matters) -> None:
        """The newest first, without what is only planned."""
        thread = shop.ordered()
        shop.after(timedelta(minutes=15))
        matter = shop.seen(thread)
        told = tell(matter.page.story, shop.desk.zone("tea"), shop.visit().names, shop.app.deps.roster)
        assert [line for line in reversed(told) if line.kind != "plan"] == list(matter.timeline)

    def test_notes_are_what_people_did(self, shop: Matters) -> None:
        """Not what the buyer said."""
        thread = shop.ordered()
        shop.heard("Can you wrap it?")
        does(shop, Verb.NOTE, thread, text="wants blue paper")
        assert ["Li: noted: wants blue paper"] == [line.text for line in shop.seen(thread).notes]


class TestTodos:
    def test_a_task_without_the_scripts_beside_it(self, shop: Matters) -> None:
        """Its words, whose it is and by when."""
        thread = shop.ordered()
        shop.heard("Can you embroider a name on it?")
        (todo,) = shop.seen(thread).todos
        assert "Can you embroider a name on it?" in todo.text
        assert "[" not in todo.text
        assert ("", False, False) == (todo.who, todo.is_mine, todo.is_late)
        does(shop, Verb.TAKE, thread)
        assert ("Li", True) == (shop.seen(thread).todos[0].who, shop.seen(thread).todos[0].is_mine)
        assert not shop.seen(thread, "wang").todos[0].is_mine

    def test_words_without_scripts_stay_as_they_are(self) -> None:
        """Also where a line begins with a number."""
        assert "1. look\n2. call" == without_scripts("1. look\n2. call")


class TestScripts:
    def test_what_suits_and_what_is_looked_for(self, shop: Matters) -> None:
        """Filled with this order's facts, in the buyer's language."""
        thread = shop.ordered(goods="Spring tea")
        with shop.app.store.engine.connect() as connection:
            suits = suggest(connection, shop.desk, shop.visit(), thread, "")
            found = suggest(connection, shop.desk, shop.visit(), thread, "invoice")
            named = suggest(connection, shop.desk, shop.visit(), thread, "", "Scripts:\n1. [desk.rush] We hurry")
        assert suits
        assert found
        assert "desk.rush" == named[0].script
        assert all(each.number and each.text and "{{" not in each.text for each in (*suits, *found))

    def test_what_lacks_a_fact_cannot_be_sent(self, shop: Matters) -> None:
        """It says which, in the language of who looks."""
        thread = shop.ordered()
        with shop.app.store.engine.connect() as connection:
            found = suggest(connection, shop.desk, shop.visit(lang="en"), thread, "parcel tracking number")
        assert any(each.hindrance for each in found)

    def test_of_another_shop_nothing(self, shop: Matters) -> None:
        """Who does not work here sees no words of its orders."""
        thread = shop.ordered()
        with shop.app.store.engine.connect() as connection:
            assert [] == suggest(connection, shop.desk, shop.visit("far"), thread, "")


class TestWords:
    def test_a_bribe_is_forbidden_before_it_is_sent(self, shop: Matters) -> None:
        """As `huifang say --check` has it."""
        thread = shop.ordered()
        with shop.app.store.engine.connect() as connection:
            seen = before_it_goes(connection, shop.desk, shop.visit(), thread, "Give us five stars and get 5 yuan back")
            fine = before_it_goes(connection, shop.desk, shop.visit(), thread, "Thank you, it is being packed.")
        assert seen.forbidden
        assert () == fine.forbidden


def test_another_shops_thread_is_not_there(shop: Matters) -> None:
    """Neither is one that does not exist."""
    thread = shop.ordered()
    assert (None, None) == (shop.looked(thread, "far"), shop.looked("tea/9/unpaid_order"))
