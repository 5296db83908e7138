"""A shop whose buyers complain: they send photos along, and tap answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from followup.events import MessageReceived
from followup.model import Attachment, Media, Note, ParcelStatus, Status
from tests.stories.returning import ReturnShop
from tests.stories.shop import SHOP, Spoken


class CaseShop(ReturnShop):
    """What a buyer of goods that are not right says and shows."""

    def unshipped_order(self, id_: str = "1001") -> Self:
        """An order that is paid; its source would say so if it had been shipped."""
        return self.paid_order(id_, tells_shipping=True)

    def ships(self, id_: str = "1001", parcel: str = "YT1111111111") -> Self:
        """The order goes out."""
        self.changes(id_, status=Status.SHIPPED, shipped_at=self.clock.now())
        return self.parcel(parcel, id_)

    def courier_says(self, status: str, parcel: str = "YT1111111111", order: str = "1001") -> Self:
        """The courier tells what became of a parcel."""
        is_signed = status == ParcelStatus.SIGNED
        more = {"signed_at": self.clock.now()} if is_signed else {}
        return self.parcel(parcel, order, status=ParcelStatus(status), **more)

    def shows(self, text: str = "", photos: int = 1, buyer: str = "lin") -> Self:
        """A buyer sends photos, perhaps with words."""
        now = self.clock.now()
        self._messages += 1
        sent = tuple(Attachment(Media.PHOTO, f"p{self._messages}.{number}") for number in range(photos))
        self.lines.append(Spoken(now, buyer, f"> {text}[photo]"))
        event = MessageReceived(SHOP, self.channel, buyer, f"m{self._messages}", text, now)
        return self.message(replace(event, attachments=sent))

    def taps(self, choice: str, buyer: str = "lin") -> Self:
        """A buyer taps an answer."""
        now = self.clock.now()
        self._messages += 1
        self.lines.append(Spoken(now, buyer, f"> ({choice})"))
        event = MessageReceived(SHOP, self.channel, buyer, f"m{self._messages}", choice, now)
        return self.message(replace(event, choice=choice))

    def registers(self, cause: str, order: str = "1001") -> Self:
        """An agent finds the cause and registers the case."""
        return self.agent_moves("cause", order, cause=cause).agent_moves("register", order)

    def standing(self) -> str:
        """Where the case stands: branch and step."""
        sale = self.record()
        return f"{sale.branch} {sale.stage}"

    def notes(self, who: str = "") -> list[str]:
        """The notes so far."""
        return [line.text for line in self.store.lines if isinstance(line, Note) and who in ("", line.who)]
