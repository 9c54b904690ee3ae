// Products of codes with packed weights: raw sums, rescaled, requantized, and a linear layer with floats at
// either end.
#include "../support/products.hpp"

namespace {

using namespace bench;
using namespace lowbit;

template <class A, class W, class Epilogue>
void add_product(const std::string& name, const Epilogue& epilogue) {
  for (const ProductShape& shape : product_shapes)
    add_row("matmul/" + name + '/' + shape.name(), [=](benchmark::State& state) {
      const Matrix<A> a = random_codes<A>(shape.m, shape.depth, 1);
      const Matrix<W> w = random_codes<W>(shape.depth, shape.n, 2);
      const std::vector<float> scales(static_cast<std::size_t>(shape.n), 0.01f);
      const PackedWeights<W> packed(CodeMatrix<W>{detail::operand_of(w, detail::Side::right), scales});
      product_matrix<Epilogue> y(shape.m, shape.n);
      ProductWorkspace workspace;
      measure_product(state, shape, product_work(a, w, y),
                      [&] { matmul_into(a, packed, y, epilogue, workspace); });
    });
}

template <class Activations>
void add_linear(const std::string& name, const Activations& activations) {
  for (const ProductShape& shape : product_shapes)
    add_row("matmul/" + name + '/' + shape.name(), [=](benchmark::State& state) {
      const Matrix<float> x =
          random_codes<std::int8_t>(shape.m, shape.depth, 1).template cast<float>() * 0.02f;
      const Matrix<float> w =
          random_codes<std::int8_t>(shape.depth, shape.n, 2).template cast<float>() * 0.01f;
      const QuantizedLinear<RescaleStage, std::int8_t, Activations> linear(
          PackedWeights(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(w)), rescale,
          activations);
      Matrix<float> y(shape.m, shape.n);
      typename decltype(linear)::Workspace workspace;
      measure_product(state, shape, product_work(x, w, y), [&] { linear.apply_into(x, y, workspace); });
    });
}

const Rows products([] {
  add_product<std::int8_t, std::int8_t>("s8s8s32", raw);
  add_product<std::uint8_t, std::int8_t>("u8s8s32", raw);
  add_product<std::int8_t, std::int8_t>("s8s8f32", rescale);
  add_product<std::int8_t, std::int8_t>("s8s8s8", requantize<std::int8_t>{100.0f, 0});
  add_product<std::int8_t, std::int8_t>("s8s8s8/double_rounded",
                                        requantize<std::int8_t, Requantization::double_rounded>{100.0f, 0});
  add_linear("linear/rows", AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  add_linear("linear/tensor", ZeroPointQuantizer<std::uint8_t>{});
});

}  // namespace
