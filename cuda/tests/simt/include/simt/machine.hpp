// The emulated device as kernels see it, and its settings for tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>

#include <simt/vector_types.hpp>

namespace simt {

/// The order in which threads of a block, and blocks of a grid, are scheduled. A thread runs until it has to
/// wait for others. `random` draws an order for each round from the seed, and skips threads at random.
enum class Order { ascending, descending, random };

struct Settings {
  Order order = Order::ascending;
  std::uint32_t seed = 1;
  int devices = 1;
  int multiprocessors = 2;                    ///< few, so that small inputs fill more than one wave of blocks
  int blocks_per_multiprocessor = 2;          ///< what the occupancy query answers
  std::size_t memory = std::size_t{1} << 40;  ///< cudaMalloc fails beyond it; untouched pages cost nothing
  int failing_launches = 0;                   ///< so many launches fail with cudaErrorLaunchOutOfResources
  /// Blocks for which it returns false are skipped, to run only the ends of a grid of millions of blocks.
  std::function<bool(uint3 block)> runs;
};
Settings& settings() noexcept;

/// Behaviour of a kernel that the CUDA documentation calls an error or undefined. Thrown by the launch, or by
/// the call that waits for the stream.
class Violation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Counts since the program began, to see that something ran.
struct Statistics {
  std::uint64_t launches = 0, blocks = 0, barriers = 0, collectives = 0;
};
const Statistics& statistics() noexcept;

/// What a thread waits for.
enum class Operation : unsigned char {
  none,
  syncthreads,
  syncwarp,
  shuffle,
  shuffle_up,
  shuffle_down,
  shuffle_xor,
  ballot,
  any,
  all,
  reduce_add,
  reduce_min,
  reduce_max,
  reduce_min_signed,
  reduce_max_signed,
  reduce_and,
  reduce_or,
  reduce_xor
};

struct Site {
  const char* file;
  int line;
};

/// Waits for every thread of the block that has not exited.
void barrier(Site site);
/// Waits for the lanes of `mask`, then returns the value of lane `source`, a vote, or a reduction.
std::uint64_t collective(Operation operation, std::uint32_t mask, std::uint64_t value, unsigned source,
                         Site site);
unsigned lane() noexcept;
/// Ends the launch with a Violation.
[[noreturn]] void fail(const char* what, Site site);

struct Grid {
  const void* kernel;  ///< finds its shared arrays
  dim3 blocks, threads;
};
/// Runs `body` once for every thread of every block.
void run(const Grid& grid, const std::function<void()>& body);

namespace detail {
inline uint3 thread_index{}, block_index{};
inline dim3 block_shape, grid_shape;
}  // namespace detail
}  // namespace simt

inline const uint3& threadIdx = simt::detail::thread_index;
inline const uint3& blockIdx = simt::detail::block_index;
inline const dim3& blockDim = simt::detail::block_shape;
inline const dim3& gridDim = simt::detail::grid_shape;
inline constexpr int warpSize = 32;
