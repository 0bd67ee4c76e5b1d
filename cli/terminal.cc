#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"

namespace ncli::cli {
namespace {

constexpr auto kRedrawInterval = std::chrono::milliseconds(100);
constexpr std::size_t kBarWidth = 24;

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

Terminal::Terminal() : is_terminal_(::isatty(STDERR_FILENO) == 1) {}

Terminal::~Terminal() { erase(); }

void Terminal::clear_bar() {
  const std::lock_guard lock(mutex_);
  erase();
}

void Terminal::erase() {
  if (bar_shown_) put("\r\x1b[K");
  bar_shown_ = false;
}

void Terminal::note(std::string_view text) {
  const std::lock_guard lock(mutex_);
  erase();
  put(cat(text, "\n"));
}

void Terminal::warn(const std::string& text) {
  note(cat("Warning: ", text, "."));
}

void Terminal::progress(std::string_view step, std::uint64_t done,
                        std::uint64_t total) {
  if (!is_terminal_ || total == 0) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (step != step_) {
    step_ = step;
    step_start_ = now;
  } else if (now - last_drawn_ < kRedrawInterval) {
    return;
  }
  last_drawn_ = now;
  draw_bar(std::min(done, total), total, now);
}

void Terminal::draw_bar(std::uint64_t done, std::uint64_t total,
                        Clock::time_point now) {
  const double part = static_cast<double>(done) / static_cast<double>(total);
  const double seconds =
      std::chrono::duration<double>(now - step_start_).count();
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  std::string bar(filled, '#');
  bar.resize(kBarWidth, '.');
  std::string line =
      cat("\r\x1b[K", step_, " [", bar, "] ", static_cast<int>(part * 100),
          "% ", human_size(done), " of ", human_size(total));
  if (seconds > 0.2 && done != 0) {
    const double rate = static_cast<double>(done) / seconds;
    const auto left = static_cast<std::uint64_t>(
        static_cast<double>(total - done) / rate + 0.5);
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%d:%02d",
                  static_cast<int>(left / 60), static_cast<int>(left % 60));
    line += cat(", ", human_size(static_cast<std::uint64_t>(rate)), "/s, ",
                time.data(), " left");
  }
  put(line);
  bar_shown_ = true;
}

}  // namespace ncli::cli
