"""Answers to our questions that are typed instead of tapped: short, and nothing else beside them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_MARKS = re.compile(r"[\W_]+")
_BEFORE = re.compile(r"^(那|我|就|已经|刚|刚刚|都|请|麻烦|帮我|里面|家里|外包装|包装|盒子|快递|是)+")
_AFTER = re.compile(r"(了|的|吧|呢|啊|哦|哈|谢谢|please|thanks|thankyou|gracias|porfavor)+$")

SAYS: Mapping[str, str] = {
    "case_wait": "等 等等 等一等 等着 继续等 再等等 愿意等 等收到|wait|i wait|ill wait|i will wait|ill keep it"
    "|espero|esperare|prefiero esperar",
    "case_recall": "召回 拦截 追回 拦下来 退回来 叫回来|recall|recall it|stop it|send it back|que vuelva|interceptenlo"
    "|quiero que vuelva|devuelvanlo",
    "case_refused": "拒收 拒签 拒收退回 没收 退给快递|refused|refused it|i refused|i refused it|sent it back"
    "|rechazado|lo rechace|lo he rechazado",
    "case_signed": "签收 收下 签 签收过|signed|i signed|already signed|i already signed|i signed for it|yes signed"
    "|firme|ya firme|lo acepte|ya lo acepte",
    "case_not_signed": "没签 没签收 还没签 还没签收 没有签收|not signed|not yet|i havent signed|havent signed"
    "|no firme|no he firmado|aun no|todavia no",
    "case_intact": "完好 完好无损 没坏 没破 没拆过 没问题|intact|it was intact|undamaged|sealed|intacto|intacta"
    "|estaba intacto|estaba cerrado",
    "case_opened": "拆过 破 破损 打开过 有破损 被拆过 被打开过|opened|it was opened|torn|damaged|abierto|estaba abierto"
    "|roto|estaba roto",
    "case_no_slip": "没有 没有装箱单 没装箱单 没有清单 没看到 没找到 找不到 没有单子|no slip|there is none"
    "|no packing slip|none|there isnt one|no hay|no hay albaran|no lo encuentro",
    "case_no_scale": "没有秤 没秤 没有电子秤 没有称 称不了 没法称|no scale|no scales|i have no scale"
    "|i dont have a scale|i have no scales|no tengo bascula|no tengo balanza|no tengo",
    "all_well": "收到 已收到 已经收到 收到货 货收到 收到新的 新的收到 收到都好 收到很好 都好 没问题"
    "|received|received it|i received it|i have received it|i got it|it arrived|it came|arrived safely|all good"
    "|all is well|everything is fine|recibido|lo recibi|ya lo recibi|ya llego|llego bien|todo bien|todo en orden",
    "return_kept": "不退 不退货 不想退 不想退货 不用退 先不退 算 算不退 不退留着 留着 自己留着 留着用 留下 取消退货"
    "|keep it|ill keep it|i will keep it|ill keep them|i changed my mind ill keep it|i dont want to return it"
    "|no return|cancel the return|me lo quedo|me la quedo|me los quedo|me las quedo|ya no lo devuelvo|no lo devuelvo",
    "offer_accept": "好 好好 可以 行 成 要 没问题 接受 同意 就这样 就这样办 可以就这样 那就这样 嗯 嗯嗯 谢谢"
    "|ok|okay|yes|yes please|yes thats fine|fine|thats fine|thats ok|sure|deal|i accept|all right|alright"
    "|sounds good|thanks|thank you|si|vale|de acuerdo|me parece bien|si me parece bien|acepto|perfecto|esta bien"
    "|claro|gracias",
    "offer_decline": "不 不要 不用 不行 不好 不可以 不接受 不同意 不需要 算 还是不用 还是算"
    "|no|no thank you|id rather not|i dont want it|not really|i dont accept|no quiero|no acepto|prefiero que no"
    "|mejor no|no me parece bien",
}


def says(text: str, choice: str) -> bool:
    """Whether a text says just that, in any of the languages."""
    return short(text) in _SAID[choice]


def plain(text: str) -> str:
    """One spelling: half-width lower-case letters without accents."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def short(text: str) -> str:
    """A text without marks and without the small words around it."""
    bare = _MARKS.sub("", plain(text))
    core = _AFTER.sub("", _BEFORE.sub("", bare))
    return core or bare


def _phrases(said: str) -> frozenset[str]:
    han, *others = said.split("|")
    return frozenset(short(phrase) for phrase in (*han.split(), *others))


_SAID = {choice: _phrases(said) for choice, said in SAYS.items()}
