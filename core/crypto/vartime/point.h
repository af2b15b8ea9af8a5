// Ristretto255 points (RFC 9496 §4.3) that are public, decoded for fast arithmetic
// (docs/protocol.md §1).
//
// NOT constant-time, and no type here can hold a secret: what comes in are encodings that are
// published. All functions are pure and may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/crypto/vartime/edwards.h"

namespace urna::crypto::vartime {

// 32 bytes that may or may not encode a point.
using Encoding = std::array<uint8_t, 32>;

// An element of the group, 160 bytes. Immutable.
class Point {
 public:
  // The identity.
  constexpr Point() : p_(kIdentity) {}
  // G, the base point of RFC 9496.
  static constexpr Point Base() { return Point(kBase); }

  // RFC 9496 §4.3.1: InvalidArgument unless the bytes are a canonical encoding. The identity (32
  // zero bytes) is one; where the protocol refuses it, the caller must.
  static absl::StatusOr<Point> Decode(std::span<const uint8_t, 32> bytes);
  // RFC 9496 §4.3.2: the one canonical encoding.
  Encoding Encode() const;

  bool IsIdentity() const;
  // Equality of group elements (RFC 9496 §4.3.3), not of coordinates.
  friend bool operator==(const Point& a, const Point& b);

  friend Point operator+(const Point& a, const Point& b);
  friend Point operator-(const Point& a, const Point& b);
  Point operator-() const;
  // 2·this
  Point Doubled() const;

  // For the sources of this folder: one of the curve points that stand for this element.
  constexpr explicit Point(const Extended& p) : p_(p) {}
  constexpr const Extended& coordinates() const { return p_; }

 private:
  Extended p_;
};

// As many points as encodings, in the same order.
struct DecodedBatch {
  std::vector<Point> points;   // the identity where the encoding is not canonical
  std::vector<size_t> failed;  // the indices of those, ascending; empty if all is well
};

// Decodes many points, faster than one by one. One thread; callers split long runs themselves.
DecodedBatch DecodeBatch(std::span<const Encoding> encodings);

}  // namespace urna::crypto::vartime
