"""The secrecy of WeCom's callbacks: who signed, and what was said.

Source: WeCom's documentation of callbacks (加解密方案说明). The plain text is 16 random bytes, the length of the
message in 4 bytes, the message, and the id of the company it is for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

RANDOM = 16
HEAD = RANDOM + 4
BLOCK_BITS = 32 * 8


class Forged(ValueError):
    """The signature is not ours, or the message is for another company."""


class Garbled(ValueError):
    """What was sent cannot be deciphered."""


class Crypto:
    """Token and EncodingAESKey of a callback, and the company's id. Raises ValueError for a key that is none."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        self._token, self._corp_id = token, corp_id
        try:
            self._key = base64.b64decode(aes_key + "=", validate=True)
        except binascii.Error:
            self._key = b""
        if len(self._key) != 32:
            raise ValueError("the AES key is the EncodingAESKey of the callback: 43 letters and digits")

    def check(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Raises Forged unless the signature is ours."""
        ours = self.signature(timestamp, nonce, encrypted)
        if not hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace")):
            raise Forged("wrong signature")

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """What signs `encrypted`."""
        parts = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(parts.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises Garbled, and Forged if it is for another company."""
        plain = self._plain(encrypted)
        (length,) = struct.unpack(">I", plain[RANDOM:HEAD])
        message, receiver = plain[HEAD : HEAD + length], plain[HEAD + length :]
        if len(message) != length:
            raise Garbled("shorter than it says")
        if not hmac.compare_digest(receiver, self._corp_id.encode()):
            raise Forged("for another company")
        return message

    def encrypt(self, message: bytes) -> str:
        """What `decrypt` makes the message of."""
        plain = secrets.token_bytes(RANDOM) + struct.pack(">I", len(message)) + message + self._corp_id.encode()
        padder, encryptor = PKCS7(BLOCK_BITS).padder(), self._cipher().encryptor()
        padded = padder.update(plain) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def _plain(self, encrypted: str) -> bytes:
        decryptor, unpadder = self._cipher().decryptor(), PKCS7(BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
            plain = unpadder.update(padded) + unpadder.finalize()
        except ValueError as error:
            raise Garbled("not in our cipher") from error
        if len(plain) < HEAD:
            raise Garbled("too short")
        return plain

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
