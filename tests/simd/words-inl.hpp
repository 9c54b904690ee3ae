// Every word of one instruction set behind a plain function, stamped by lowbit/simd/foreach_target.hpp.
namespace lowbit_test::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

struct Words {
  static constexpr std::size_t lanes = V::f32::lanes;
  static constexpr const char* name = LOWBIT_STRINGIFY(LOWBIT_TARGET);

#define LOWBIT_TEST_WORD(word)                                   \
  static void word(const float* a, const float* b, float* out) { \
    V::store(out, V::word(V::load(a), V::load(b)));              \
  }
  LOWBIT_TEST_WORD(mul)
  LOWBIT_TEST_WORD(div)
  LOWBIT_TEST_WORD(sub)
  LOWBIT_TEST_WORD(minimum)
  LOWBIT_TEST_WORD(maximum)
#undef LOWBIT_TEST_WORD

#define LOWBIT_TEST_WORD(word)                                                        \
  static void word(const std::int32_t* a, const std::int32_t* b, std::int32_t* out) { \
    V::store_int(out, V::word(V::load_int(a), V::load_int(b)));                       \
  }
  LOWBIT_TEST_WORD(add)
  LOWBIT_TEST_WORD(sub)
  LOWBIT_TEST_WORD(minimum)
  LOWBIT_TEST_WORD(maximum)
  LOWBIT_TEST_WORD(greater)
  LOWBIT_TEST_WORD(and_bits)
  LOWBIT_TEST_WORD(or_bits)
  LOWBIT_TEST_WORD(xor_bits)
#undef LOWBIT_TEST_WORD

  static void nan_to_zero(const float* a, float* out) { V::store(out, V::nan_to_zero(V::load(a))); }
  static void clamp_or(const float* x, const float* low, const float* high, const float* other, float* out) {
    V::store(out, V::clamp_or(V::load(x), V::load(low), V::load(high), V::load(other)));
  }
  static void round_to_int(const float* a, std::int32_t* out) {
    V::store_int(out, V::round_to_int(V::load(a)));
  }
  static void round_quotient(const float* x, const float* s, const float* inverse, std::int32_t* out) {
    V::store_int(out, V::round_quotient(V::load(x), V::load(s), V::load(inverse)));
  }
  static void to_float(const std::int32_t* a, float* out) { V::store(out, V::to_float(V::load_int(a))); }
  static void magnitude_bits(const float* a, std::int32_t* out) {
    V::store_int(out, V::magnitude_bits(V::load(a)));
  }
  static void float_of(const std::int32_t* a, float* out) { V::store(out, V::float_of(V::load_int(a))); }
  static void bits_of(const float* a, std::int32_t* out) { V::store_int(out, V::bits_of(V::load(a))); }
  static void shift_down(const std::int32_t* a, std::int32_t count, std::int32_t* out) {
    V::store_int(out, V::shift_down(V::load_int(a), count));
  }
  template <int Count>
  static void shift_right(const std::int32_t* a, std::int32_t* out) {
    V::store_int(out, V::template shift_right<Count>(V::load_int(a)));
  }
  template <int Count>
  static void shift_left(const std::int32_t* a, std::int32_t* out) {
    V::store_int(out, V::template shift_left<Count>(V::load_int(a)));
  }
  static void set(float x, float* out) { V::store(out, V::set(x)); }
  static void set_int(std::int32_t x, std::int32_t* out) { V::store_int(out, V::set_int(x)); }

  static float reduce_min(const float* a) { return V::reduce_min(V::load(a)); }
  static float reduce_max(const float* a) { return V::reduce_max(V::load(a)); }
  static std::int32_t reduce_max(const std::int32_t* a) { return V::reduce_max(V::load_int(a)); }
  static unsigned lanes_within(const std::int32_t* a, std::int32_t low, std::int32_t high) {
    return V::lanes_within(V::load_int(a), low, high);
  }
  static void min_across(const float* a, float* out) {
    V::f32 m[lanes];
    for (std::size_t k = 0; k < lanes; ++k) m[k] = V::load(a + k * lanes);
    V::store(out, V::min_across(m));
  }
  static void max_across(const float* a, float* out) {
    V::f32 m[lanes];
    for (std::size_t k = 0; k < lanes; ++k) m[k] = V::load(a + k * lanes);
    V::store(out, V::max_across(m));
  }
  static void max_across(const std::int32_t* a, std::int32_t* out) {
    V::i32 m[lanes];
    for (std::size_t k = 0; k < lanes; ++k) m[k] = V::load_int(a + k * lanes);
    V::store_int(out, V::max_across(m));
  }

