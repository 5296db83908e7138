"""What a person should know of an after-sales case before he decides, in the agents' language (rules 44, 46, 52)."""

from __future__ import annotations

from collections.abc import Iterable

from followup.after_sales.freight import freight
from followup.after_sales.model import AfterSale, Payer
from followup.after_sales.procedures import ASKED, PROCEDURES, Need
from followup.after_sales.proof import missing
from followup.model import Segment
from handlers.deps import Deps

CASED = frozenset(
    (
        "case_evidence",
        "case_not_shipped",
        "case_recall",
        "case_no_answer",
        "case_late",
        "case_supervisor",
        "case_stuck",
        "case_register",
        "case_shipped",
        "case_parcel",
    )
)


class Brief:
    """The names of a case's branch, step, proofs, remedies and payer, in one language."""

    def __init__(self, sale: AfterSale, deps: Deps, lang: str = "") -> None:
        self.sale, self.deps, self.lang = sale, deps, lang or deps.agent_lang
        self.between = "、" if self.lang.startswith("zh") else ", "

    @property
    def branch(self) -> str:
        """Which procedure it follows."""
        return self.name(f"branch.{self.sale.branch}")

    @property
    def stage(self) -> str:
        """Which of the six steps it has reached."""
        return self.name(f"stage.{self.sale.stage}")

    @property
    def shown(self) -> str:
        """What the buyer showed and said, "" if nothing."""
        return self._joined(self._shown(item) for item in self.sale.has)

    @property
    def lacks(self) -> str:
        """What he was asked for and has not shown, "" if nothing."""
        return self._joined(self.name(f"need.{need}") for need in missing(self.sale))

    @property
    def remedies(self) -> str:
        """What may be done about it, in the order in which it should be thought of (rule 46)."""
        return self._joined(self.name(f"remedy.{remedy}") for remedy in PROCEDURES[self.sale.branch].remedies)

    @property
    def remedy(self) -> str:
        """What was decided, "" if nothing was."""
        return self.name(f"remedy.{self.sale.remedy}") if self.sale.remedy else ""

    @property
    def payer(self) -> str:
        """Who pays freight, as far as it is known."""
        paid = freight(self.sale.branch, self.sale.cause, self.sale.remedy)
        payer = paid.back if paid.back is not Payer.NONE else paid.out
        return self.name(f"payer.{payer or 'none'}")

    @property
    def cause(self) -> str:
        """Why it came to this, "" while nobody found out (rule 47)."""
        return self.name(f"cause.{self.sale.cause}") if self.sale.cause else ""

    def facts(self) -> dict[str, object]:
        """The facts of the agents' words about the case."""
        names = ("branch", "shown", "lacks", "remedies", "payer", "remedy")
        return {name: getattr(self, name) for name in names}

    def _shown(self, item: str) -> str:
        name, _, said = item.partition(":")
        chosen = {value: choice for choice, value in ASKED[Need(name)].choices} if name in set(Need) else {}
        if said in chosen:
            return self.name(f"choice.{chosen[said]}")
        return f"{self.name(f'need.{name}')} {said}".strip()

    def _joined(self, names: Iterable[str]) -> str:
        return self.between.join(names)

    def name(self, script: str) -> str:
        """What something is called: `branch.quality`, `remedy.refund`, `flag.blue`."""
        return self.deps.scripts.render(script, self.lang, {}, Segment.NEW, (), "").text
