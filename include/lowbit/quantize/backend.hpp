// Which backend works on a tensor: the CPU, unless its type says that it lies in other memory.
#pragma once
#include <lowbit/core/abi.hpp>

#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

namespace backend {
struct Cpu;
}

/// Names the backend that works on a tensor X: the CPU. Specialize it for a view of memory that the CPU does
/// not read. The backend has
///
///     template <class Q>
///     static auto quantize(const Q& quantizer, const X& x, const Options& options);
///
/// and Quantizer::quantize returns what that returns.
template <class X>
struct BackendFor {
  using type = backend::Cpu;  ///< the backend
};

/// A tensor with a backend of its own: one in the memory of another device.
template <class X>
concept DeviceTensorLike = !std::is_same_v<typename BackendFor<X>::type, backend::Cpu>;

}  // namespace lowbit::inline LOWBIT_ABI
