#include "base/worker.h"

#include <system_error>
#include <utility>

#include "base/error.h"

namespace ncli {

std::exception_ptr run_job(std::function<void()> job) noexcept {
  try {
    job();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

Worker::Worker() {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    throw errno_error(ErrorCode::kProcessSpawn, "cannot start a thread",
                      error.code().value(),
                      "raise the limit of processes (ulimit -u, or the pids "
                      "limit of the container) or of memory (ulimit -v)");
  }
}

Worker::~Worker() {
  is_abandoned_ = true;
  {
    std::unique_lock lock(mutex_);
    drop_jobs(lock);
  }
  close();
}

void Worker::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Worker::check() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

void Worker::finish() {
  close();
  if (failure_) std::rethrow_exception(failure_);
}

void Worker::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// What jobs hold is given back outside the lock.
void Worker::drop_jobs(std::unique_lock<std::mutex>& lock) {
  std::list<std::function<void()>> dropped;
  dropped.swap(jobs_);
  lock.unlock();
  dropped.clear();
  lock.lock();
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const std::exception_ptr failure = run_job(std::move(job));
    lock.lock();
    if (failure) {
      failure_ = failure;
      drop_jobs(lock);
    }
  }
}

}  // namespace ncli
