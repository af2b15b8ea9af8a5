// What the sources lanes_*.h ask of W, a vector of 64-bit words, one a lane:
//
//   static constexpr int kLanes;                      4 or 8
//   static W Broadcast(uint64_t);                     the same word in all lanes
//   static W Load(const uint64_t*); void Store(uint64_t*) const;    kLanes words, any alignment
//   W + W, W - W modulo 2^64, W & W, W | W
//   Shl<n>(), Shr<n>()                                0 < n < 64
//   static W Mul32(a, b)                              product of the low 32 bits, 64 bits long
//   static unsigned EqualLanes(a, b)                  bit l: lane l is equal
//   static W Select(unsigned lanes, a, b)             a in the lanes whose bit is set, else b
//   static void LoadRows(const uint64_t* const* rows, W* out);
//                                                     out[j] holds rows[l][j] in lane l, 0 <= j < 8
//
// and for lanes_field51.h also, of the low 52 bits of a and b,
//   static W MaddLow52(sum, a, b)                     sum + low 52 bits of the product
//   static W MaddHigh52(sum, a, b)                    sum + high 52 bits of the product
//
// Each back end's source (engine_*.cc) defines such a W in an anonymous namespace, inside a region
// compiled for its processor, and includes the lanes_*.h there: nothing compiled for a newer
// processor has a name that the linker could give to the rest of the program. That is also why
// these headers call nothing of the standard library that is not a constant expression.
#pragma once

// Everything between these two is compiled for a processor with the given instruction sets. GCC
// 12's own header leaves unused operands of AVX-512 intrinsics undefined and warns about it (bug
// 105593).
#define URNA_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define URNA_BEGIN_TARGET(features) \
  URNA_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define URNA_END_TARGET _Pragma("clang attribute pop")
#else
#define URNA_BEGIN_TARGET(features)                             \
  _Pragma("GCC push_options") URNA_PRAGMA(GCC target(features)) \
      _Pragma("GCC diagnostic ignored \"-Wuninitialized\"")     \
          _Pragma("GCC diagnostic ignored \"-Wmaybe-uninitialized\"")
#define URNA_END_TARGET _Pragma("GCC pop_options")
#endif
