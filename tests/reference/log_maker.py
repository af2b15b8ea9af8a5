"""Makes logs, whole or forged, for the tests of the reference verifier: docs/protocol.md, section
10. Like everything here that makes records it was written from the document, as the verifier was.

A test may change every step through `tweaks`: a function by the step's name gets the step's fields,
as attributes, before they are hashed, signed and encoded.
"""
import base64
import os
from types import SimpleNamespace

import notes
from people import Person
from pieces import opaque


class Log:
    """A log that is being written."""

    def __init__(self, origin, tweaks):
        self.origin, self.tweaks, self.entries = origin, tweaks, []
        self.signer = Person("log of " + origin)

    def tweaked(self, name, **fields):
        fields = SimpleNamespace(**fields)
        self.tweaks.get(name, lambda fields: None)(fields)
        return fields

    def append(self, name, data):
        """Adds an entry, as the tweak of `name!` leaves it in the list `entries`."""
        self.entries += self.tweaked(name + "!", entries=[data], log=self.entries).entries

    def root(self, size=None):
        return notes.root_hash([notes.leaf_hash(e) for e in self.entries[:size]])

    def checkpoint(self, size=None):
        size = len(self.entries) if size is None else size
        root = base64.b64encode(self.root(size)).decode()
        text = f"{self.origin}\n{size}\n{root}\n"
        return self.signed(text)

    def signed(self, text):
        blob = notes.key_id(self.origin, self.signer.key) + self.signer.sign(text.encode())
        return f"{text}\n\u2014 {self.origin} {base64.b64encode(blob).decode()}\n".encode()

    def files(self):
        """{path: bytes} of the log's directory."""
        result = {"checkpoint": self.checkpoint()}
        hashes = [notes.leaf_hash(e) for e in self.entries]
        for i in range(0, len(hashes), 256):
            bundle = self.entries[i:i + 256]
            path = notes.tile_path("entries", i // 256, len(bundle))
            result[path] = b"".join(opaque(e) for e in bundle)
        level = 0
        while hashes:
            tiles = [hashes[i:i + 256] for i in range(0, len(hashes), 256)]
            for i, tile in enumerate(tiles):
                result[notes.tile_path(level, i, len(tile))] = b"".join(tile)
            hashes = [notes.root_hash(tile) for tile in tiles if len(tile) == 256]
            level += 1
        return result

    def receipt(self, index):
        """A tlog-proof for an entry under the whole log."""
        def path(m, hashes):
            if len(hashes) == 1:
                return []
            k = 1 << (len(hashes) - 1).bit_length() - 1
            left, right = hashes[:k], hashes[k:]
            if m < k:
                return path(m, left) + [notes.root_hash(right)]
            return path(m - k, right) + [notes.root_hash(left)]
        proof = path(index, [notes.leaf_hash(e) for e in self.entries])
        lines = [base64.b64encode(h).decode() + "\n" for h in proof]
        head = f"c2sp.org/tlog-proof@v1\nindex {index}\n{''.join(lines)}\n"
        return head.encode() + self.checkpoint()


def write(directory, files):
    for path, data in files.items():
        path = os.path.join(directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
