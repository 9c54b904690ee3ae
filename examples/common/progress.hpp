// One line of progress on a terminal, redrawn in place; silent where stderr is a pipe or a file.
#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

namespace example {

/// Counts steps from any number of threads. The line goes away when the object does.
class Progress {
 public:
  Progress(std::string label, long total) : label_(std::move(label)), total_(total) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (drawn_) std::fprintf(stderr, "\r\033[K");
  }

  void step() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    const auto now = Clock::now();
    if (!terminal_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    drawn_ = true;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double share = static_cast<double>(done_) / static_cast<double>(total_);
    std::fprintf(stderr, "\r%s %3.0f %%, %.0f s, about %.0f s to go \033[K", label_.c_str(), 100 * share,
                 seconds, seconds / share - seconds);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  long total_, done_ = 0;
  bool terminal_ = isatty(STDERR_FILENO) == 1, drawn_ = false;
  std::mutex mutex_;
  Clock::time_point begin_ = Clock::now(), next_ = begin_ + std::chrono::milliseconds(200);
};

}  // namespace example
