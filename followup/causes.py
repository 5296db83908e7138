"""Why a buyer is unhappy: one cause for every case and every bad review (rules 44, 47, 88)."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Where the fault lies; MALICIOUS is advice for agents and never said to a buyer."""

    UNKNOWN = ""
    PRODUCT = "product"
    DESCRIPTION = "description"
    WAREHOUSE = "warehouse"
    DISPATCH = "dispatch"
    COURIER = "courier"
    SERVICE = "service"
    AFTER_SALES = "after_sales"
    BUYER = "buyer"
    MALICIOUS = "malicious"
    OTHER = "other"
