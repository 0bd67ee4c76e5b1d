// What ncli says on stderr while it works: lines, warnings and, on a terminal,
// a progress bar.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/observer.h"

namespace ncli::cli {

class Terminal final : public Observer {
 public:
  Terminal();
  ~Terminal() override;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void progress(std::string_view step, std::uint64_t done,
                std::uint64_t total) override;
  void note(std::string_view text) override;
  void warn(const std::string& text) override;
  // Before something else is written to the terminal.
  void clear_bar();

 private:
  using Clock = std::chrono::steady_clock;
  void erase();
  void draw_bar(std::uint64_t done, std::uint64_t total, Clock::time_point now);

  std::mutex mutex_;
  bool is_terminal_;
  bool bar_shown_ = false;
  std::string step_;
  Clock::time_point step_start_;
  Clock::time_point last_drawn_;
};

}  // namespace ncli::cli
