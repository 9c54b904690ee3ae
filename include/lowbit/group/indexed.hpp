// Groups given by a list, one per index of an axis: the g_idx of GPTQ checkpoints.
#pragma once
#include <lowbit/core/shared.hpp>
#include <lowbit/group/tiling.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Groups given by a list, one per index of an axis, as the g_idx of GPTQ checkpoints. The elements with
/// index j along `axis`, and the same indices along the other axes, belong to group indices[j] there: weights
/// of [outputs, inputs] with one index per input and axis 1 have, for each output, as many groups as the list
/// names. Groups are numbered in row-major order of the shape whose extent along `axis` is the number of
/// groups in the list, the largest index + 1. Copies share the list. Throws std::invalid_argument for a
/// tensor that has another extent along the axis, or not this axis.
class Indexed {
 public:
  /// An empty list, which fits an axis of extent 0.
  Indexed() : Indexed(std::span<const Index>(), 0) {}
  /// Copies the list. Throws std::invalid_argument for a negative index.
  explicit Indexed(std::span<const Index> indices, Index axis = -1)
      : axis_{axis}, list_(std::in_place, indices) {
    for (std::size_t j = 0; j < indices.size(); ++j) {
      detail::require(indices[j] >= 0, "index ", j, " of a group is ", indices[j], ", it cannot be negative");
      detail::require(indices[j] < limit, "index ", j, " of a group is ", indices[j], ", it must be below ",
                      limit);
      groups_ = (std::max)(groups_, indices[j] + 1);
    }
  }

  Index axis() const noexcept { return axis_; }                        ///< as it was given
  std::span<const Index> indices() const& noexcept { return *list_; }  ///< the group of each index
  LOWBIT_NOT_OF_TEMPORARIES(indices)

  /// See Group.
  /// @{
  Index count(const Shape& shape) const {
    const int a = checked_axis(shape);
    if (shape.size() == 0) return 0;
    const Index lists = shape.size() / shape[a];
    detail::require(groups_ <= limit / lists, "a tensor of shape ", shape, " has ", lists, " lists of ",
                    groups_, " groups, which are more than 64 bits can count");
    return lists * groups_;
  }
  /// See Group; neighbouring indices of one group are one run.
  void for_each_run(const Shape& shape, RunVisitor f) const {
    const int a = checked_axis(shape);
    if (shape.size() == 0) return;
    detail::Tiling::Extents ones;
    ones.fill(1);
    Index after = 1;  // elements per index along the axis
    for (int k = a + 1; k < shape.rank(); ++k) after *= shape[k];
    // Elements number (i, j, k) with i before, j along, and k after the axis; so do groups.
    detail::Tiling(shape, ones).for_each_run([&](const Run& run) {
      for (Index done = 0; done < run.count;) {
        const auto group_of = [&](Index o) {
          const Index number = run.group + o * run.group_step;
          const Index i = number / (shape[a] * after), j = number / after % shape[a], k = number % after;
          return (i * groups_ + (*list_)[static_cast<std::size_t>(j)]) * after + k;
        };
        const Index group = group_of(done);
        Index end = done + 1;
        while (end < run.count && group_of(end) == group) ++end;
        f(Run{run.offset + done, end - done, group, 0});
        done = end;
      }
    });
  }
  /// @}

 private:
  static constexpr Index limit = (std::numeric_limits<Index>::max)();
  int checked_axis(const Shape& shape) const {
    const int a = shape.axis(axis_);
    detail::require(shape[a] == static_cast<Index>(list_->size()), "a list of ", list_->size(),
                    " group indices does not fit axis ", axis_, " of a tensor of shape ", shape);
    return a;
  }

  struct List : std::vector<Index> {
    explicit List(std::span<const Index> values) : std::vector<Index>(values.begin(), values.end()) {}
  };
  Index axis_;
  Index groups_ = 0;
  detail::Shared<List> list_;
};

}  // namespace lowbit::inline LOWBIT_ABI
