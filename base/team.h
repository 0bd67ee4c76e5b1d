// Threads that share queues of jobs with the one that fills them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace ncli {

// The jobs of one queue run one after another in the order of post(), those of
// different queues side by side. The thread that posts takes its part of the
// work whenever it would have to wait, so that as many threads run as there
// are cores: more would take turns, fewer would leave a core idle.
// The first exception of a job ends the work: later jobs are dropped.
class Team {
 public:
  explicit Team(std::size_t queues);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  void post(std::size_t queue, std::function<void()> job);

  // Works on the queues until `ready()`, which must change only by jobs or
  // together with a call of wake(). Throws what a job threw.
  void work_until(const std::function<bool()>& ready);

  // Something that a work_until() waits for may have come.
  void wake();

  // Works until all jobs are done; throws what a job threw.
  void finish();

 private:
  struct Queue {
    std::list<std::function<void()>> jobs;
    bool is_busy = false;
  };
  bool run_one(std::unique_lock<std::mutex>& lock);
  void drop_jobs(const std::exception_ptr& failure,
                 std::unique_lock<std::mutex>& lock);
  void help();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Queue> queues_;
  std::exception_ptr failure_;
  bool closed_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace ncli
