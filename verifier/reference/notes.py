"""Logs on disk: trees, tiles, signed notes, receipts, the policy (docs/protocol.md 10 and 11).

The formats are C2SP's: signed-note, tlog-checkpoint, tlog-tiles, tlog-proof (https://c2sp.org).
"""
import base64
import functools
import hashlib
import os
import re
import stat
from types import SimpleNamespace

from group import Bad, public_key, signed

SPACES = set("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") \
    | set(map(chr, range(0x2000, 0x200b)))                 # Unicode's White_Space
MAX_NOTE = 1 << 20
MAX_ENTRY = 65535
ED25519 = b"\x01"


def unbase64(text, what):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Bad(f"{what}: not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Bad(f"{what}: base64 that is not canonical")
    return data


def utf8(data, what):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad(f"{what}: not UTF-8") from None
    if "\0" in text:
        raise Bad(f"{what}: has U+0000")
    return text


def printable(text):
    """With a space for every control character, which could make a terminal show something else."""
    return "".join(" " if c < " " or "\x7f" <= c <= "\x9f" else c for c in text)


def decimal(text, limit, what):
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) > limit:
        raise Bad(f"{what}: {text!r} is not a number up to {limit}")
    return int(text)


def is_key_name(name):
    return bool(name) and "+" not in name and not SPACES & set(name)


# Trees (RFC 6962)

def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_hash(hashes):
    """The root over leaf hashes, or over the roots of equally large full subtrees."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        last = [hashes[-1]] if len(hashes) % 2 else []
        hashes = [node_hash(*hashes[i:i + 2]) for i in range(0, len(hashes) - 1, 2)] + last
    return hashes[0]


def root_from_proof(leaf, index, size, proof):
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        raise Bad(f"index {index} is not below the size {size}")
    last = size - 1
    for sibling in proof:
        if last == 0:
            raise Bad("the inclusion proof is too long")
        if index & 1 or index == last:
            leaf = node_hash(sibling, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise Bad("the inclusion proof is too short")
    return leaf


# Notes, checkpoints, receipts

def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + key).digest()[:4]


def verifier_key(text):
    """(name, key) of a C2SP verifier key."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise Bad(f"{text!r} is not a verifier key")
    name, hash_, data = parts[0], parts[1], unbase64(parts[2], f"verifier key {parts[0]!r}")
    if data[:1] != ED25519 or len(data) != 33 or hash_ != key_id(name, data[1:]).hex():
        raise Bad(f"verifier key {name!r}: not of Ed25519, or another key's ID")
    public_key(data[1:])
    return name, data[1:]


def parse_note(data):
    """(text, [(name, key ID, signature)]) of a signed note."""
    if len(data) > MAX_NOTE:
        raise Bad("a note of more than 2^20 bytes")
    note = utf8(data, "note")
    if any(c < " " and c != "\n" for c in note):
        raise Bad("a note with control characters")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise Bad("a note lacks an empty line before its signatures, or the end of its last line")
    lines = signatures[:-1].split("\n")
    if len(lines) > 200:
        raise Bad("a note with more than 200 signatures")
    result = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not is_key_name(parts[1]):
            raise Bad(f"{line!r} is not a signature line")
        blob = unbase64(parts[2], "signature line")
        if len(blob) < 5:
            raise Bad("a signature line without a signature")
        result.append((parts[1], blob[:4], blob[4:]))
    return text + "\n", result


def parse_checkpoint(data):
    """A checkpoint whose signatures are still to be looked at."""
    text, signatures = parse_note(data)
    lines = text.split("\n")
    if len(lines) != 4 or not is_key_name(lines[0]):
        raise Bad("a checkpoint is not its origin, size and root")
    size = decimal(lines[1], 2**63 - 1, "checkpoint's size")
    root = unbase64(lines[2], "checkpoint's root")
    if len(root) != 32 or (size == 0 and root != root_hash([])):
        raise Bad("a checkpoint's root is not 32 bytes, or not that of the empty tree")
    return SimpleNamespace(origin=lines[0], size=size, root=root, text=text, signatures=signatures)


def check_signature(checkpoint, origin, key):
    """The checkpoint is of this log, and the one line that its key's ID names is its signature."""
    if checkpoint.origin != origin:
        raise Bad(f"the origin is {checkpoint.origin!r}, not {origin!r}")
    ours = [signature for name, id_, signature in checkpoint.signatures
            if name == origin and id_ == key_id(origin, key)]
    if len(ours) != 1:
        raise Bad(f"{len(ours)} signatures by the log key of {origin!r}")
    if not signed(key, ours[0], checkpoint.text.encode()):
        raise Bad(f"the signature by {origin!r} does not verify")


def parse_receipt(data):
    """Index, proof and checkpoint of a tlog-proof."""
    head, separator, note = data.partition(b"\n\n")
    lines = utf8(head, "receipt").split("\n")
    if not separator or len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1" \
            or not lines[1].startswith("index "):
        raise Bad("not a tlog-proof")
    index = decimal(lines[1][len("index "):], 2**63 - 1, "receipt's index")
    proof = [unbase64(line, "receipt") for line in lines[2:]]
    if len(proof) > 64 or any(len(h) != 32 for h in proof):
        raise Bad("a receipt with more than 64 hashes, or with one that is not 32 bytes")
    return SimpleNamespace(index=index, proof=proof, checkpoint=parse_checkpoint(note))


# A record on disk

