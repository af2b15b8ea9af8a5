// Constants of edwards25519 and ristretto255 (RFC 9496 §4.1) as limbs; the tests derive each one
// from its definition.
#pragma once

#include "core/crypto/vartime/field51.h"

namespace urna::crypto::vartime {

// d = -121665/121666
inline constexpr Field kD{
    {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff}};
// 2·d
inline constexpr Field kTwoD{
    {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff}};
// i, the non-negative square root of -1
inline constexpr Field kSqrtM1{
    {0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d}};
// 1/sqrt(a - d) with a = -1, non-negative
inline constexpr Field kInvSqrtAMinusD{
    {0xfdaa805d40ea, 0x2eb482e57d339, 0x7610274bc58, 0x6510b613dc8ff, 0x786c8905cfaff}};
// The base point: y = 4/5, x non-negative, x·y
inline constexpr Field kBaseX{
    {0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5}};
inline constexpr Field kBaseY{
    {0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666}};
inline constexpr Field kBaseXY{
    {0x68ab3a5b7dda3, 0xeea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7}};

}  // namespace urna::crypto::vartime
