// judge DIRECTORY: reads the logs and proofs that make_logs wrote, with the packages of Go's
// checksum database (golang.org/x/mod/sumdb/note and tlog), which know nothing of Urna, and says
// whether they agree: signatures, every tile, every entry bundle, receipts and consistency proofs.
// The package knows no cosignatures, but takes a verifier that does: the one below is written from
// c2sp.org/tlog-cosignature with Go's own Ed25519.
//
// Exit status: 0 they agree, 1 they do not, 3 wrong arguments.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height      = 8
	width       = 1 << height
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	cosignedAt  = 1800000000 // plus the size, as make_logs says
)

// witness verifies cosignatures, type 0x04.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
	time uint64 // that a cosignature must have
}

func newWitness(vkey string, time uint64) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q is no vkey", vkey)
	}
	typed, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		return nil, fmt.Errorf("%q has no key of type 0x04", vkey)
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	id := binary.BigEndian.Uint32(hash[:4])
	if parts[1] != fmt.Sprintf("%08x", id) {
		return nil, fmt.Errorf("%q has another key ID than %08x", vkey, id)
	}
	return &witness{parts[0], id, typed[1:], time}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }
func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return time == w.time && ed25519.Verify(w.key, []byte(message), signature[8:])
}

// log is one log as its files say.
type log struct {
	directory  string
	checkpoint []byte
	tree       tlog.Tree
	leaves     []tlog.Hash
	stored     memory // of the tree, as Go builds it from the entries
}

// memory holds the hashes of a tree in Go's order.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(m)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = m[index]
	}
	return hashes, nil
}

// indexPath writes a tile's number: 1234067 is x001/x234/067.
func indexPath(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}

// tilePath is the path in c2sp.org/tlog-tiles; tlog's own has the height in it.
func tilePath(kind string, n int64, w int) string {
	path := "tile/" + kind + "/" + indexPath(n)
	if w != width {
		path += ".p/" + strconv.Itoa(w)
	}
	return path
}

// Height, ReadTiles and SaveTiles make the log's files a tlog.TileReader.
func (l *log) Height() int                         { return height }
func (l *log) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if contents[i], err = l.read(tilePath(strconv.Itoa(tile.L), tile.N, tile.W)); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

func (l *log) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(l.directory, "log", path))
}

func parseHash(line string) (tlog.Hash, error) {
	var hash tlog.Hash
	decoded, err := base64.StdEncoding.Strict().DecodeString(line)
	if err != nil || len(decoded) != tlog.HashSize {
		return hash, fmt.Errorf("%q is no hash", line)
	}
	copy(hash[:], decoded)
	return hash, nil
}

// openCheckpoint verifies the log's checkpoint and takes it apart.
func (l *log) openCheckpoint(verifier note.Verifier) error {
	var err error
	if l.checkpoint, err = l.read("checkpoint"); err != nil {
		return err
	}
	opened, err := note.Open(l.checkpoint, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
		return errors.New("not one signature of the log's alone")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return fmt.Errorf("%q is no checkpoint of %s", opened.Text, verifier.Name())
	}
	if l.tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return err
	}
	l.tree.Hash, err = parseHash(lines[2])
	damaged := bytes.Replace(l.checkpoint, []byte(lines[1]+"\n"), []byte(lines[1]+"0\n"), 1)
	if _, opens := note.Open(damaged, note.VerifierList(verifier)); opens == nil {
		return errors.New("a changed checkpoint opens too")
	}
	return err
}

// openCosigned verifies the same checkpoint with the lines of all witnesses under it.
func (l *log) openCosigned(verifier note.Verifier, vkeys []string) error {
	cosigned, err := os.ReadFile(filepath.Join(l.directory, "cosigned"))
	if err != nil {
		return err
	}
	for _, time := range []uint64{cosignedAt + uint64(l.tree.N), 1} {
		known := []note.Verifier{verifier}
		for _, vkey := range vkeys {
			w, err := newWitness(vkey, time)
			if err != nil {
				return err
			}
			known = append(known, w)
		}
		opened, err := note.Open(cosigned, note.VerifierList(known...))
		if time == 1 {
			if err == nil {
				return errors.New("cosignatures verify under another time too")
			}
			continue
		}
		if err != nil {
			return err
		}
		if len(opened.Sigs) != len(known) || !bytes.HasPrefix(cosigned, l.checkpoint) {
			return errors.New("not the checkpoint with a line of every witness")
		}
	}
	return nil
}

