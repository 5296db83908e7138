"""Thanks with a "but" are no thanks: a person reads what is still wrong."""

from __future__ import annotations

import pytest

from followup.understood import Intent
from handlers.understand.languages import languages_in
from handlers.understand.normalise import normalise
from handlers.understand.reading import WELL, takes_back
from tests.handlers.understand.test_intents import read

MORE = """
谢谢，还有点问题
谢谢，但是还没收到
谢谢，不过颜色不对
好的，可是还没解决
很好，就是还差一个
谢谢 还没好
谢谢，还在等
谢谢，还是不行
谢谢，然而没用
謝謝，還有問題
谢谢，仍然打不开
解决了，但是又坏了
谢谢，只是少了一件
thanks, but there is still a problem
thanks but it doesn't work
thank you, still not here
thanks, however the zip broke
great, but one is missing
solved, but there is a scratch
thanks, still waiting
thank you but no refund yet
good, except the colour
ok thanks, only problem is the size
all fine, but the box was open
nice, although it smells
thx still broken
gracias, pero sigue el problema
gracias, aún no funciona
gracias, todavía no llega
muy bonito, pero falta una pieza
gracias, sin embargo está roto
gracias, aunque llegó tarde
ya está resuelto, pero huele mal
gracias, sigo esperando
perfecto, solo que es otro color
vale gracias, pero no es mi talla
gracias pero nada
todo bien, excepto el color
"""
WELL_SAID = """
谢谢
谢谢您，还不错
谢谢，还是你们靠谱
谢谢你们，还送了小礼物
谢谢，不过没关系
解决了，谢谢
款已退还，谢谢
谢谢，还会再来
不但好看质量也好
还是很满意的
谢谢，还有礼物
好的好的
thanks
thanks a lot, all good now
still love it, thanks
nothing but good, thanks
not only good but great
late but all good, thanks
last but not least, thank you
but thanks anyway
solved, thanks
it still works great
but no worries
best shop yet
gracias
todo bien, muchas gracias
aún mejor de lo esperado
pero muchas gracias
tardó, pero todo perfecto
no solo bonito, pero también barato
pero no pasa nada
sigan así
perfecto, gracias
sigue funcionando
ya llegó, gracias
pero me encanta
"""


def but(text: str) -> str:
    folded = normalise(text)
    return takes_back(folded, languages_in(folded))


@pytest.mark.parametrize("text", MORE.strip().splitlines())
def test_a_but_is_for_a_person(text: str) -> None:
    """It is heard as something else, not as thanks, praise, a nod, or "it is solved"."""
    assert (True, True) == (bool(but(text)), read(text).intent not in WELL)


@pytest.mark.parametrize("text", WELL_SAID.strip().splitlines())
def test_what_only_looks_like_one(text: str) -> None:
    """Kind words stay kind words."""
    assert "" == but(text)


@pytest.mark.parametrize("text", ["谢谢", "thanks a lot", "gracias"])
def test_plain_thanks_are_thanks(text: str) -> None:
    """They are answered kindly, and nobody is called."""
    assert Intent.THANKS == read(text).intent
