"""What a guest or a client may say to harm whoever looks: every control sequence of ECMA-48, and terminals' queries."""

_C0 = bytes(code for code in range(0x20) if code not in b"\r\n\t") + b"\x7f"
_PARAMETERS = (b"", b"0", b"1;2", b"6", b"?25", b"?1049", b">", b"=", b"200", b"14", b"!", b"5 ", b"1$")
_ESCAPES = b"".join(b"\x1b%c" % final for final in range(0x30, 0x7F))
_CSI = [b"\x1b[%s%c" % (parameters, final) for final in range(0x40, 0x7F) for parameters in _PARAMETERS]
_STRINGS = [
    b"\x1b%c%s%s" % (opening, text, end)
    for opening in b"P]X^_"
    for text in (b"52;c;aGk=", b"0;title", b"10;?", b"4;1;?", b"$qm", b"+q544e", b"8;;http://x/")
    for end in (b"\x1b\\", b"\x07", b"\x9c", b"\xc2\x9c")
]
_C1 = b"".join(b"%c6n" % code for code in range(0x80, 0xA0)) + "".join(map(chr, range(0x80, 0xA0))).encode()
_BROKEN = b"\xc2\x1b[6n\xff\xfe\xc0\x9b6n\xe0\x80\x9b6n\xf0\x9f\x98\xed\xa0\x80"

HOSTILE = _C0 + _ESCAPES + b"".join(_CSI) + b"".join(_STRINGS) + _C1 + _BROKEN

# What no line of ours may hold either: line separators, and what turns the direction of writing.
BIDI = "".join(map(chr, [*range(0x2028, 0x202F), *range(0x2066, 0x206A)])).encode()