def read_file(path, limit):
    """At most `limit` bytes of a regular file; never opens a pipe or a device."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Bad("not a regular file")
        with open(path, "rb") as f:
            data = f.read(limit + 1)
    except OSError as error:
        raise Bad(f"cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise Bad(f"longer than {limit} bytes")
    return data


def tile_path(level, number, width):
    digits = str(number)
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = f"tile/{level}/" + "/".join(["x" + g for g in groups[:-1]] + groups[-1:])
    return path if width == 256 else f"{path}.p/{width}"


def tiles(size):
    """(level, hashes at that level) for the levels of a tree that have tiles."""
    level = 0
    while size >> 8 * level:
        yield level, size >> 8 * level
        level += 1


def width_of(number, count):
    return min(256, count - 256 * number)


def walk(directory, prefix="", depth=0):
    """(path, is it a file) of files, links, and directories that hold nothing or lie too deep."""
    empty = True
    if depth > 12:
        yield prefix, False
        return
    for item in sorted(os.scandir(directory), key=lambda item: item.name):
        empty = False
        if item.is_dir(follow_symlinks=False):
            yield from walk(item.path, f"{prefix}{item.name}/", depth + 1)
        else:
            yield prefix + item.name, item.is_file(follow_symlinks=False)
    if empty:
        yield prefix, False


def parse_bundle(data, count):
    entries, at = [], 0
    for _ in range(count):
        length = int.from_bytes(data[at:at + 2], "big")
        at += 2 + length
        if length == 0 or at > len(data):
            raise Bad("an entry is missing or cut off")
        entries.append(data[at - length:at])
    if at != len(data):
        raise Bad("bytes are left over")
    return entries


class Log:
    """One log's directory. `entries` is None unless all of them could be read; `faults` are
    what L2 finds. Raises Bad if there is no well-formed checkpoint."""

    def __init__(self, directory):
        self.name = os.path.basename(directory)
        self.checkpoint = parse_checkpoint(
            read_file(os.path.join(directory, "checkpoint"), MAX_NOTE))
        self.faults, self.entries, self.first = [], None, None
        size = self.checkpoint.size
        levels = dict([("entries", size)] + list(tiles(size)) if size else [])
        present, missing = self.list_files(directory, levels)
        if missing:
            self.faults.append(f"{missing} of its files are missing")
        entries = self.read_entries(directory, present, size)
        if entries is not None:
            self.entries = entries
            self.leaves = [leaf_hash(entry) for entry in entries]
            self.check_tiles(directory, levels, present)

    def list_files(self, directory, levels):
        """The paths that are there and belong there, and how many are not there."""
        present = set()
        for path, is_file in walk(directory):
            if path == "checkpoint":
                continue
            if not is_file or not self.belongs(path, levels):
                self.faults.append(f"{path!r} has no place in a log of this size")
            else:
                present.add(path)
        return present, sum(-(-count // 256) for count in levels.values()) - len(present)

    @staticmethod
    def belongs(path, levels):
        match = re.fullmatch(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})"
                             r"(?:\.p/[0-9]{1,3})?", path, re.ASCII)
        if not match or len(path) > 64:
            return False
        level = match[1] if match[1] == "entries" else int(match[1])
        number = int(re.sub("[x/]", "", match[2]))
        count = levels.get(level, 0)
        return 256 * number < count and path == tile_path(level, number, width_of(number, count))

    def read_entries(self, directory, present, size):
        entries = []
        for number in range(-(-size // 256)):
            width = width_of(number, size)
            path = tile_path("entries", number, width)
            if path not in present:
                return None                                # counted as missing
            try:
                data = read_file(os.path.join(directory, path), 256 * (2 + MAX_ENTRY))
                entries += parse_bundle(data, width)
            except Bad as error:
                self.faults.append(f"{path!r}: {error}")
                return None
            self.first = self.first or entries[0]
        return entries

    def check_tiles(self, directory, levels, present):
        hashes = self.leaves
        for level, count in levels.items():
            if level == "entries":
                continue
            above = []
            for number in range(-(-count // 256)):
                width = width_of(number, count)
                expected = hashes[256 * number:256 * number + width]
                path = tile_path(level, number, width)
                if path in present:
                    try:
                        if read_file(os.path.join(directory, path), 8192) != b"".join(expected):
                            raise Bad("is not what the entries give")
                    except Bad as error:
                        self.faults.append(f"{path!r}: {error}")
                if width == 256:
                    above.append(root_hash(expected))
            hashes = above
        if self.root() != self.checkpoint.root:
            self.faults.append("the entries give another root than the checkpoint's")

    @functools.cached_property
    def subtrees(self):
        """Of every level the roots of the full subtrees, from the leaves up."""
        levels = [self.leaves]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([node_hash(*below[i:i + 2]) for i in range(0, len(below) - 1, 2)])
        return levels

    def root(self, size=None):
        """The root over the first entries: full subtrees of falling size, joined from the right."""
        size = len(self.leaves) if size is None else size
        root = None
        for level, roots in enumerate(self.subtrees):
            if size >> level & 1:
                left = roots[(size >> level) - 1]
                root = left if root is None else node_hash(left, root)
        return root or root_hash([])


def read_record(directory):
    """({name: Log or the Bad that says why not}, faults of the record's own directory)."""
    logs, faults = {}, []
    for item in sorted(os.scandir(directory), key=lambda item: item.name):
        is_log = re.fullmatch("poll|roll-[0-9a-f]{64}", item.name, re.ASCII)
        if not is_log or not item.is_dir(follow_symlinks=False):
            faults.append(f"{item.name!r} has no place in a record")
        else:
            logs[item.name] = item.path
    return logs, faults
