#include "base/block-pool.h"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace ncli {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Memory in few pages, where the kernel has huge ones: touching a page for the
// first time is dear, above all in a virtual machine.
std::byte* map(std::size_t size) {
  void* const memory = ::mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* const bytes = static_cast<std::byte*>(memory);
  const std::size_t before =
      kHugePage - reinterpret_cast<std::uintptr_t>(bytes) % kHugePage;
  ::munmap(bytes, before);
  if (before != kHugePage) {
    ::munmap(bytes + before + size, kHugePage - before);
  }
  ::madvise(bytes + before, size, MADV_HUGEPAGE);
  return bytes + before;
}

}  // namespace

void BlockPool::Unmap::operator()(std::byte* memory) const {
  ::munmap(memory, size);
}

BlockPool::BlockPool(std::size_t count, std::size_t size,
                     std::function<void()> on_release)
    : memory_(map(count * size), Unmap{count * size}),
      on_release_(std::move(on_release)) {
  for (std::size_t i = count; i-- > 0;) {
    free_.push_back(memory_.get() + i * size);
  }
}

std::byte* BlockPool::take() {
  std::byte* const block = free_.back();
  free_.pop_back();
  return block;
}

// Never under a lock: when there is no memory to count the references, the
// block goes back at once.
std::shared_ptr<std::byte[]> BlockPool::own(std::byte* block) {
  return {block, [this](std::byte* used) { release(used); }};
}

std::shared_ptr<std::byte[]> BlockPool::acquire() {
  std::unique_lock lock(mutex_);
  available_.wait(lock, [this] { return !free_.empty(); });
  std::byte* const block = take();
  lock.unlock();
  return own(block);
}

std::byte* BlockPool::try_take() {
  const std::lock_guard lock(mutex_);
  return free_.empty() ? nullptr : take();
}

void BlockPool::release(std::byte* block) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(block);
  }
  available_.notify_one();
  if (on_release_) on_release_();
}

}  // namespace ncli
