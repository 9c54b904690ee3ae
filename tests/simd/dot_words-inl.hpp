// The words of products of one instruction set behind plain functions, stamped by
// lowbit/simd/foreach_target.hpp.
namespace lowbit_test::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

struct DotWords {
  static constexpr std::size_t lanes = V::f32::lanes;
  static constexpr std::size_t halves = V::i16::lanes;
  static constexpr const char* name = LOWBIT_STRINGIFY(LOWBIT_TARGET);

  static void mul(const std::int32_t* a, const std::int32_t* b, std::int32_t* out) {
    V::store_int(out, V::mul(V::load_int(a), V::load_int(b)));
  }
  static void add(const float* a, const float* b, float* out) {
    V::store(out, V::add(V::load(a), V::load(b)));
  }
  static void scale_by(const std::int32_t* x, const std::int32_t* m, const std::int32_t* shift,
                       std::int32_t* out) {
    V::store_int(out, V::scale_by(V::load_int(x), V::load_int(m), V::load_int(shift)));
  }
  static void shift_down(const std::int32_t* a, const std::int32_t* count, std::int32_t* out) {
    V::store_int(out, V::shift_down(V::load_int(a), V::load_int(count)));
  }
  static void low_bits(const std::int32_t* count, std::int32_t* out) {
    V::store_int(out, V::low_bits(V::load_int(count)));
  }
  static std::int32_t reduce_add(const std::int32_t* a) { return V::reduce_add(V::load_int(a)); }
  template <class Code>
  static void widen(const Code* p, std::int16_t* out) {
    V::store_i16(out, V::load_i16(p));
  }
  /// What add_products adds, all lanes together.
  static std::int32_t products(const std::int16_t* a, const std::int16_t* b, const std::int32_t* sums) {
    return V::reduce_add(V::add_products(V::load_int(sums), V::load_i16(a), V::load_i16(b)));
  }
  template <class Tile>
  struct Numbers {
    static constexpr std::size_t chunk = Tile::chunk, summed = Tile::summed;
    using Row = typename Tile::Row;
    template <class Code>
    static void prepare(const Code* p, Row* y) {
      Tile::prepare(p, y);
    }
    static std::int32_t sum(const Row* p) { return V::reduce_add(Tile::add_row(V::set_int(0), p)); }
  };
  using Bytes = Numbers<V::ByteTile>;
  using Words = Numbers<V::WordTile>;
};

}  // namespace lowbit_test::LOWBIT_TARGET