  static void transpose(const float* a, float* out) {
    V::f32 m[lanes];
    for (std::size_t k = 0; k < lanes; ++k) m[k] = V::load(a + k * lanes);
    V::transpose(m);
    for (std::size_t k = 0; k < lanes; ++k) V::store(out + k * lanes, m[k]);
  }

  template <class T>
  static void load(const T* p, float* out) {
    V::store(out, V::load(p));
  }
  template <class T>
  static void store(const float* a, T* p) {
    V::store(p, V::load(a));
  }
  template <class Code>
  static void load_codes(const Code* p, std::int32_t* out) {
    V::store_int(out, V::load_codes(p));
  }
  template <class Code>
  static void store_codes(const std::int32_t* a, Code* p) {
    V::store_codes(p, V::load_int(a));
  }

  static void put(V::bytes b, void* out, bool stream) {
    if (stream) {
      V::stream(out, b);
      V::stream_end();
    } else {
      V::store(out, b);
    }
  }
  static void stream_floats(const float* a, float* out) {
    V::stream(out, V::load(a));
    V::stream_end();
  }
  template <class Value>
  static V::bytes narrow8(const std::int32_t* codes) {
    V::i32 c[4];
    for (std::size_t k = 0; k < 4; ++k) c[k] = V::load_int(codes + k * lanes);
    return V::template narrow8<Value>(c);
  }
  template <class Value>
  static void narrow8(const std::int32_t* codes, Value* out, bool stream) {
    put(narrow8<Value>(codes), out, stream);
  }
  template <class Value>
  static void narrow16(const std::int32_t* codes, Value* out, bool stream) {
    const V::i32 c[2] = {V::load_int(codes), V::load_int(codes + lanes)};
    put(V::template narrow16<Value>(c), out, stream);
  }
  template <class Half>
  static void halves(const float* a, Half* out, bool stream) {
    const V::f32 v[2] = {V::load(a), V::load(a + lanes)};
    put(V::template halves<Half>(v), out, stream);
  }
  template <class Value>
  static void store_pairs(const std::int32_t* codes, std::uint8_t* out, lowbit::NibbleOrder order) {
    V::store_pairs(out, narrow8<Value>(codes), order);
  }
  template <class Value>
  static void store_quads(const std::int32_t* codes, std::uint8_t* out, lowbit::NibbleOrder order) {
    V::store_quads(out, narrow8<Value>(codes), order);
  }
  template <int Bits>
  static void load_fields(const std::uint8_t* p, lowbit::NibbleOrder order, std::int32_t* out) {
    V::store_int(out, V::template load_fields<Bits>(p, order));
  }

  static void look(const float* table, const std::int32_t* index, float* out) {
    V::store(out, V::look(V::load_table(table), V::load_int(index)));
  }
  static void look_scaled(const float* table, float s, const std::int32_t* index, float* out) {
    V::store(out, V::look(V::mul(V::load_table(table), V::set(s)), V::load_int(index)));
  }
  template <class Half>
  static void look_pairs(const float* table, const std::uint8_t* codes, lowbit::NibbleOrder order,
                         Half* out) {
    V::bytes b[2];
    V::look_pairs(V::template halves_of<Half>(V::load_table(table)), codes, order, b);
    for (std::size_t k = 0; k < 2; ++k) V::store(static_cast<void*>(out + 2 * k * lanes), b[k]);
  }

  static constexpr std::size_t register_entries = V::register_entries;
  template <std::size_t Count>
  static void look(const float* table, const std::int32_t* index, float* out) {
    V::store(out, V::template look<Count>(table, V::load_int(index)));
  }
  static void append_less(const std::int32_t* c, const float* t, const float* v, std::int32_t* out) {
    V::store_int(out, V::append_less(V::load_int(c), V::load(t), V::load(v)));
  }
  static void add_less(const std::int32_t* c, const float* t, const float* v, std::int32_t* out) {
    V::store_int(out, V::add_less(V::load_int(c), V::load(t), V::load(v)));
  }
  static void fma(const float* a, const float* b, const float* c, float* out) {
    V::store(out, V::fma(V::load(a), V::load(b), V::load(c)));
  }
  static void nearer(const float* near, const float* a, float* out) {
    V::store(out, V::nearer(V::load(near), V::load(a)));
  }
  static void fetch(const std::uint32_t* t, const std::int32_t* index, std::int32_t* out) {
    V::store_int(out, V::fetch(t, V::load_int(index)));
  }
  template <std::size_t N>
  static void look_codes(const float* values, const std::uint8_t* planes, const std::uint8_t* q, float* out) {
    V::f32 v[N];
    V::template look_codes<N>(values, planes, q, v);
    for (std::size_t k = 0; k < N; ++k) V::store(out + k * lanes, v[k]);
  }
};

}  // namespace lowbit_test::LOWBIT_TARGET
