// Temporaries: nothing of ours hands out a pointer, span or reference into an object that is gone at the end
// of the statement. An accessor of a temporary returns a value of its own where that is cheap (a shape, a
// codec, a quantizer), gives up what it owns where that is asked for (parts, weights), and is refused with a
// sentence otherwise (codes, scales). That refuses `f(quantizer.quantize(w).codes())` as well, which would be
// valid within one statement: it cannot be told from `for (auto c : quantizer.quantize(w).codes())`, which
// would not.
#pragma once
#include <lowbit/core/abi.hpp>

#include <span>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

template <class>
inline constexpr bool outlives_its_statement = false;

/// An object that owns its elements and is about to go: a std::vector or an Eigen vector that a function
/// returned, but no span or view.
template <class R>
concept OwningTemporary = !std::is_lvalue_reference_v<R> && requires(R & r) {
  r.data();
  r.size();
}
&&!std::ranges::enable_borrowed_range<std::remove_cvref_t<R>>;

}  // namespace lowbit::inline LOWBIT_ABI::detail

/// Beside an accessor that is qualified with & or const&.
#define LOWBIT_NOT_OF_TEMPORARIES(accessor)                                                 \
  template <class... Arguments>                                                             \
  void accessor(Arguments&&...) const&& {                                                   \
    static_assert(::lowbit::detail::outlives_its_statement<void(Arguments...)>, #accessor   \
                  "() of a temporary would refer to memory that is gone at the end of the " \
                  "statement: give the object a name first");                               \
  }
