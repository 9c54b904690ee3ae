// Shapes and operands of matrix products, for us and for the peers.
#pragma once
#include <array>
#include <lowbit/matmul.hpp>

#include "rows.hpp"

namespace bench {

/// [m, depth] x [depth, n].
struct ProductShape {
  Eigen::Index m, n, depth;
  std::string name() const {
    return std::to_string(m) + 'x' + std::to_string(n) + 'x' + std::to_string(depth);
  }
  double operations() const { return 2.0 * static_cast<double>(m * n) * static_cast<double>(depth); }
};
inline constexpr std::array<ProductShape, 4> product_shapes{
    {{1024, 1024, 1024}, {32, 4096, 4096}, {1, 4096, 4096}, {1000, 1000, 1000}}};

/// Every code of the type, equally often.
template <class Code, int Order = Eigen::RowMajor>
Matrix<Code, Order> random_codes(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Matrix<Code, Order> codes(opaque(rows), opaque(columns));
  for (Eigen::Index i = 0; i < codes.size(); ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    codes.data()[i] = static_cast<Code>(seed >> 40);
  }
  return codes;
}

/// Work of a product: as many values as the right side has codes, and each byte counted once.
template <class A, class W, class Y>
Work product_work(const A& a, const W& w, const Y& y) {
  const auto bytes = [](const auto& m) { return static_cast<double>(m.size()) * sizeof(*m.data()); };
  return {static_cast<std::size_t>(w.size()), bytes(a) + bytes(w) + bytes(y)};
}

/// measure, and billions of operations (a product and a sum are two) a second.
template <class F>
void measure_product(benchmark::State& state, const ProductShape& shape, const Work& work, F&& call) {
  measure(state, work, call);
  const double seconds = state.counters["ns_per_value"] * 1e-9 * static_cast<double>(work.values);
  state.counters["GOPS"] = shape.operations() * 1e-9 / seconds;
}

}  // namespace bench
