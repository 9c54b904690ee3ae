// Shape: the extents of a tensor of rank 0 to 8, and its traversal order.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/core/temporary.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>

namespace lowbit::inline LOWBIT_ABI {

/// The type of extents, offsets and counts: signed, as Eigen::Index.
using Index = std::ptrdiff_t;

namespace detail {
/// Numbers in brackets, such as "[2, 3]", for messages.
struct List {
  const Index* values;
  int count;
  LOWBIT_COLD void append_to(Message& message) const noexcept {
    message.add(std::string_view("["));
    for (int k = 0; k < count; ++k) {
      if (k > 0) message.add(std::string_view(", "));
      message.add(static_cast<long long>(values[k]));
    }
    message.add(std::string_view("]"));
  }
};
}  // namespace detail

/// The order of enumeration: the last index moves fastest, or the first one.
enum class Order : unsigned char { row_major, column_major };

/// The extents of a tensor of rank 0 to 8, and the order in which its elements are enumerated. `order()` says
/// how linear offsets 0 .. size() - 1 map to indices. Two shapes with the same extents describe the same
/// logical tensor, whatever their order.
class Shape {
 public:
  static constexpr int max_rank = 8;  ///< the most dimensions that a tensor can have

  /// Rank 0: a single value.
  constexpr Shape() = default;
  /// As the constructor from a span, which lists what is refused.
  Shape(std::initializer_list<Index> extents, Order order = Order::row_major)
      : Shape(std::span<const Index>(extents.begin(), extents.size()), order) {}
  /// The shape of these extents. Throws std::invalid_argument for a rank over 8, a negative extent, or
  /// extents (zeros left out) whose product does not fit in Index.
  explicit Shape(std::span<const Index> extents, Order order = Order::row_major) : order_(order) {
    detail::require(extents.size() <= std::size_t{max_rank}, "a tensor has at most ", max_rank,
                    " dimensions, this shape has ", extents.size());
    for (Index e : extents) {
      detail::require(e >= 0, "extent ", rank_, " of a shape is ", e, ", it cannot be negative");
      extents_[static_cast<std::size_t>(rank_++)] = e;
    }
    count_elements();
  }

  constexpr int rank() const noexcept { return rank_; }      ///< number of dimensions
  constexpr Index size() const noexcept { return size_; }    ///< number of elements
  constexpr Order order() const noexcept { return order_; }  ///< how offsets map to indices
  /// Whether that is row-major.
  constexpr bool row_major() const noexcept { return order_ == Order::row_major; }
  /// The extent along an axis from 0 to rank() - 1; not checked.
  constexpr Index operator[](int axis) const noexcept { return extents_[static_cast<std::size_t>(axis)]; }
  /// All extents.
  constexpr std::span<const Index> extents() const& noexcept {
    return {extents_.data(), static_cast<std::size_t>(rank_)};
  }
  LOWBIT_NOT_OF_TEMPORARIES(extents)

  /// The same extents in another traversal order.
  constexpr Shape in_order(Order order) const noexcept {
    Shape s = *this;
    s.order_ = order;
    return s;
  }

  /// Maps an axis from -rank to rank - 1, where negative ones count from the end, to 0 .. rank - 1. Throws
  /// std::invalid_argument for others.
  int axis(Index a) const {
    detail::require(a >= -rank_ && a < rank_, "axis ", a, " does not exist in a tensor of rank ", rank_,
                    " with shape ", *this);
    return static_cast<int>(a < 0 ? a + rank_ : a);
  }

  /// The distance of two neighbours along each axis when the elements lie densely in this order.
  constexpr std::array<Index, max_rank> strides() const noexcept {
    std::array<Index, max_rank> s{};
    Index step = 1;
    for (int k = 0; k < rank_; ++k) {
      const int a = row_major() ? rank_ - 1 - k : k;
      s[static_cast<std::size_t>(a)] = step;
      step *= (*this)[a];
    }
    return s;
  }

  /// The axis whose index varies fastest; -1 for rank 0.
  constexpr int innermost() const noexcept { return rank_ == 0 ? -1 : row_major() ? rank_ - 1 : 0; }

  /// The indices of the element at linear offset `at` of this order, 0 <= at < size().
  constexpr std::array<Index, max_rank> indices(Index at) const noexcept {
    std::array<Index, max_rank> i{};
    for (int k = 0; k < rank_; ++k) {
      const int a = row_major() ? rank_ - 1 - k : k;
      i[static_cast<std::size_t>(a)] = at % (*this)[a];
      at /= (*this)[a];
    }
    return i;
  }

  /// The extents as text, such as "[2, 3]".
  std::string text() const {
    detail::Message message;
    append_to(message);
    return message.text();
  }
  /// @cond internal
  void append_to(detail::Message& message) const noexcept {
    detail::List{extents_.data(), rank_}.append_to(message);
  }
  /// @endcond

  /// Whether the extents are the same. The order, which is how a tensor is stored and not what it is, is not
  /// compared.
  friend constexpr bool operator==(const Shape& a, const Shape& b) noexcept {
    for (std::size_t k = 0; k < std::size_t{max_rank}; ++k)
      if (a.extents_[k] != b.extents_[k]) return false;
    return a.rank_ == b.rank_;
  }

 private:
  /// Checks the product of nonzero extents, so that strides of an empty shape cannot overflow either.
  void count_elements() {
    bool empty = false;
    for (Index e : extents()) {
      empty = empty || e == 0;
      if (e == 0) continue;
#if defined(__GNUC__)  // spares a small call two divisions
      const bool counted = !__builtin_mul_overflow(size_, e, &size_);
#else
      const bool counted = size_ <= (std::numeric_limits<Index>::max)() / e;
      size_ *= counted ? e : 1;
#endif
      detail::require(counted, "shape ", *this, " has more elements than 64 bits can count");
    }
    if (empty) size_ = 0;
  }

  std::array<Index, max_rank> extents_{};
  Index size_ = 1;
  int rank_ = 0;
  Order order_ = Order::row_major;
};

}  // namespace lowbit::inline LOWBIT_ABI
