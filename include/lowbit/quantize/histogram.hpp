// The histogram of a tensor.
#pragma once
#include <lowbit/execute/observe.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/observe/histogram.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/eigen_tensor.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Counts the elements of x, rounded to float, in the bins that Histogram describes; values that are not
/// finite are left out. The same histogram whatever the storage order. Throws std::invalid_argument for fewer
/// than 2 bins. O(size).
template <class X>
Histogram histogram(const X& x, int bins = Histogram::default_bins) {
  decltype(auto) source = detail::source_of(x);
  detail::Observation<Histogram> counted(Histogram(bins), 1);
  detail::observe(counted, source.view, detail::layout_of(PerTensor{}, source.view.shape), PerTensor{});
  return counted[0];
}

}  // namespace lowbit::inline LOWBIT_ABI
