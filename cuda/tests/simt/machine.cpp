#include <simt/machine.hpp>

#include <bit>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fiber.hpp"
#include "permutation.hpp"
#include "shared_memory.hpp"
#include "stacks.hpp"

extern "C" [[gnu::weak]] int __asan_address_is_poisoned(const volatile void* address);

namespace simt {
namespace {

enum class State : unsigned char { ready, waits_for_block, waits_for_warp, exited };

struct Thread {
  Fiber fiber;
  State state = State::ready;
  Operation operation = Operation::none;
  std::uint32_t mask = 0;
  unsigned source = 0;
  std::uint64_t value = 0, result = 0;
  Site site{};
  uint3 index{};
};

/// What threads synchronize with, for ThreadSanitizer: it tells addresses apart that are 8 bytes apart.
using Key = std::uint64_t;

struct Warp {
  std::uint32_t lanes = 0, waiting = 0, exited = 0;
  // Two, since lanes arrive at the next __syncwarp before others have left this one.
  Key arrivals = 0, opened = 0;
};

const char* name_of(Operation o) {
  switch (o) {
    case Operation::none:
      return "nothing";
    case Operation::syncthreads:
      return "__syncthreads";
    case Operation::syncwarp:
      return "__syncwarp";
    case Operation::shuffle:
      return "__shfl_sync";
    case Operation::shuffle_up:
      return "__shfl_up_sync";
    case Operation::shuffle_down:
      return "__shfl_down_sync";
    case Operation::shuffle_xor:
      return "__shfl_xor_sync";
    case Operation::ballot:
      return "__ballot_sync";
    case Operation::any:
      return "__any_sync";
    case Operation::all:
      return "__all_sync";
    case Operation::reduce_add:
      return "__reduce_add_sync";
    case Operation::reduce_min:
    case Operation::reduce_min_signed:
      return "__reduce_min_sync";
    case Operation::reduce_max:
    case Operation::reduce_max_signed:
      return "__reduce_max_sync";
    case Operation::reduce_and:
      return "__reduce_and_sync";
    case Operation::reduce_or:
      return "__reduce_or_sync";
    case Operation::reduce_xor:
      return "__reduce_xor_sync";
  }
  return "?";
}

std::string hex(std::uint32_t mask) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}
std::string at(Site s) {
  return s.file == nullptr ? "" : std::string(" at ") + s.file + ":" + std::to_string(s.line);
}
std::string text_of(uint3 i) {
  return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

class Machine {
 public:
  static Machine& instance() {
    static Machine machine;
    return machine;
  }

  void run(const Grid& grid, const std::function<void()>& body) {
    if (body_ != nullptr) throw Violation("simt: a kernel launches a kernel, which is not modelled");
    const uint3 shape = grid.blocks;
    const std::uint64_t blocks = std::uint64_t{shape.x} * shape.y * shape.z;
    if (blocks > std::uint64_t{1} << 32) throw Violation("simt: so large a grid is not modelled");
    body_ = &body;
    shared_ = shared_arrays(grid.kernel);
    threads_in_block_ = grid.threads.x * grid.threads.y * grid.threads.z;
    detail::grid_shape = grid.blocks;
    detail::block_shape = grid.threads;
    struct Finish {
      Machine& m;
      ~Finish() {
        m.body_ = nullptr;
        m.current_ = nullptr;
      }
    } finish{*this};
    ++statistics_.launches;
    Random random(settings().seed + static_cast<std::uint32_t>(statistics_.launches));
    const Permutation order(settings().order, blocks, random);
    for (std::uint64_t k = 0; k < blocks; ++k) {
      const std::uint64_t b = order(k);
      const uint3 index{static_cast<unsigned>(b % shape.x), static_cast<unsigned>(b / shape.x % shape.y),
                        static_cast<unsigned>(b / shape.x / shape.y)};
      if (settings().runs && !settings().runs(index)) continue;
      detail::block_index = index;
      run_block(random);
    }
  }

  void barrier(Site site) {
    Thread& t = current("__syncthreads");
    ++statistics_.barriers;
    t.operation = Operation::syncthreads;
    t.site = site;
    t.state = State::waits_for_block;
    happens_before(&arrivals_at_barrier_);
    wait(t);
    happens_after(&barrier_opened_);
  }

  std::uint64_t collective(Operation operation, std::uint32_t mask, std::uint64_t value, unsigned source,
                           Site site) {
    Thread& t = current(name_of(operation));
    Warp& w = warp_of(t);
    const std::uint32_t bit = std::uint32_t{1} << lane();
    ++statistics_.collectives;
    t.operation = operation;
    t.mask = mask;
    t.source = source;
    t.value = value;
    t.site = site;
    if ((mask & bit) == 0) fail(t, "the mask does not name the calling lane");
    if ((mask & ~w.lanes) != 0) fail(t, "the mask names lanes that the block does not have");
    if ((mask & w.exited) != 0) fail(t, "the mask names lanes that have exited");
    w.waiting |= bit;
    if (operation == Operation::syncwarp) happens_before(&w.arrivals);
    if (everyone_is_there(t, w)) {
      complete(t, w);
      if (operation == Operation::syncwarp) {
        happens_after(&w.arrivals);
        happens_before(&w.opened);
      }
    } else {
      t.state = State::waits_for_warp;
      wait(t);
    }
    if (operation == Operation::syncwarp) happens_after(&w.opened);
    return t.result;
  }

  unsigned lane() const { return static_cast<unsigned>(current_ - threads_.get()) % 32; }

  [[noreturn]] void fail(const char* what, Site site) {
    Thread& t = current("a kernel's check");
    t.site = site;
    t.operation = Operation::none;
    fail(t, what);
  }

  Settings settings_;
  Statistics statistics_;
  static Settings& settings() { return instance().settings_; }

 private:
  Thread& current(const char* what) {
    if (current_ == nullptr) throw Violation(std::string("simt: ") + what + " outside of a kernel");
    return *current_;
  }
  std::size_t number_of(const Thread& t) const { return static_cast<std::size_t>(&t - threads_.get()); }
  Warp& warp_of(const Thread& t) { return warps_[number_of(t) / 32]; }
  Thread& lane_of(const Thread& t, unsigned lane) { return threads_[number_of(t) / 32 * 32 + lane]; }
  template <class F>
  void for_each_lane(const Thread& t, std::uint32_t mask, F&& f) {
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
      const auto l = static_cast<unsigned>(std::countr_zero(rest));
      f(l, lane_of(t, l));
    }
  }

  bool everyone_is_there(const Thread& t, const Warp& w) {
    if ((t.mask & ~w.waiting) != 0) return false;
    bool same = true;
    for_each_lane(t, t.mask,
                  [&](unsigned, const Thread& o) { same &= o.operation == t.operation && o.mask == t.mask; });
    return same;
  }

  void complete(Thread& t, Warp& w) {
    const std::uint64_t reduced = reduce(t);
    for_each_lane(t, t.mask, [&](unsigned, Thread& o) {
      o.result = reduced;
      if (t.operation >= Operation::shuffle && t.operation <= Operation::shuffle_xor) {
        if ((t.mask >> o.source & 1) == 0) fail(o, "reads from a lane that is not in the mask, ", o.source);
        o.result = lane_of(t, o.source).value;
      }
      o.state = State::ready;
    });
    w.waiting &= ~t.mask;
  }

  std::uint64_t reduce(const Thread& t) {
    std::uint32_t ballot = 0;
    auto r = static_cast<std::uint32_t>(t.value);
    for_each_lane(t, t.mask, [&](unsigned l, const Thread& o) {
      const auto v = static_cast<std::uint32_t>(o.value);
      ballot |= (v != 0 ? std::uint32_t{1} : 0) << l;
      if (&o == &t) return;
      switch (t.operation) {
        case Operation::reduce_add:
          r += v;
          break;
        case Operation::reduce_min:
          r = std::min(r, v);
          break;
        case Operation::reduce_max:
          r = std::max(r, v);
          break;
        case Operation::reduce_min_signed:
          if (std::int32_t(v) < std::int32_t(r)) r = v;
          break;
        case Operation::reduce_max_signed:
          if (std::int32_t(v) > std::int32_t(r)) r = v;
          break;
        case Operation::reduce_and:
          r &= v;
          break;
        case Operation::reduce_or:
          r |= v;
          break;
        case Operation::reduce_xor:
          r ^= v;
          break;
        default:
          break;
      }
    });
    switch (t.operation) {
      case Operation::ballot:
        return ballot;
      case Operation::any:
        return ballot != 0 ? 1 : 0;
      case Operation::all:
        return ballot == t.mask ? 1 : 0;
      default:
        return r;
    }
  }

  static std::string describe(const Thread& t) {
    std::string text = "block " + text_of(detail::block_index) + ", thread " + text_of(t.index);
    if (t.operation != Operation::none) text += std::string(", ") + name_of(t.operation);
    if (t.operation > Operation::syncthreads) text += ", mask " + hex(t.mask);
    return text + at(t.site);
  }

  // Leaves the thread's stack as it is, so nothing there may own memory.
  [[noreturn]] void fail(const Thread& t, const char* what, std::optional<unsigned> number = {}) {
    failed_ = &t;
    what_failed_ = what;
    number_failed_ = number;
    current_->state = State::exited;
    happens_before(&end_of_block_);
    current_->fiber.leave_for_good();
  }

  // A launch that fails never hears of the threads that still wait, so all that they did goes before its end
  // here.
  void wait(Thread& t) {
    happens_before(&end_of_block_);
    t.fiber.leave();
  }

  static void thread_main() {
    Machine& m = instance();
    m.current_->fiber.arrived();
    (*m.body_)();
    m.exit_thread();
  }
  [[noreturn]] void exit_thread() {
    Thread& t = *current_;
    t.state = State::exited;
    warp_of(t).exited |= std::uint32_t{1} << lane();
    happens_before(&end_of_block_);
    t.fiber.leave_for_good();
  }

  void start_block() {
    poison();
    for (std::size_t w = 0; w < max_threads / 32; ++w) warps_[w] = {};
    const dim3 shape = detail::block_shape;
    for (unsigned i = 0; i < threads_in_block_; ++i) {
      Thread& t = threads_[i];
      t.state = State::ready;
      t.operation = Operation::none;
      t.site = {};
      t.index = {i % shape.x, i / shape.x % shape.y, i / shape.x / shape.y};
      t.fiber.start(stacks_[i], stacks_.usable(), &thread_main);
      warps_[i / 32].lanes |= std::uint32_t{1} << i % 32;
    }
  }

  void run_block(Random& random) {
    ++statistics_.blocks;
    violation_.clear();
    failed_ = nullptr;
    start_block();
    while (run_round(random)) {}
    happens_after(&end_of_block_);
    if (violation_.empty()) return;
    for (unsigned i = 0; i < threads_in_block_; ++i) threads_[i].fiber.abandon();
    throw Violation(violation_);
  }

  /// Runs every thread that is not waiting; returns false when all have exited.
  bool run_round(Random& random) {
    const Permutation order(settings_.order, threads_in_block_, random);
    bool progress = false;
    for (unsigned k = 0; k < threads_in_block_; ++k) {
      Thread& t = threads_[order(k)];
      if (t.state != State::ready) continue;
      progress = true;
      if (settings_.order == Order::random && random() % 4 == 0) continue;
      current_ = &t;
      detail::thread_index = t.index;
      t.fiber.enter();
      if (failed_ == nullptr) continue;
      violation_ = "simt: " + describe(*failed_) + ": " + what_failed_;
      if (number_failed_) violation_ += std::to_string(*number_failed_);
      return false;
    }
    return progress || release_barrier();
  }

  /// When no thread can run: opens the barrier at which all wait, or reports why there is none.
  bool release_barrier() {
    const Thread* first = nullptr;
    for (unsigned i = 0; i < threads_in_block_; ++i) {
      const Thread& t = threads_[i];
      if (t.state == State::waits_for_warp) return explain(t);
      if (t.state != State::waits_for_block) continue;
      if (first == nullptr) first = &t;
      if (t.site.line != first->site.line || std::strcmp(t.site.file, first->site.file) != 0) {
        violation_ = "simt: " + describe(*first) + ": waits, while thread " + text_of(t.index) +
                     " waits at another barrier" + at(t.site);
        return false;
      }
    }
    if (first == nullptr) return false;
    happens_after(&arrivals_at_barrier_);
    happens_before(&barrier_opened_);
    for (unsigned i = 0; i < threads_in_block_; ++i)
      if (threads_[i].state == State::waits_for_block) threads_[i].state = State::ready;
    return true;
  }

  bool explain(const Thread& t) {
    violation_ = "simt: " + describe(t) + ": waits forever";
    bool found = false;
    for_each_lane(t, t.mask, [&](unsigned l, const Thread& o) {
      if (found || &o == &t ||
          (o.state == State::waits_for_warp && o.operation == t.operation && o.mask == t.mask))
        return;
      found = true;
      violation_ += " for lane " + std::to_string(l);
      if (o.state == State::exited)
        violation_ += ", which has exited";
      else
        violation_ += ", which waits: " + describe(o);
    });
    return false;
  }

  // Large as float, half, bfloat16 and integer, so that a maximum shows it, too. The guards that
  // AddressSanitizer put behind an array may be part of its symbol.
  void poison() {
    for (const SharedArray& a : shared_)
      for (std::size_t i = 0; i < a.size; ++i)
        if (__asan_address_is_poisoned == nullptr || __asan_address_is_poisoned(a.start + i) == 0)
          static_cast<volatile std::byte*>(a.start)[i] = std::byte{0x7B};
  }

  static constexpr std::size_t max_threads = 1024;
  std::unique_ptr<Thread[]> threads_ = std::make_unique<Thread[]>(max_threads);
  std::unique_ptr<Warp[]> warps_ = std::make_unique<Warp[]>(max_threads / 32);
  Stacks stacks_;
  std::span<const SharedArray> shared_;
  const std::function<void()>* body_ = nullptr;
  Thread* current_ = nullptr;
  unsigned threads_in_block_ = 0;
  std::string violation_;
  const Thread* failed_ = nullptr;
  const char* what_failed_ = "";
  std::optional<unsigned> number_failed_;
  Key arrivals_at_barrier_ = 0, barrier_opened_ = 0, end_of_block_ = 0;
};

}  // namespace

Settings& settings() noexcept { return Machine::settings(); }
const Statistics& statistics() noexcept { return Machine::instance().statistics_; }
void barrier(Site site) { Machine::instance().barrier(site); }
std::uint64_t collective(Operation operation, std::uint32_t mask, std::uint64_t value, unsigned source,
                         Site site) {
  return Machine::instance().collective(operation, mask, value, source, site);
}
unsigned lane() noexcept { return Machine::instance().lane(); }
void fail(const char* what, Site site) { Machine::instance().fail(what, site); }
void run(const Grid& grid, const std::function<void()>& body) { Machine::instance().run(grid, body); }

}  // namespace simt
