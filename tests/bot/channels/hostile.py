"""Texts that have broken other programs, each by the name of what is in it."""

from __future__ import annotations

HOSTILE = {
    "markup": "<b>5 > 3</b> & *bold* _it_ [x](http://x.example) `code` \\n {{ 7*7 }} {% raw %}",
    "mentions": "@all @everyone @所有人 #标签 /start /stop@lab_bot",
    "right to left": "\u202eevil\u202c שלום \u200fabc\u200e \u2067x\u2069",
    "joined": "👩‍👩‍👧‍👦 e\u0301 🇨🇳 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A",
    "quotes": "'; DROP TABLE orders; -- \" ' ` \\",
    "numbers": "%s %d %(x)s $1 ${HOME} $(id) {0} 100%",
    "lines": "one\n\n\ntwo\r\nthree\ttab",
    "xml": "]]> <!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]> &y;",
}
"""Short enough for every channel; every one of them has to arrive and leave as it is."""

HUGE = "好" * 34_000 + "END"
"""More than 100 KB in UTF-8, from a buyer who leans on a key."""
