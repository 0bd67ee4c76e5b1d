// Bytes in and bytes out: random-access sources and buffered sinks, the two
// ends that all of ncli's bulk data flows between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ncli {

// Immutable bytes of known size. Safe to read from several threads at once.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out` from `offset`. Throws E19 when the bytes cannot be read, also
  // when they end early (the file shrank).
  virtual void read_at(std::uint64_t offset,
                       std::span<std::byte> out) const = 0;
};

// A part of another source, which it keeps alive. Throws E19 when the part is
// not inside the source.
class SliceSource final : public ByteSource {
 public:
  SliceSource(std::shared_ptr<const ByteSource> source, std::uint64_t offset,
              std::uint64_t size);
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::shared_ptr<const ByteSource> source_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

// Bytes in memory, owned.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::string bytes_;
};

// True when [offset, offset + length) lies inside [0, size), without overflow.
constexpr bool fits(std::uint64_t offset, std::uint64_t length,
                    std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

// The whole source as text; the caller has checked that it is small.
std::string read_all(const ByteSource& source);

// A buffered output. A producer either copies bytes in by write() or fills the
// free space in place: space(), then commit().
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Free space to fill, never empty; valid until the next call.
  virtual std::span<std::byte> space() = 0;
  // The first `count` bytes of space() are output now.
  virtual void commit(std::size_t count) = 0;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void write_zeros(std::uint64_t count);
  // Copies `length` bytes of `source` from `offset` on.
  void write_from(const ByteSource& source, std::uint64_t offset,
                  std::uint64_t length);
};

// A sink that calls `Consume(std::span<const std::byte>)` for each full buffer
// and, by flush(), for the rest.
template <class Consume>
class BufferedSink final : public ByteSink {
 public:
  BufferedSink(std::size_t capacity, Consume consume)
      : buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity)),
        capacity_(capacity),
        consume_(std::move(consume)) {}

  std::span<std::byte> space() override {
    return {buffer_.get() + used_, capacity_ - used_};
  }
  void commit(std::size_t count) override {
    used_ += count;
    if (used_ == capacity_) flush();
  }
  void flush() {
    if (used_ != 0) consume_(std::span<const std::byte>(buffer_.get(), used_));
    used_ = 0;
  }

 private:
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  Consume consume_;
};

}  // namespace ncli