// readBundle adds the leaf hashes of one bundle.
func (l *log) readBundle(n int64, count int) error {
	path := tilePath("entries", n, count)
	contents, err := l.read(path)
	if err != nil {
		return err
	}
	for i := 0; i < count; i++ {
		if len(contents) < 2 {
			return fmt.Errorf("%s ends before entry %d", path, i)
		}
		length := int(binary.BigEndian.Uint16(contents))
		if len(contents) < 2+length {
			return fmt.Errorf("%s ends within entry %d", path, i)
		}
		l.leaves = append(l.leaves, tlog.RecordHash(contents[2:2+length]))
		contents = contents[2+length:]
	}
	if len(contents) != 0 {
		return fmt.Errorf("%s has bytes after its last entry", path)
	}
	return nil
}

// buildTree makes Go's own tree of the entries and compares its root.
func (l *log) buildTree() error {
	for n := int64(0); n*width < l.tree.N; n++ {
		count := l.tree.N - n*width
		if count > width {
			count = width
		}
		if err := l.readBundle(n, int(count)); err != nil {
			return err
		}
	}
	for i, leaf := range l.leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, l.stored)
		if err != nil {
			return err
		}
		l.stored = append(l.stored, hashes...)
	}
	root, err := tlog.TreeHash(l.tree.N, l.stored)
	if err == nil && root != l.tree.Hash {
		err = errors.New("the entries do not give the checkpoint's root")
	}
	return err
}

// compareTiles compares every tile with Go's, and looks for files that are none; how many tiles.
func (l *log) compareTiles() (int, error) {
	tiles := tlog.NewTiles(height, 0, l.tree.N)
	expected := map[string]bool{"checkpoint": true}
	compared := 0
	for i, tile := range tiles {
		if i+1 < len(tiles) && tiles[i+1].L == tile.L && tiles[i+1].N == tile.N {
			continue // Go lists a partial tile in every width; files hold the last
		}
		compared++
		want, err := tlog.ReadTileData(tile, l.stored)
		if err != nil {
			return 0, err
		}
		path := tilePath(strconv.Itoa(tile.L), tile.N, tile.W)
		got, err := l.read(path)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(got, want) {
			return 0, fmt.Errorf("%s is not what the entries give", path)
		}
		expected[path] = true
		if tile.L == 0 {
			expected[tilePath("entries", tile.N, tile.W)] = true
		}
	}
	root := filepath.Join(l.directory, "log")
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err == nil && !expected[filepath.ToSlash(name)] {
			err = fmt.Errorf("%s is no file of this log", name)
		}
		found++
		return err
	})
	if err == nil && found != len(expected) {
		err = fmt.Errorf("%d files, not %d", found, len(expected))
	}
	return compared, err
}

