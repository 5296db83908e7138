"""The callbacks' secrecy, against the independent implementation in wechatpy."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto
from wechatpy.work.exceptions import InvalidCorpIdException

from bot.channels.wecom.callback import fields_of
from bot.channels.wecom.crypto import Crypto, Forged, Garbled
from tests.peers.wecom_rules import AES_KEY, CORP, TOKEN

OURS = Crypto(TOKEN, AES_KEY, CORP)
THEIRS = WeChatCrypto(TOKEN, AES_KEY, CORP)
CIPHER = PrpCrypto(base64.b64decode(AES_KEY + "="))
printable = st.text(st.characters(exclude_categories=["Cs"]))


@given(printable)
def test_what_they_encipher_we_decipher(text: str) -> None:
    """Any text of theirs, of any length and in any script."""
    encrypted = CIPHER.encrypt(text, CORP).decode()
    assert text.encode() == OURS.decrypt(encrypted)


@given(printable)
def test_what_we_encipher_they_decipher(text: str) -> None:
    """And the other way round."""
    assert text == CIPHER.decrypt(OURS.encrypt(text.encode()), CORP)


@given(st.binary(max_size=5000))
def test_bytes_come_back_as_they_were(message: bytes) -> None:
    """Also what is no text, and what looks like padding."""
    assert message == OURS.decrypt(OURS.encrypt(message))


@given(st.text(st.characters(codec="ascii")), st.text(st.characters(codec="ascii")))
def test_their_signature_is_ours(timestamp: str, nonce: str) -> None:
    """The whole envelope of theirs: signature, and message within."""
    xml = THEIRS.encrypt_message("<xml>退订</xml>", "nonce", "1700000000")
    encrypted = fields_of(xml.encode())["Encrypt"]
    assert fields_of(xml.encode())["MsgSignature"] == OURS.signature("1700000000", "nonce", encrypted)
    OURS.check(OURS.signature(timestamp, nonce, encrypted), timestamp, nonce, encrypted)


def test_they_believe_our_signature() -> None:
    """The echostr of a verification, signed and enciphered by us, is deciphered by them."""
    encrypted = OURS.encrypt(b"4567890")
    assert "4567890" == THEIRS.check_signature(OURS.signature("1", "2", encrypted), "1", "2", encrypted)


@pytest.mark.parametrize("forged", ["", "0" * 40, "é" * 40, "\udce9"])
def test_another_signature_is_forged(forged: str) -> None:
    """Whatever it is made of."""
    with pytest.raises(Forged, match="signature"):
        OURS.check(forged, "1", "2", "abc")


def test_a_message_for_another_company_is_forged() -> None:
    """By our eyes and by theirs."""
    with pytest.raises(Forged, match="another company"):
        OURS.decrypt(CIPHER.encrypt("hello", "ww0000").decode())
    with pytest.raises(InvalidCorpIdException):
        CIPHER.decrypt(Crypto(TOKEN, AES_KEY, "ww0000").encrypt(b"hello"), CORP)


@given(st.binary(max_size=200))
def test_noise_is_garbled_or_forged(noise: bytes) -> None:
    """No other error comes out of it."""
    with pytest.raises((Garbled, Forged)):
        OURS.decrypt(base64.b64encode(noise).decode())


@pytest.mark.parametrize("text", ["", "*", "a", "测试", "AAAA=AAAA"])
def test_what_is_not_base64_is_garbled(text: str) -> None:
    """It says so."""
    with pytest.raises(Garbled):
        OURS.decrypt(text)


@pytest.mark.parametrize("key", ["", "short", AES_KEY + "A", AES_KEY[:-1] + "*"])
def test_a_key_that_is_none_is_refused_at_once(key: str) -> None:
    """With the words a shop owner can do something about, and without the key."""
    with pytest.raises(ValueError, match="43 letters and digits") as found:
        Crypto(TOKEN, key, CORP)
    assert key == "" or key not in str(found.value)
