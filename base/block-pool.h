// Reusable blocks of memory that several threads read at once: what bounds the
// memory of ncli's pipes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace ncli {

// A fixed number of blocks. A block goes back by dropping its last reference.
// The pool must outlive its blocks.
class BlockPool {
 public:
  // `count` blocks of `size` bytes, which begin at multiples of it (a power of
  // two up to 2 MiB), as direct writing wants it. `on_release` is called,
  // without a lock, for every block that goes back.
  BlockPool(std::size_t count, std::size_t size,
            std::function<void()> on_release = {});

  // A free block; waits until there is one.
  std::shared_ptr<std::byte[]> acquire();
  // A free block for own(); null when there is none.
  std::byte* try_take();
  // The block as one that goes back.
  std::shared_ptr<std::byte[]> own(std::byte* block);

 private:
  struct Unmap {
    std::size_t size;
    void operator()(std::byte* memory) const;
  };
  std::byte* take();
  void release(std::byte* block);

  std::unique_ptr<std::byte[], Unmap> memory_;
  std::mutex mutex_;
  std::condition_variable available_;
  std::vector<std::byte*> free_;
  std::function<void()> on_release_;
};

}  // namespace ncli
