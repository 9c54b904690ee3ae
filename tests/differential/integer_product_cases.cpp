// Products of integer codes, against sums in 64 bits and the definition of each epilogue.
#include <lowbit/matmul.hpp>

#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "differential/family.hpp"
#include "differential/shapes.hpp"

namespace lowbit_test {
namespace {

template <class T>
using RowMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// One side of a product: codes at strides of their own, scales and zero-points of its rows or columns.
template <class T>
struct RandomSide {
  std::vector<T> memory;
  lowbit::CodeMatrix<T> codes;
  std::vector<float> scales;
  std::vector<std::int32_t> zero_points;

  RandomSide(Choices& choose, Index rows, Index columns, Index lines, std::int32_t reach) {
    const bool by_rows = choose.one_in(2);
    const Index step = choose.one_of<Index>({1, 1, 1, 2}), inner = by_rows ? columns : rows;
    const Index outer_step = std::max<Index>(inner, 1) * step + choose.one_of<Index>({0, 0, 1, 5}),
                shift = choose.below(4);
    memory.resize(at(shift + (by_rows ? rows : columns) * outer_step + 1));
    std::uint64_t state = choose.bits();
    const Index kind = choose.below(3);
    for (T& code : memory) {
      const auto r = mixed(state);
      code = sizeof(T) == 2 ? static_cast<T>(static_cast<int>(r % 4001) - 2000) : static_cast<T>(r);
      if (kind == 1 && sizeof(T) == 1)
        code = r % 2 == 0 ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
      if (kind == 2 && r % 4 != 0) code = 0;
    }
    codes = {memory.data() + shift, rows, columns, by_rows ? outer_step : step, by_rows ? step : outer_step};
    const auto count = [&] { return choose.one_of({std::size_t{0}, std::size_t{1}, at(lines)}); };
    scales.resize(count());
    for (float& s : scales)
      s = mixed(state) % 16 == 0
              ? 0.0f
              : std::ldexp(static_cast<float>(mixed(state) >> 40), static_cast<int>(mixed(state) % 6) - 32);
    zero_points.resize(count());
    for (auto& z : zero_points)
      z = static_cast<std::int32_t>(mixed(state) % (2 * static_cast<std::uint64_t>(reach) + 1)) - reach;
  }
  lowbit::CodeMatrix<T> operand() const { return {codes, scales, zero_points}; }
  std::int64_t centred(Index row, Index column, Index line) const {
    const T code = codes.data[row * codes.row_stride + column * codes.column_stride];
    return std::int64_t{code} -
           (zero_points.empty() ? 0 : zero_points[zero_points.size() == 1 ? 0 : at(line)]);
  }
  float scale(Index line) const { return scales.empty() ? 1.0f : scales[scales.size() == 1 ? 0 : at(line)]; }
  std::string text() const {
    return text_of(sizeof(T) * 8, std::is_signed_v<T> ? "-bit signed " : "-bit unsigned ", codes.rows, " x ",
                   codes.columns, " strides ", codes.row_stride, " ", codes.column_stride, ", ",
                   scales.size(), " scales, ", zero_points.size(), " zero-points");
  }
};

struct Numbers {
  std::vector<float> column_bias, row_bias;
  std::vector<std::int32_t> integer_bias;
  float scale;
  std::int32_t zero_point;

