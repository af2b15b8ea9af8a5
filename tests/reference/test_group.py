"""Arithmetic against RFC 9496, RFC 9380, RFC 8032 and the vectors of tests/vectors."""
import json
import unittest

from support import VECTORS, group
from ballots import lagrange
from group import Bad, Multiples, T, T32, challenge, decode, encode, scalar, total, u16, u32

UNHEX = bytes.fromhex


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def pieces(data, size=32):
    return [data[i:i + size] for i in range(0, len(data), size)]


def points(text):
    return [decode(piece) for piece in pieces(UNHEX(text))]


def scalars(text):
    return [scalar(piece) for piece in pieces(UNHEX(text))]


class RistrettoTest(unittest.TestCase):
    def test_small_multiples_of_rfc_9496(self):
        p = group.ZERO
        for text in vectors("rfc9496")["small_multiples"]:
            self.assertEqual(encode(p).hex(), text)
            self.assertTrue(group.equal(decode(UNHEX(text)), p))
            p = group.add(p, group.BASE)

    def test_refuses_the_bad_encodings_of_rfc_9496(self):
        for bad in vectors("rfc9496")["bad_encodings"]:
            with self.subTest(bad["why"]), self.assertRaises(Bad):
                decode(UNHEX(bad["encoding"]))

    def test_refuses_bit_255_and_other_lengths(self):
        good = encode(group.BASE)
        for data in (good[:-1] + bytes([good[-1] | 128]), good[:-1], good + b"\0", b"",
                     group.P.to_bytes(32, "little"), (group.P + 2).to_bytes(32, "little")):
            with self.assertRaises(Bad):
                decode(data)

    def test_one_way_map_of_rfc_9496(self):
        for vector in vectors("rfc9496")["from_uniform"]:
            data = UNHEX(vector.get("input") or vector.get("uniform"))
            found = total(group.elligator(int.from_bytes(half, "little") % 2**255)
                          for half in pieces(data))
            self.assertEqual(encode(found).hex(), vector.get("output") or vector.get("point"))

    def test_ways_to_multiply_agree(self):
        p = group.hash_to_group("test", b"")
        table, multiples = group.Table(p), Multiples(p)
        for k in (0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 2**252, group.L - 1, group.L - 16,
                  int.from_bytes(T("k")[:31], "little")):
            expected = encode(group.multiply(k, p))
            self.assertEqual(encode(table.times(k)), expected, k)
            self.assertEqual(encode(multiples.times(k)), expected, k)
        self.assertTrue(group.is_identity(group.multiply(group.L, p)))
        self.assertTrue(group.is_identity(group.add(p, group.negate(p))))

    def test_equality_is_that_of_classes(self):
        torsion = group.decode_edwards(UNHEX("c7176a703d4dd84fba3c0b760d10670f"
                                             "2a2053fa2c39ccc64ec7fd7792ac037a"))
        four = group.double(torsion)
        self.assertTrue(group.equal(group.BASE, group.add(group.BASE, four)))
        self.assertTrue(group.is_identity(four))
        self.assertFalse(group.equal(group.BASE, group.double(group.BASE)))

    def test_refuses_scalars_from_the_order_on(self):
        self.assertEqual(scalar((group.L - 1).to_bytes(32, "little")), group.L - 1)
        for k in (group.L, group.L + 1, 2**256 - 1):
            with self.assertRaises(Bad):
                scalar(k.to_bytes(32, "little"))


class HashTest(unittest.TestCase):
    def test_expand_message_xmd_of_rfc_9380(self):
        for vector in vectors("rfc9380")["expand_message_xmd"]:
            length = len(vector["output"]) // 2
            self.assertEqual(group.expand_message_xmd(
                vector["message"].encode(), vector["tag"].encode(), length).hex(), vector["output"])

    def test_hash_to_group(self):
        for vector in vectors("hash_to_group")["points"]:
            self.assertEqual(encode(group.hash_to_group(
                vector["name"], UNHEX(vector["message"]))).hex(), vector["point"])

    def test_transcripts_and_challenges(self):
        for vector in vectors("transcript")["transcripts"]:
            fields = [(f["label"], UNHEX(f["value"])) for f in vector["fields"]]
            self.assertEqual(T(vector["purpose"], *fields).hex(), vector["hash"])
            self.assertEqual(T32(vector["purpose"], *fields).hex(), vector["hash32"])
        for vector in vectors("transcript")["challenges"]:
            found = challenge(UNHEX(vector["h"]), vector["i"], vector["j"], vector["kind"])
            self.assertEqual(found, scalar(UNHEX(vector["challenge"])))


