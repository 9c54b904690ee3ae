// LOWBIT_VECTOR_FORM: gives a stage of an epilogue a vector form for every instruction set, written once in
// the struct of the stage.
#pragma once
#include <lowbit/kernel/product/finish.hpp>

/// Defines a member function that computes what the scalar call of the stage computes, bit for bit, for as
/// many adjacent columns as a register has lanes. Value is f32 or i32, the vector type of the value; the rest
/// is the body. In the body, `row` and `column` are the position of the first lane, `value` holds the values,
/// V is the namespace of the words of the instruction set (simd/scalar/words.hpp defines each word), and
/// lanes(p, column) reads a PerUnit. It returns a V::f32, or a V::i32 for integers and codes.
///
///   struct AddOne {
///     float operator()(Index, Index, float value) const { return value + 1.0f; }
///     LOWBIT_VECTOR_FORM(f32, return V::add(value, V::set(1.0f));)
///   };
///
/// This is a macro because only functions compiled for an instruction set can call its words, and C++ has no
/// template that is compiled for the instruction set of its arguments.
#define LOWBIT_VECTOR_FORM(Value, ...) LOWBIT_VECTOR_FORM_WHERE(, Value, __VA_ARGS__)

/// The same with a trailing requires-clause.
#if defined(LOWBIT_BASELINE_TARGET_ONLY)
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...) \
  LOWBIT_VECTOR_FORM_FOR(LOWBIT_BASELINE_TARGET, , condition, Value, __VA_ARGS__)
#else
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...) \
  LOWBIT_TARGETS(LOWBIT_VECTOR_FORM_OF, condition, Value, __VA_ARGS__)
#endif
// A target without vectors of its own uses those of its base.
#define LOWBIT_VECTOR_FORM_OF(isa, condition, Value, ...)                                                    \
  LOWBIT_TARGET_FACT(WITH_OWN_WORDS, isa)                                                                    \
  (LOWBIT_VECTOR_FORM_FOR(isa, LOWBIT_TARGET_ATTRIBUTE(LOWBIT_TARGET_FACT(FEATURES, isa)), condition, Value, \
                          __VA_ARGS__))
#if defined(LOWBIT_INTRINSICS)
#define LOWBIT_TARGET_ATTRIBUTE(...)
#else
#define LOWBIT_TARGET_ATTRIBUTE(...) LOWBIT_TARGET_ATTRIBUTE_OF(__VA_ARGS__)
#define LOWBIT_TARGET_ATTRIBUTE_OF(...) __VA_OPT__(__attribute__((target(__VA_ARGS__))))
#endif

#define LOWBIT_VECTOR_FORM_FOR(isa, target, condition, Value, ...) \
  LOWBIT_VECTOR_FORM_IN(isa, target, condition, Value, __VA_ARGS__)
#define LOWBIT_VECTOR_FORM_IN(isa, target, condition, Value, ...)                                         \
  target LOWBIT_INLINE auto vector([[maybe_unused]] std::size_t row, [[maybe_unused]] std::size_t column, \
                                   ::lowbit::simd::isa::Value value) const noexcept condition {           \
    namespace V = ::lowbit::simd::isa;                                                                    \
    using ::lowbit::kernel::isa::lanes;                                                                   \
    __VA_ARGS__                                                                                           \
  }
