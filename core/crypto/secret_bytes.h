// Bytes that must not be printed, compared carelessly or left behind in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/base/bytes.h"

namespace urna::crypto {

// A fixed number of secret bytes, zero at first, wiped when it goes. Move-only; the moved-from one
// is empty. Has no == and no printing on purpose: compare with ConstantTimeEqual.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size);
  static SecretBytes CopyOf(ByteSpan bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }

  // Whoever takes the span takes care that nothing of it is copied to ordinary memory.
  ByteSpan ExposeSpan() const { return ByteSpan(data_.get(), size_); }
  std::span<uint8_t> MutableSpan() { return std::span<uint8_t>(data_.get(), size_); }

 private:
  void Wipe();

  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0;
};

// Whether both have the same length and bytes; takes the same time wherever they differ.
bool ConstantTimeEqual(ByteSpan a, ByteSpan b);

// Overwrites with zeros, and the compiler cannot leave it out.
void Wipe(std::span<uint8_t> bytes);

}  // namespace urna::crypto