  Numbers(Choices& choose, Index rows, Index columns) {
    std::uint64_t state = choose.bits();
    const auto number = [&] { return static_cast<float>(mixed(state) >> 40) * 0x1p-16f - 128.0f; };
    for (Index j = 0; j < columns; ++j)
      column_bias.push_back(number()),
          integer_bias.push_back(static_cast<std::int32_t>(mixed(state) % 20001) - 10000);
    for (Index i = 0; i < rows; ++i) row_bias.push_back(number());
    scale = std::ldexp(1.0f + static_cast<float>(mixed(state) >> 40) * 0x1p-24f,
                       static_cast<int>(mixed(state) % 16) - 4);
    zero_point = static_cast<std::int32_t>(mixed(state) % 128);
  }
};

/// clamp(round(v) + zero_point), half-even.
template <class Code>
Code rounded_code(float v, std::int32_t zero_point) {
  const double code = std::nearbyint(double{v}) + zero_point;
  return static_cast<Code>(
      std::fmin(std::fmax(code, std::numeric_limits<Code>::min()), std::numeric_limits<Code>::max()));
}
/// sum * m / 2^(31 + shift), rounded once with a tie up, or first at 2^31 and then at 2^shift away from zero.
template <class Code>
Code fixed_code(std::int64_t sum, const lowbit::FixedPointMultiplier& m, bool twice,
                std::int32_t zero_point) {
  const auto divided = [](std::int64_t v, int bits) { return v >> bits; };  // towards -infinity
  const std::int64_t product = sum * m.multiplier;
  std::int64_t q = 0;
  if (!twice) {
    q = divided(product + (std::int64_t{1} << (30 + m.right_shift)), 31 + m.right_shift);
  } else {
    q = divided(product + (std::int64_t{1} << 30), 31);
    const double exact = std::ldexp(static_cast<double>(q), -m.right_shift);
    q = static_cast<std::int64_t>(std::round(exact));
  }
  q += zero_point;
  return static_cast<Code>(std::min<std::int64_t>(std::max<std::int64_t>(q, std::numeric_limits<Code>::min()),
                                                  std::numeric_limits<Code>::max()));
}

/// f(a, b, numbers) makes the epilogue, g(i, j, sum) is its definition.
template <class A, class B, class Make, class Value>
void run_product(Choices& choose, const char* epilogue_text, bool one_row_scale, Make&& make, Value&& value) {
  const Threads threads(choose);
  const auto extent = [&](Index most) {
    return choose.one_in(16) ? Index{0} : choose.between(1, choose.one_of<Index>({3, 20, most}));
  };
  const Index m = extent(70), n = extent(90),
              depth = choose.one_in(32) ? 0 : choose.between(1, choose.one_of<Index>({5, 70, 300}));
  const std::int32_t reach = choose.one_of({0, 1, 200});
  RandomSide<A> a(choose, m, depth, m, reach);
  RandomSide<B> b(choose, depth, n, n, reach);
  if (one_row_scale && a.scales.size() > 1) a.scales.resize(1);
  const Numbers numbers(choose, m, n);
  const auto epilogue = make(numbers);
  using Out = lowbit::detail::product_value<std::remove_cvref_t<decltype(epilogue)>>;
  const auto text = [&] {
    return text_of(epilogue_text, "; ", a.text(), " times ", b.text(), "; ", threads);
  };
  RowMatrix<Out> want(m, n);
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < n; ++j) {
      std::int64_t sum = 0;
      for (Index k = 0; k < depth; ++k) sum += a.centred(i, k, i) * b.centred(k, j, j);
      want(i, j) = value(numbers, i, j, sum, a.scale(i), b.scale(j));
    }
  const auto compare = [&](const char* what, const RowMatrix<Out>& got) {
    expect_same(what, std::span<const Out>(got.data(), at(got.size())),
                std::span<const Out>(want.data(), at(want.size())));
  };
  try {
    lowbit::ProductWorkspace workspace;
    RowMatrix<Out> y = RowMatrix<Out>::Constant(m, n, Out{77});
    lowbit::matmul_into(a.operand(), b.operand(), y, epilogue, workspace);
    compare("matmul_into", y);
    const auto packed = choose.one_in(2) ? lowbit::PackedWeights<B>(b.operand())
                                         : lowbit::PackedWeights<B>::transposed(b.operand().transposed());
    Eigen::Matrix<Out, Eigen::Dynamic, Eigen::Dynamic> large(m + 3, n + 2);
    large.setConstant(Out{77});
    lowbit::matmul_into(a.operand(), packed, large.block(1, 2, m, n), epilogue, workspace);
    compare("matmul_into a block of columns", large.block(1, 2, m, n));
    large.block(1, 2, m, n).setConstant(Out{77});
    if (!(large.array() == Out{77}).all()) throw Mismatch("a product was written beside its block");
  } catch (const std::exception& failure) {
    throw Mismatch(text() + ": " + failure.what());
  }
}

template <class A, class B>
void run_raw(Choices& choose) {
  run_product<A, B>(
      choose, "raw", false, [](const Numbers&) { return lowbit::raw; },
      [](const Numbers&, Index, Index, std::int64_t sum, float, float) {
        return static_cast<std::int32_t>(sum);
      });
}
template <class A, class B>
void run_bias(Choices& choose) {
  run_product<A, B>(
      choose, "rescale | bias | relu", false,
      [](const Numbers& n) { return lowbit::rescale | lowbit::bias(n.column_bias) | lowbit::relu; },
      [](const Numbers& n, Index, Index j, std::int64_t sum, float row, float column) {
        const volatile float scale = row * column;
        const volatile float product = static_cast<float>(sum) * scale;
        const float v = product + n.column_bias[at(j)];
        return v > 0.0f ? v : 0.0f;
      });
}
template <class A, class B>
void run_row_bias(Choices& choose) {
  run_product<A, B>(
      choose, "rescale | row_bias | clamp", false,
      [](const Numbers& n) {
        return lowbit::rescale | lowbit::row_bias(n.row_bias) | lowbit::clip{-50.0f, 60.0f};
      },
      [](const Numbers& n, Index i, Index, std::int64_t sum, float row, float column) {
        const volatile float scale = row * column;
        const volatile float product = static_cast<float>(sum) * scale;
        return std::fmax(std::fmin(product + n.row_bias[at(i)], 60.0f), -50.0f);
      });
}
template <class A, class B>
void run_requantized(Choices& choose) {
  run_product<A, B>(
      choose, "integer_bias | requantize", false,
      [](const Numbers& n) {
        return lowbit::integer_bias(n.integer_bias) | lowbit::requantize<std::int8_t>{n.scale, n.zero_point};
      },
      [](const Numbers& n, Index, Index j, std::int64_t sum, float row, float column) {
        const volatile float column_factor = column / n.scale;
        const volatile float factor = row * column_factor;
        return rounded_code<std::int8_t>(static_cast<float>(sum + n.integer_bias[at(j)]) * factor,
                                         n.zero_point);
      });
}
template <class A, class B, lowbit::Requantization Method>
void run_fixed(Choices& choose) {
  run_product<A, B>(
      choose,
      Method == lowbit::Requantization::double_rounded ? "requantize rounded twice"
                                                       : "requantize rounded once",
      true,
      [](const Numbers& n) {
        return lowbit::raw | lowbit::requantize<std::uint8_t, Method>{std::ldexp(n.scale, 12), n.zero_point};
      },
      [](const Numbers& n, Index, Index, std::int64_t sum, float row, float column) {
        const auto m =
            lowbit::quantize_multiplier(double{row} * double{column} / double{std::ldexp(n.scale, 12)});
        return fixed_code<std::uint8_t>(sum, m, Method == lowbit::Requantization::double_rounded,
                                        n.zero_point);
      });
}

using S8 = std::int8_t;
using U8 = std::uint8_t;
using S16 = std::int16_t;
const bool added[] = {
    add_family("product_int8_int8", 10, run_raw<S8, S8>),
    add_family("product_uint8_uint8", 10, run_raw<U8, U8>),
    add_family("product_int16_requantized", 10, run_requantized<S16, S16>),
    add_family("product_uint8_int8_bias", 10, run_bias<U8, S8>),
    add_family("product_int8_uint8_row_bias", 10, run_row_bias<S8, U8>),
    add_family("product_int8_int8_requantized", 10, run_requantized<S8, S8>),
    add_family("product_uint8_int8_rounded_once", 10,
               run_fixed<U8, S8, lowbit::Requantization::single_rounded>),
    add_family("product_int8_int8_rounded_twice", 10,
               run_fixed<S8, S8, lowbit::Requantization::double_rounded>),
};

}  // namespace
}  // namespace lowbit_test
