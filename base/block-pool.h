// Reusable blocks of memory that several threads read at once: what bounds the
// memory of ncli's pipes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace ncli {

// A fixed number of blocks. A block goes back by dropping its last reference.
// The pool must outlive its blocks.
class BlockPool {
 public:
  static constexpr std::size_t kBlockSize = std::size_t{256} << 10;

  explicit BlockPool(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      free_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockSize));
    }
  }

  // A free block of kBlockSize bytes; waits until there is one.
  std::shared_ptr<std::byte[]> acquire() {
    std::unique_lock lock(mutex_);
    available_.wait(lock, [this] { return !free_.empty(); });
    std::byte* const block = free_.back().release();
    free_.pop_back();
    return {block, [this](std::byte* used) { release(used); }};
  }

 private:
  void release(std::byte* block) {
    {
      const std::lock_guard lock(mutex_);
      free_.emplace_back(block);
    }
    available_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable available_;
  std::vector<std::unique_ptr<std::byte[]>> free_;
};

}  // namespace ncli
