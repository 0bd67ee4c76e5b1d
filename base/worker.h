// A thread that works off a queue of jobs in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace ncli {

// Jobs run one after another, in the order of post(). The first exception of
// a job ends the work: later jobs are dropped, finish() throws it.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker() { close(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      if (failure_) return;
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

  // Throws what a job threw so far.
  void check() {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

  // Waits for all jobs; throws what a job threw. No post() after it.
  void finish() {
    close();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      std::exception_ptr failure;
      try {
        job();
      } catch (...) {
        failure = std::current_exception();
      }
      job = nullptr;  // what it holds is given back outside the lock
      lock.lock();
      if (failure) {
        failure_ = failure;
        jobs_.clear();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::exception_ptr failure_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace ncli
