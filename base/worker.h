// A thread that works off a queue of jobs in order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace ncli {

// Runs a job and gives back what it holds; returns what it threw, or null.
std::exception_ptr run_job(std::function<void()> job) noexcept;

// Jobs run one after another, in the order of post(). The first exception of
// a job ends the work: later jobs are dropped, finish() throws it.
class Worker {
 public:
  // E05 when the thread cannot be started.
  Worker();
  // Drops the jobs that were not begun.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> job);

  // Throws what a job threw so far.
  void check();

  // Waits for all jobs; throws what a job threw. No post() after it.
  void finish();

  // For long jobs: whether nobody waits for them any more.
  bool is_abandoned() const { return is_abandoned_; }

 private:
  void close();
  void run();
  void drop_jobs(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::function<void()>> jobs_;
  std::exception_ptr failure_;
  bool closed_ = false;
  std::atomic<bool> is_abandoned_ = false;
  std::thread thread_;
};

}  // namespace ncli
