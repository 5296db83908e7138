"""Parcels as buyers and agents speak of them: which one is meant, where it was last seen, whether it stands still."""

from __future__ import annotations

from datetime import tzinfo

from followup.model import Facts, Instant, Parcel, ParcelStatus
from followup.policy import StuckParcelPolicy

TROUBLED = (ParcelStatus.TROUBLE, ParcelStatus.LOST)
_MOVING = (ParcelStatus.ON_ITS_WAY, ParcelStatus.AT_THE_DOOR)


def to_buyer(facts: Facts) -> tuple[Parcel, ...]:
    """The parcels that travel to the buyer."""
    return tuple(parcel for parcel in facts.parcels if not parcel.back)


def seen_at(parcel: Parcel) -> Instant:
    """When the parcel was last seen."""
    return parcel.moved_at or parcel.shipped_at


def asked_for(facts: Facts) -> Parcel | None:
    """The parcel that a buyer asks about: of those that are not there yet the one last seen, else the last of all."""
    return max(to_buyer(facts), key=lambda parcel: (not parcel.status.over, seen_at(parcel), parcel.id), default=None)


def words_of_parcel(parcel: Parcel | None, zone: tzinfo) -> dict[str, object]:
    """What scripts may say of a parcel: courier, number, place, and moved_at in the buyer's zone (None: unknown)."""
    if parcel is None:
        return {"courier": "", "number": "", "place": "", "moved_at": None}
    moved_at = parcel.moved_at.astimezone(zone) if parcel.moved_at else None
    return {"courier": parcel.courier, "number": parcel.id, "place": parcel.place, "moved_at": moved_at}


def parcel_words(facts: Facts, zone: tzinfo) -> dict[str, object]:
    """What may be said of the parcel that a buyer asks about; all empty while none is known (rule 23)."""
    return words_of_parcel(asked_for(facts), zone)


def stuck_at(parcel: Parcel, policy: StuckParcelPolicy) -> Instant | None:
    """From when on the parcel needs somebody to look after it: at once if the courier reports trouble, else once it
    has stood still for too long (rules 30, 37); None if it never will."""
    if parcel.back or parcel.status not in (*TROUBLED, *_MOVING):
        return None
    return seen_at(parcel) if parcel.status in TROUBLED else seen_at(parcel) + policy.still_for
