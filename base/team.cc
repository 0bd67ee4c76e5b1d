#include "base/team.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/worker.h"

namespace ncli {

Team::Team(std::size_t queues) : queues_(queues) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < std::min(queues, cores - 1); ++i) {
    try {
      helpers_.emplace_back([this] { help(); });
    } catch (const std::system_error&) {
      break;  // no more threads are to be had: the others do the work
    }
  }
}

Team::~Team() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
  // What the jobs hold may call wake() when it is given back.
  for (Queue& queue : queues_) queue.jobs.clear();
}

void Team::post(std::size_t queue, std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    queues_[queue].jobs.push_back(std::move(job));
  }
  changed_.notify_one();
}

// Runs a job of the longest queue that nobody works on; false when there is
// none. The lock is free while the job runs.
bool Team::run_one(std::unique_lock<std::mutex>& lock) {
  Queue* longest = nullptr;
  for (Queue& queue : queues_) {
    if (queue.is_busy || queue.jobs.empty()) continue;
    if (!longest || queue.jobs.size() > longest->jobs.size()) longest = &queue;
  }
  if (!longest) return false;
  std::function<void()> job = std::move(longest->jobs.front());
  longest->jobs.pop_front();
  longest->is_busy = true;
  lock.unlock();
  const std::exception_ptr failure = run_job(std::move(job));
  lock.lock();
  longest->is_busy = false;
  if (failure) drop_jobs(failure, lock);
  changed_.notify_all();
  return true;
}

void Team::drop_jobs(const std::exception_ptr& failure,
                     std::unique_lock<std::mutex>& lock) {
  failure_ = failure;
  std::list<std::function<void()>> dropped;
  for (Queue& queue : queues_) dropped.splice(dropped.end(), queue.jobs);
  lock.unlock();
  dropped.clear();
  lock.lock();
}

void Team::help() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    if (!run_one(lock)) changed_.wait(lock);
  }
}

void Team::work_until(const std::function<bool()>& ready) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (failure_) std::rethrow_exception(failure_);
    if (ready()) return;
    if (!run_one(lock)) changed_.wait(lock);
  }
}

void Team::wake() {
  // Under the lock, or a thread that is about to wait would miss it.
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void Team::finish() {
  work_until([this] {
    return std::ranges::all_of(queues_, [](const Queue& queue) {
      return queue.jobs.empty() && !queue.is_busy;
    });
  });
}

}  // namespace ncli
