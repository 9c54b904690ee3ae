// Accessors of temporaries never return a pointer, span or reference into the temporary. They return a copy
// where that is cheap (a shape, a codec, a quantizer), move out what the temporary owns (parts, weights), or
// fail to compile with an explanation (codes, scales). That also rejects `f(quantizer.quantize(w).codes())`,
// which would be valid, because it cannot be distinguished from `for (auto c :
// quantizer.quantize(w).codes())`, which would dangle.
#pragma once
#include <lowbit/core/abi.hpp>

#include <span>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

template <class>
inline constexpr bool outlives_its_statement = false;

/// A temporary that owns its elements, such as a std::vector or an Eigen vector returned by a function, but
/// no span or view.
template <class R>
concept OwningTemporary = !std::is_lvalue_reference_v<R> && requires(R & r) {
  r.data();
  r.size();
}
&&!std::ranges::enable_borrowed_range<std::remove_cvref_t<R>>;

}  // namespace lowbit::inline LOWBIT_ABI::detail

/// Makes calls on temporaries fail to compile, next to an accessor that is qualified with & or const&.
#define LOWBIT_NOT_OF_TEMPORARIES(accessor)                                                 \
  template <class... Arguments>                                                             \
  void accessor(Arguments&&...) const&& {                                                   \
    static_assert(::lowbit::detail::outlives_its_statement<void(Arguments...)>, #accessor   \
                  "() of a temporary would refer to memory that is gone at the end of the " \
                  "statement: give the object a name first");                               \
  }
