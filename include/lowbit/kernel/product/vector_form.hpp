// LOWBIT_VECTOR_FORM: gives a stage of an epilogue a vector form for every instruction set, from one text
// that stands in the struct of the stage, beside its scalar form.
#pragma once
#include <lowbit/kernel/product/finish.hpp>

/// A member function that computes what the scalar call of the stage computes, bit for bit, for as many
/// neighbouring columns as a register has lanes. Value is f32 or i32, the vector that takes the place of the
/// scalar value; what follows is the body. In it, `row` and `column` are the position of the first lane,
/// `value` holds the values, V is the namespace of the words of the instruction set (simd/target/scalar.hpp
/// says what each of them does), and lanes(p, column) reads a PerLine. It returns a V::f32, or a V::i32 for
/// integers and codes.
///
///   struct AddOne {
///     float operator()(Index, Index, float value) const { return value + 1.0f; }
///     LOWBIT_VECTOR_FORM(f32, return V::add(value, V::set(1.0f));)
///   };
///
/// A macro, since words can be called only by functions compiled for their instruction set, and C++ has no
/// template that is compiled for the instruction set of its arguments.
#define LOWBIT_VECTOR_FORM(Value, ...) LOWBIT_VECTOR_FORM_WHERE(, Value, __VA_ARGS__)

/// The same with a trailing requires-clause.
#if LOWBIT_X86 && defined(LOWBIT_INTRINSICS)
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...)           \
  LOWBIT_VECTOR_FORM_FOR(scalar, , condition, Value, __VA_ARGS__) \
  LOWBIT_VECTOR_FORM_FOR(avx2, , condition, Value, __VA_ARGS__)   \
  LOWBIT_VECTOR_FORM_FOR(avx512, , condition, Value, __VA_ARGS__)
#elif LOWBIT_X86
// AVX-VNNI has the vectors of AVX2, and VBMI those of AVX-512.
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...)                                                    \
  LOWBIT_VECTOR_FORM_FOR(scalar, , condition, Value, __VA_ARGS__)                                          \
  LOWBIT_VECTOR_FORM_FOR(avx2, __attribute__((target(LOWBIT_TARGET_AVX2))), condition, Value, __VA_ARGS__) \
  LOWBIT_VECTOR_FORM_FOR(avx512, __attribute__((target(LOWBIT_TARGET_AVX512))), condition, Value, __VA_ARGS__)
#elif LOWBIT_NEON
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...)           \
  LOWBIT_VECTOR_FORM_FOR(scalar, , condition, Value, __VA_ARGS__) \
  LOWBIT_VECTOR_FORM_FOR(neon, , condition, Value, __VA_ARGS__)
#else
#define LOWBIT_VECTOR_FORM_WHERE(condition, Value, ...) \
  LOWBIT_VECTOR_FORM_FOR(scalar, , condition, Value, __VA_ARGS__)
#endif

#define LOWBIT_VECTOR_FORM_FOR(isa, target, condition, Value, ...)                                        \
  target LOWBIT_INLINE auto vector([[maybe_unused]] std::size_t row, [[maybe_unused]] std::size_t column, \
                                   ::lowbit::simd::isa::Value value) const noexcept condition {           \
    namespace V = ::lowbit::simd::isa;                                                                    \
    using ::lowbit::kernel::isa::lanes;                                                                   \
    __VA_ARGS__                                                                                           \
  }
