// Where a kernel's __shared__ arrays lie.
#pragma once
#include <cstddef>
#include <span>

namespace simt {

struct SharedArray {
  std::byte* start;
  std::size_t size;
};

/// The static arrays declared in the body of `kernel`, found in the program's own symbol table: the name of a
/// local static is made of its function's. Arrays of functions that the kernel calls are not among them.
std::span<const SharedArray> shared_arrays(const void* kernel);

}  // namespace simt