// numbers are the names of the files in a folder of the log, ascending.
func (l *log) numbers(folder string) ([]int64, error) {
	entries, err := os.ReadDir(filepath.Join(l.directory, folder))
	var numbers []int64
	for _, entry := range entries {
		number, wrong := strconv.ParseInt(entry.Name(), 10, 64)
		if wrong != nil {
			return nil, wrong
		}
		numbers = append(numbers, number)
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	return numbers, err
}

func (l *log) hashesIn(text string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		hash, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// checkReceipt judges one tlog-proof, and that a changed one is none.
func (l *log) checkReceipt(index int64) error {
	text, err := os.ReadFile(filepath.Join(l.directory, "receipts", strconv.FormatInt(index, 10)))
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	start := proofHeader + "index " + strconv.FormatInt(index, 10)
	if !found || checkpoint != string(l.checkpoint) || !strings.HasPrefix(head, start) {
		return errors.New("is no tlog-proof of this entry under this checkpoint")
	}
	hashes, err := l.hashesIn(strings.TrimPrefix(head, start))
	if err != nil {
		return err
	}
	leaf := l.leaves[index]
	if err := tlog.CheckRecord(hashes, l.tree.N, l.tree.Hash, index, leaf); err != nil {
		return err
	}
	own, err := tlog.ProveRecord(l.tree.N, index, tlog.TileHashReader(l.tree, l))
	if err != nil || len(own) != len(hashes) {
		return fmt.Errorf("Go's own proof from the tiles: %d hashes, %v", len(own), err)
	}
	for i := range hashes {
		if own[i] != hashes[i] {
			return fmt.Errorf("hash %d is not that of Go's proof", i)
		}
	}
	leaf[0] ^= 1
	if tlog.CheckRecord(hashes, l.tree.N, l.tree.Hash, index, leaf) == nil {
		return errors.New("proves another entry too")
	}
	return nil
}

// checkConsistency judges one proof that the tree has grown from an older one.
func (l *log) checkConsistency(old int64) error {
	text, err := os.ReadFile(filepath.Join(l.directory, "consistency", strconv.FormatInt(old, 10)))
	if err != nil {
		return err
	}
	hashes, err := l.hashesIn(string(text))
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(old, l.stored)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, l.tree.N, l.tree.Hash, old, root); err != nil {
		return err
	}
	root[0] ^= 1
	if tlog.CheckTree(hashes, l.tree.N, l.tree.Hash, old, root) == nil {
		return errors.New("proves another beginning too")
	}
	return nil
}

// checkAll calls check for every number in the folder; how many there were.
func (l *log) checkAll(folder string, check func(int64) error) (int, error) {
	numbers, err := l.numbers(folder)
	if err == nil && len(numbers) == 0 {
		err = errors.New("nothing to check")
	}
	for _, number := range numbers {
		if err == nil {
			err = check(number)
		}
		if err != nil {
			return 0, fmt.Errorf("%s/%d: %w", folder, number, err)
		}
	}
	return len(numbers), err
}

// judge says what it looked at.
func judge(directory string, size int64, verifier note.Verifier, vkeys []string) (string, error) {
	l := &log{directory: filepath.Join(directory, strconv.FormatInt(size, 10))}
	if err := l.openCheckpoint(verifier); err != nil {
		return "", err
	}
	if l.tree.N != size {
		return "", fmt.Errorf("the checkpoint says %d entries", l.tree.N)
	}
	if err := l.openCosigned(verifier, vkeys); err != nil {
		return "", fmt.Errorf("cosignatures: %w", err)
	}
	if err := l.buildTree(); err != nil {
		return "", err
	}
	tiles, err := l.compareTiles()
	if err != nil {
		return "", err
	}
	receipts, err := l.checkAll("receipts", l.checkReceipt)
	if err != nil {
		return "", err
	}
	growths, err := l.checkAll("consistency", l.checkConsistency)
	return fmt.Sprintf("%d entries, %d tiles, %d receipts, %d consistency proofs, %d cosignatures",
		len(l.leaves), tiles, receipts, growths, len(vkeys)), err
}

func run(directory string) error {
	vkey, err := os.ReadFile(filepath.Join(directory, "vkey"))
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return err
	}
	witnesses, err := os.ReadFile(filepath.Join(directory, "witnesses"))
	if err != nil {
		return err
	}
	vkeys := strings.Split(strings.TrimSuffix(string(witnesses), "\n"), "\n")
	for _, size := range []int64{1, 2, 255, 256, 257, 65536, 65537} {
		seen, err := judge(directory, size, verifier, vkeys)
		if err != nil {
			return fmt.Errorf("size %d: %w", size, err)
		}
		fmt.Printf("size %d: Go agrees: %s\n", size, seen)
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: judge DIRECTORY")
		os.Exit(3)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}