class SignatureTest(unittest.TestCase):
    def test_rfc_8032(self):
        for key, signature, message in (
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
             "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", ""),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", "72")):
            self.assertTrue(group.signed(UNHEX(key), UNHEX(signature), UNHEX(message)))
            self.assertFalse(group.signed(UNHEX(key), UNHEX(signature), b"another"))

    def test_own_vectors_and_the_strictness_of_keys_and_signatures(self):
        for vector in vectors("signature")["signatures"] + vectors("ed25519_edges")["signatures"]:
            arguments = [UNHEX(vector[x]) for x in ("key", "signature", "message")]
            self.assertEqual(group.signed(*arguments), vector.get("good", True), vector.get("why"))
        for vector in vectors("ed25519_edges")["keys"]:
            with self.subTest(vector["why"]):
                try:
                    group.public_key(UNHEX(vector["key"]))
                    self.assertTrue(vector["good"])
                except Bad:
                    self.assertFalse(vector["good"])


class ProofTest(unittest.TestCase):
    def test_disjunctive_proofs(self):
        file = vectors("disjunctive")
        key = group.Table(decode(UNHEX(file["election_key"])))
        for vector in file["proofs"]:
            c = challenge(UNHEX(vector["h"]), vector["i"], vector["j"], vector["kind"])
            self.assertEqual(c, scalar(UNHEX(vector["challenge"])))
            alpha, beta = points(vector["ciphertext"])
            sent = [points(vector["commitments"]), scalars(vector["challenges"]),
                    scalars(vector["responses"])]
            values = range(vector["lo"], vector["hi"] + 1)

            def holds(c=c, values=values, lists=sent):
                return group.disjunction_holds(alpha, beta, key, values, c, *lists)

            self.assertTrue(holds())
            self.assertFalse(holds(c=c + 1))
            self.assertFalse(holds(values=range(vector["lo"] + 1, vector["hi"] + 2)))
            for which in range(3):
                for i in range(len(sent[which])):
                    other = [list(list_) for list_ in sent]
                    other[which][i] = group.double(sent[0][i]) if which == 0 else sent[which][i] + 1
                    self.assertFalse(holds(lists=other), (which, i))

    def test_enrolments(self):
        file = vectors("credential")
        self.assertEqual(encode(group.K_R.times(1)).hex(), file["credential_base"])
        for vector in file["enrolments"]:
            fields = [(x, UNHEX(vector[x])) for x in ("roll", "nonce", "credential", "commitment")]
            c = challenge(T("enrolment", *fields), 65535, 65535, group.ENROLMENT)
            z = scalars(vector["responses"])
            p, commitment = points(vector["credential"] + vector["commitment"])
            self.assertTrue(group.credential_holds(p, commitment, c, *z))
            self.assertFalse(group.credential_holds(p, commitment, c, z[0] + 1, z[1]))

    def test_decryption_shares_and_total(self):
        file = vectors("key_ceremony")
        keys, shares = points(file["verification_keys"]), {}
        alpha, beta = points(file["decryption"]["sum"])
        for vector in file["decryption"]["shares"]:
            j, (d,), (a1, a2) = vector["trustee"], *map(points, (vector["share"],
                                                                 vector["proof"][:128]))
            c = challenge(UNHEX(vector["h"]), vector["i"], vector["j"], vector["kind"])
            z = scalars(vector["proof"][128:])[0]
            self.assertTrue(group.equal_logarithms_hold(keys[j - 1], alpha, d, a1, a2, c, z))
            self.assertFalse(group.equal_logarithms_hold(keys[j - 1], alpha, d, a2, a1, c, z))
            self.assertEqual(lagrange([v["trustee"] for v in file["decryption"]["shares"]], j),
                             scalars(vector["lagrange"])[0])
            shares[j] = d
        message = group.add(beta, group.negate(total(
            group.multiply(lagrange(shares, j), d) for j, d in shares.items())))
        self.assertEqual(encode(message).hex(), file["decryption"]["message"])
        self.assertTrue(group.equal(message, group.G.times(file["decryption"]["total"])))

    def test_drills(self):
        file = vectors("key_ceremony")
        context = UNHEX(file["key_context"])
        for vector in file["drills"]:
            j, number = vector["trustee"], vector["drill"]
            x = file["verification_keys"][64 * j - 64:64 * j]
            base = group.hash_to_group("drill base", context + u32(number) + u16(j))
            h = T("drill", ("context", context), ("drill", u32(number)), ("trustee", u16(j)),
                  ("verification key", UNHEX(x)), ("base", encode(base)),
                  ("share", UNHEX(vector["share"])), ("commitments", UNHEX(vector["proof"])[:64]))
            (d,), (a1, a2) = points(vector["share"]), points(vector["proof"][:128])
            self.assertTrue(group.equal_logarithms_hold(
                points(x)[0], base, d, a1, a2, challenge(h, j, 65535, group.DRILL),
                scalars(vector["proof"][128:])[0]))


if __name__ == "__main__":
    unittest.main()
