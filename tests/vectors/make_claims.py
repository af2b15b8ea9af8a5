#!/usr/bin/env python3
"""Rewrites claims.json: claims of signatures (docs/protocol.md section 8.3), right, false and
malformed, by the reference verifier. Run it when the protocol changes; the C++ is compared with
it."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "claims.json"
sys.path.insert(0, str(HERE.parents[1] / "verifier" / "reference"))

import claim                                               # noqa: E402
import rings                                               # noqa: E402
from group import L, Bad, T, challenge, encode, multiply, u8, u64  # noqa: E402

SECRET, NONCE = 0x5ec2e7, 0x4015e
PETITION, CONTEXT, TEXT = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
ORIGIN = "board.example/2027/ferry"
SENTENCE = "I am Mari Maasikas of Harju, and I signed this."
IDENTITY = bytes(32)


def scalar_bytes(k):
    return (k % L).to_bytes(32, "little")


def base_of(context):
    return rings.tag_base(context)


def make(sentence=SENTENCE, s=SECRET, kind=claim.CLAIM, h=None, context=CONTEXT, **said):
    """The file of a claim that is proved as `said`, or whose proof answers h(tag, R)."""
    base = base_of(context)
    tag, r = encode(multiply(s, base)), encode(multiply(NONCE, base))
    bound = {"origin": ORIGIN, "poll": PETITION, **said}
    h = h(tag, r) if h else T(
        "petition claim", ("origin", bound["origin"].encode()), ("poll", bound["poll"]),
        ("context", context), ("claim", sentence.encode()), ("tag base", encode(base)),
        ("tag", tag), ("commitment", r))
    z = scalar_bytes(NONCE + challenge(h, 65535, 65535, kind) * s)
    return lines(bound["origin"], bound["poll"], context, tag, r, z, sentence)


def lines(origin, poll, context, tag, r, z, sentence):
    return (f"{claim.HEADER}\norigin {origin}\npetition {poll.hex()}\ncontext {context.hex()}\n"
            f"tag {tag.hex()}\ncommitment {r.hex()}\nresponse {z.hex()}\nclaim {sentence}\n")


def tag_act(tag, r):
    """What a TagAct that signs again, number 2, has in its transcript (8.1)."""
    return T("tag act", ("context", CONTEXT), ("text", TEXT), ("act", u8(1)), ("sequence", u64(2)),
             ("tag base", encode(base_of(CONTEXT))), ("tag", tag), ("commitment", r))


def changed(word, value):
    """The good claim with another value in a line."""
    return "".join(f"{word} {value}\n" if line.startswith(word + " ") else line
                   for line in make().splitlines(keepends=True))


def value_of(word, text=None):
    return next(line for line in (text or make()).splitlines()
                if line.startswith(word + " "))[len(word) + 1:]


def more(text):
    """Hex of a scalar that is the same modulo ℓ and not canonical."""
    return (int.from_bytes(bytes.fromhex(text), "little") + L).to_bytes(32, "little").hex()


def cases():
    good, other = make(), make(s=SECRET + 1)
    base = base_of(CONTEXT)
    nobody = lines(ORIGIN, PETITION, CONTEXT, IDENTITY, encode(multiply(NONCE, base)),
                   scalar_bytes(NONCE), SENTENCE)
    return [
        ("as it is made", good, "proved"),
        ("in another script", make("Минә, я подписал. 署名した。"), "proved"),
        ("of 1,000 bytes", make("x" * 1000), "proved"),
        ("another sentence", changed("claim", SENTENCE + " Twice."), "not proved"),
        ("another signer's tag", changed("tag", value_of("tag", other)), "not proved"),
        ("another petition", changed("petition", "04" * 32), "not proved"),
        ("another log", changed("origin", "board.example/2027/bridge"), "not proved"),
        ("another opening", changed("context", "05" * 32), "not proved"),
        ("another nonce", changed("commitment", value_of("tag")), "not proved"),
        ("another response", changed("response", value_of("response", other)), "not proved"),
        ("the answer to an act's challenge", make(kind=rings.TAG), "not proved"),
        ("a tag act's proof", make(h=tag_act, kind=rings.TAG), "not proved"),
        ("a tag act's proof under a claim's kind", make(h=tag_act), "not proved"),
        ("the identity for a tag, which everybody could claim", nobody, "not proved"),
        ("a response that is not canonical", changed("response", more(value_of("response"))),
         "not proved"),
        ("a tag that is no point", changed("tag", "ff" * 32), "not proved"),
        ("a commitment that is no point", changed("commitment", "ff" * 32), "not proved"),
        ("another header", good.replace("urna/1", "urna/2"), "malformed"),
        ("hex in capitals", changed("tag", value_of("tag").upper()), "malformed"),
        ("hex that is short", changed("petition", "01" * 31), "malformed"),
        ("a line less", good.replace(f"tag {value_of('tag')}\n", ""), "malformed"),
        ("two lines exchanged", good.replace("commitment", "x").replace("response", "commitment")
         .replace("\nx ", "\nresponse "), "malformed"),
        ("two spaces", good.replace("origin ", "origin  "), "malformed"),
        ("an empty sentence", make(""), "malformed"),
        ("a sentence of 1,001 bytes", make("x" * 1001), "malformed"),
        ("a sentence of 1,001 bytes in fewer letters", make("x" + "ä" * 500), "malformed"),
        ("a tabulator", make("I\tsigned"), "malformed"),
        ("U+007F", make("I\x7fsigned"), "malformed"),
        ("U+0080", make("I\x80signed"), "malformed"),
        ("U+009F", make("I\x9fsigned"), "malformed"),
        ("U+00A0, which is no control character", make("I\xa0signed"), "proved"),
        ("lines of another system", good.replace("\n", "\r\n"), "malformed"),
        ("one more line", good + "claim " + SENTENCE + "\n", "malformed"),
        ("an empty line more", good + "\n", "malformed"),
        ("no end of the last line", good[:-1], "malformed"),
        ("a plus sign in the origin", make(origin="board.example/fer+ry"), "malformed"),
        ("a control character in the origin", make(origin="board.example/fer\x1bry"), "malformed"),
        ("a capital in the origin", make(origin="board.example/Ferry"), "malformed"),
        ("an origin of 256 bytes", make(origin="board.example/" + 242 * "x"), "malformed"),
        ("an origin without a board", make(origin="ferry"), "malformed"),
        ("an empty origin", make(origin=""), "malformed"),
        ("nothing", "", "malformed"),
    ]


def verdict(text):
    try:
        return "proved" if claim.proved(claim.parse(text.encode())) else "not proved"
    except Bad:
        return "malformed"


def vectors():
    return {"specification": "docs/protocol.md §8.3; what a claim is worth without a record",
            "cases": [{"name": name, "verdict": expected, "file": text}
                      for name, text, expected in cases()]}


if __name__ == "__main__":
    for name, text, expected in cases():
        if verdict(text) != expected:
            raise SystemExit(f"{name}: {verdict(text)}, not {expected}")
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
