// SHA-512 (FIPS 180-4) of several messages side by side, one lane of a vector each: the algorithm
// once, for any vector. docs/protocol.md §2.
//
// Not for general use: sha512_batch.h is. A file that instantiates it for a processor's vectors
// includes it *behind* its `#pragma GCC target`, so that these functions are compiled for the same
// target; hence plain arrays and no function of the standard library in here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace urna::crypto::vartime {

// FIPS 180-4 §4.2.3: the first 64 bits of the fractional parts of the cube roots of the first
// eighty primes.
inline constexpr uint64_t kSha512RoundConstants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

// `Vector` has
//   kLanes                       how many words of 64 bits a register holds
//   Register                     the register
//   Load(words), Store(words, r) kLanes words of 64 bits in memory, of any alignment
//   LoadBlocks(blocks, w)        w[t] = big-endian word t of the 128 bytes at each of kLanes places
//   Set(x)                       x in every lane
//   Add, Rotr<n>, Shr<n>         lane by lane, modulo 2^64
//   Xor3, Ch, Maj                a ⊕ b ⊕ c; a ? b : c; the majority of a, b, c: bit by bit
template <typename Vector>
struct Sha512Lanes {
  using Register = typename Vector::Register;

  // FIPS 180-4 §6.4.2 for one block of each lane. Word i of lane l stands at state[i·kLanes + l].
  static void Compress(uint64_t* state, const uint8_t* const* blocks) {
    Register w[16];
    Vector::LoadBlocks(blocks, w);
    Register s[8];
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) s[i] = Vector::Load(state + i * Vector::kLanes);
    for (size_t t = 0; t < 64; t += 16) {
#pragma GCC unroll 16
      for (size_t i = 0; i < 16; ++i) {
        Round(s, i, Vector::Add(w[i], Vector::Set(kSha512RoundConstants[t + i])));
        w[i] = Vector::Add(Vector::Add(w[i], SmallSigma0(w[(i + 1) % 16])),
                           Vector::Add(w[(i + 9) % 16], SmallSigma1(w[(i + 14) % 16])));
      }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; ++i) {
      Round(s, i, Vector::Add(w[i], Vector::Set(kSha512RoundConstants[64 + i])));
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) {
      uint64_t* const words = state + i * Vector::kLanes;
      Vector::Store(words, Vector::Add(Vector::Load(words), s[i]));
    }
  }

 private:
  // Round number i modulo 8, with the word W + K. Instead of moving a … h by one, their names move:
  // a is s[-i], b is s[1-i] and so on.
  [[gnu::always_inline]] static inline void Round(Register* s, size_t i, Register word) {
    Register& a = s[(8 - i % 8) % 8];
    Register& b = s[(9 - i % 8) % 8];
    Register& c = s[(10 - i % 8) % 8];
    Register& d = s[(11 - i % 8) % 8];
    Register& e = s[(12 - i % 8) % 8];
    Register& f = s[(13 - i % 8) % 8];
    Register& g = s[(14 - i % 8) % 8];
    Register& h = s[(15 - i % 8) % 8];
    const Register t1 =
        Vector::Add(Vector::Add(h, word), Vector::Add(Vector::Ch(e, f, g), BigSigma1(e)));
    d = Vector::Add(d, t1);
    h = Vector::Add(t1, Vector::Add(BigSigma0(a), Vector::Maj(a, b, c)));
  }

  // §4.1.3
  [[gnu::always_inline]] static inline Register BigSigma0(Register x) {
    return Vector::Xor3(Vector::template Rotr<28>(x), Vector::template Rotr<34>(x),
                        Vector::template Rotr<39>(x));
  }
  [[gnu::always_inline]] static inline Register BigSigma1(Register x) {
    return Vector::Xor3(Vector::template Rotr<14>(x), Vector::template Rotr<18>(x),
                        Vector::template Rotr<41>(x));
  }
  [[gnu::always_inline]] static inline Register SmallSigma0(Register x) {
    return Vector::Xor3(Vector::template Rotr<1>(x), Vector::template Rotr<8>(x),
                        Vector::template Shr<7>(x));
  }
  [[gnu::always_inline]] static inline Register SmallSigma1(Register x) {
    return Vector::Xor3(Vector::template Rotr<19>(x), Vector::template Rotr<61>(x),
                        Vector::template Shr<6>(x));
  }
};

}  // namespace urna::crypto::vartime
