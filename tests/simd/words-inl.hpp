// Every word of one instruction set behind a plain function, stamped by lowbit/simd/foreach_target.hpp.
namespace lowbit_test::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;
constexpr std::size_t lanes = V::f32::lanes;

inline void put(std::int32_t* out, V::i32 a) { std::memcpy(out, &a.v, sizeof a.v); }

#define LOWBIT_TEST_WORD(word)                                   \
  inline void word(const float* a, const float* b, float* out) { \
    V::store(out, V::word(V::load(a), V::load(b)));              \
  }
LOWBIT_TEST_WORD(mul)
LOWBIT_TEST_WORD(div)
LOWBIT_TEST_WORD(min)
LOWBIT_TEST_WORD(max)
#undef LOWBIT_TEST_WORD

#define LOWBIT_TEST_WORD(name, word)                                                  \
  inline void name(const std::int32_t* a, const std::int32_t* b, std::int32_t* out) { \
    put(out, V::word(V::load_int(a), V::load_int(b)));                                \
  }
LOWBIT_TEST_WORD(add_int, add)
LOWBIT_TEST_WORD(sub_int, sub)
LOWBIT_TEST_WORD(min_int, min)
LOWBIT_TEST_WORD(max_int, max)
#undef LOWBIT_TEST_WORD

inline void nan_to_zero(const float* a, float* out) { V::store(out, V::nan_to_zero(V::load(a))); }
inline void round_to_int(const float* a, std::int32_t* out) { put(out, V::round_to_int(V::load(a))); }
inline void to_float(const std::int32_t* a, float* out) { V::store(out, V::to_float(V::load_int(a))); }
inline void magnitude_bits(const float* a, std::int32_t* out) { put(out, V::magnitude_bits(V::load(a))); }
inline void count_above(const std::int32_t* count, const float* a, const float* threshold,
                        std::int32_t* out) {
  put(out, V::count_above(V::load_int(count), V::load(a), V::load(threshold)));
}
inline void set(float x, float* out) { V::store(out, V::set(x)); }
inline void set_int(std::int32_t x, std::int32_t* out) { put(out, V::set_int(x)); }
inline float reduce_min(const float* a) { return V::reduce_min(V::load(a)); }
inline float reduce_max(const float* a) { return V::reduce_max(V::load(a)); }
inline std::int32_t reduce_max_int(const std::int32_t* a) { return V::reduce_max(V::load_int(a)); }

template <class T>
void load(const T* p, float* out) {
  V::store(out, V::load(p));
}
template <class T>
void store(const float* a, T* p) {
  V::store(p, V::load(a));
}
template <class Code>
void load_codes(const Code* p, std::int32_t* out) {
  put(out, V::load_codes(p));
}
template <class Code>
void store_codes(const std::int32_t* a, Code* p) {
  V::store_codes(p, V::load_int(a));
}

}  // namespace lowbit_test::LOWBIT_TARGET
