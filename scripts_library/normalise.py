"""Brings a text into the one form that the lint looks at, so that spelling tricks do not help."""

from __future__ import annotations

import re
import unicodedata

_TRADITIONAL = (
    "評评價价級级贈赠禮礼紅红優优開开發发單单現现換换點点給给請请幫帮煩烦後后買买賣卖訂订貨货達达證证運运費费漲涨貴贵讓让說说話话過过這这個个們们嗎吗為为對对"
    "還还會会來来從从時时間间關关閉闭內内將将應应該该壓压趕赶緊紧搶抢庫库訴诉師师責责寫写獎奖勵励積积減减額额補补償偿賠赔錢钱寶宝滿满圖图領领聯联繫系絡络員员"
    "務务處处結结業业經经無无聽听實实劃划稅税聲声據据滿满颗颗顆颗贊赞讚赞撤撤刪删銷销驚惊會会樣样報报銷销轉转帳账賬账帶带見见麼么機机剩剩僅仅隨随誰谁確确認认"
    "親亲愛爱質质態态頁页飯饭傷伤辜辜負负憐怜養养難难過过體体諒谅辦办夠够夾夹電电號号檢检測测試试讀读張张禮礼饋馈闆板罰罚罵骂黑黑單单後后"
    "舉举絕绝與与則则餘余屬属參参歡欢樂乐產产變变擇择備备採采際际園园長长門门陰阴雙双韓韩幾几週周調调騙骗竊窃輕轻鬆松種种稱称項项順顺須须預预頭头題题"
)
_SIMPLIFIED = str.maketrans(_TRADITIONAL[::2], _TRADITIONAL[1::2])
_CYRILLIC = str.maketrans("аеорсухіԁѕ", "aeopcyxids")
_STARS = str.maketrans(dict.fromkeys("⭐★☆🌟✨✭✮✯", "星"))
_PUNCTUATION = str.maketrans("’‘“”", "''\"\"")
_HAN = r"\u4e00-\u9fff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}\d])[\s·•*_~\-|/\\^+.'\"`「」『』【】\[\]()]+(?=[{_HAN}\d])")
_LONELY_HAN = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:[^\w\s{_HAN}]+[{_HAN}](?![{_HAN}])){{2,}}")
_LONELY_LATIN = re.compile(r"(?<!\w)[a-z0-9](?:[\s.\-*_·]+[a-z0-9](?!\w)){2,}")
_STAR_RUN = re.compile(r"星{3,}")


def normalise(text: str) -> str:
    """Lower case, simplified characters, plain quotes; no accents, no zero-width or combining marks."""
    folded = unicodedata.normalize("NFKC", text).translate(_STARS).casefold()
    visible = "".join(char for char in unicodedata.normalize("NFKD", folded) if _kept(char))
    plain = visible.translate(_SIMPLIFIED).translate(_CYRILLIC).translate(_PUNCTUATION)
    return _STAR_RUN.sub("五星", plain)


def squeeze(text: str) -> str:
    """A normalised text with what was put between its characters taken out: 好 评, 返·现, s t a r s."""
    lonely = _LONELY_HAN.sub(lambda match: re.sub(rf"[^{_HAN}]", "", match[0]), _BETWEEN_HAN.sub("", text))
    return _LONELY_LATIN.sub(lambda match: re.sub(r"[^a-z0-9]", "", match[0]), lonely)


def _kept(char: str) -> bool:
    return unicodedata.category(char) not in ("Cf", "Mn", "Me", "Cc") or char in "\n\t"
