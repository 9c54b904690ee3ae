// The CPU backend's products of integer matrices, apart from the other kernels because they take long to
// compile and many programs do not use them.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/kernel/product/gemm.hpp>
#include <lowbit/kernel/product/gemv.hpp>

namespace lowbit::inline LOWBIT_ABI::backend {

/// All are noexcept, allocate nothing, and exact modulo 2^32 on every instruction set.
struct CpuProduct {
  template <class Code>
  static kernel::Packing packing() noexcept {
    LOWBIT_DISPATCH(LOWBIT_PRODUCT_KERNELS, packing<Code>())
  }
  template <class Code>
  static void pack(const kernel::CodeView<Code>& w, kernel::packed_t<Code>* y, std::int32_t* sums) noexcept {
    LOWBIT_DISPATCH(LOWBIT_PRODUCT_KERNELS, pack(w, y, sums))
  }
  template <class Code>
  static void unpack(const kernel::packed_t<Code>* w, std::size_t columns, std::size_t depth,
                     Code* y) noexcept {
    LOWBIT_DISPATCH(LOWBIT_PRODUCT_KERNELS, unpack<Code>(w, columns, depth, y))
  }
  template <class Code, class Epilogue, class Out>
  static void multiply(const kernel::CodeView<Code>& a, const kernel::PerUnit<std::int32_t>& zero_points,
                       const kernel::PackedColumns<kernel::packed_t<Code>>& w,
                       const kernel::ProductRange& range, const Epilogue& epilogue,
                       const kernel::ProductSink<Out>& out, void* workspace) noexcept {
    LOWBIT_DISPATCH(LOWBIT_PRODUCT_KERNELS, multiply(a, zero_points, w, range, epilogue, out, workspace))
  }
  template <class W, class X, class Epilogue, class Out>
  static void multiply_vector(const kernel::CodeView<W>& w, const kernel::PerUnit<std::int32_t>& zero_points,
                              const kernel::ProductVector<X>& x, std::size_t first, std::size_t last,
                              const Epilogue& epilogue, const kernel::ProductSink<Out>& out) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, multiply_vector(w, zero_points, x, first, last, epilogue, out))
  }
  template <class A, class B>
  static std::int32_t dot(const A* a, const B* b, std::size_t n) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, dot(a, b, n))
  }
  template <class A>
  static std::int32_t sum(const A* a, std::size_t n) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, sum(a, n))
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::backend
