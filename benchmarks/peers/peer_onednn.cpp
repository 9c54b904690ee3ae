// oneDNN's reorder primitive, which quantizes and casts while it copies. benchmarks/run sets
// OMP_NUM_THREADS=1: oneDNN would take every core.
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "../support/products.hpp"
#include "peer.hpp"

namespace {

using namespace bench;
using Type = dnnl::memory::data_type;

const std::string onednn = "peer/onednn/";

/// From `from` to `to`, both side x side: to = from * factor, then the zero-point.
class Reorder {
 public:
  Reorder(Eigen::Index side, Type from, const void* x, Type to, void* y, float factor, int zero_point)
      : source_({{side, side}, from, dnnl::memory::format_tag::ab}, engine(), const_cast<void*>(x)),
        target_({{side, side}, to, dnnl::memory::format_tag::ab}, engine(), y) {
    dnnl::primitive_attr attributes;
    if (factor != 1.0f) attributes.set_output_scales(0, {factor});
    if (zero_point != 0) attributes.set_zero_points(DNNL_ARG_DST, 0, {zero_point});
    reorder_ = dnnl::reorder(dnnl::reorder::primitive_desc(source_, target_, attributes));
  }
  void operator()() {
    reorder_.execute(stream_, source_, target_);
    stream_.wait();
  }

 private:
  static const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
  }
  dnnl::memory source_, target_;
  dnnl::reorder reorder_;
  dnnl::stream stream_{engine()};
};

/// `quantizer` must be frozen: oneDNN does not find ranges.
template <class Quantizer>
void add_quantize_peer(const std::string& name, const Quantizer& quantizer, Type to, const char* why) {
  add_sizes(onednn + "quantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side);
    const auto ours = quantizer.quantize(x.matrix());
    std::vector<std::remove_cvref_t<decltype(ours.codes()[0])>> theirs(ours.codes().size());
    const lowbit::Parameters p = ours.parameters(0);
    Reorder reorder(side, Type::f32, x.matrix().data(), to, theirs.data(), 1.0f / p.scale, p.zero_point);
    measure_peer(state, work_of(ours, x.bytes()), ours.codes().data(), theirs.data(), why, reorder);
  });
}

template <class Quantizer>
void add_dequantize_peer(const std::string& name, const Quantizer& quantizer, Type from, const char* why) {
  add_sizes(onednn + "dequantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    const auto q = quantizer.quantize(weights(side).matrix());
    const Matrix<float> ours = q.template dequantize<Matrix<float>>();
    Tensor<float> theirs(side);
    Reorder reorder(side, from, q.codes().data(), Type::f32, theirs.matrix().data(), q.parameters(0).scale,
                    0);
    measure_peer(state, work_of(q, theirs.bytes()), ours.data(), theirs.matrix().data(), why, reorder);
  });
}

/// The matmul primitive, with weights reordered in advance to the layout that it prefers.
class Product {
 public:
  Product(const ProductShape& s, Type from, const void* a, const void* w, std::int32_t* y) {
    using Tag = dnnl::memory::format_tag;
    const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    const dnnl::memory::desc left({s.m, s.depth}, from, Tag::ab), result({s.m, s.n}, Type::s32, Tag::ab);
    const dnnl::matmul::primitive_desc product(
        dnnl::matmul::desc(left, {{s.depth, s.n}, Type::s8, Tag::any}, result), cpu);
    stream_ = dnnl::stream(cpu);
    dnnl::memory plain({{s.depth, s.n}, Type::s8, Tag::ab}, cpu, const_cast<void*>(w));
    dnnl::memory packed(product.weights_desc(), cpu);
    dnnl::reorder(plain, packed).execute(stream_, plain, packed);
    stream_.wait();
    product_ = dnnl::matmul(product);
    arguments_ = {{DNNL_ARG_SRC, dnnl::memory(left, cpu, const_cast<void*>(a))},
                  {DNNL_ARG_WEIGHTS, packed},
                  {DNNL_ARG_DST, dnnl::memory(result, cpu, y)}};
  }
  void operator()() {
    product_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  dnnl::stream stream_;
  dnnl::matmul product_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

template <class A>
void add_product_peer(const std::string& name, Type from) {
  for (const ProductShape& shape : product_shapes)
    add_row(onednn + "matmul/" + name + '/' + shape.name(), [=](benchmark::State& state) {
      const auto a = random_codes<A>(shape.m, shape.depth, 1);
      const auto w = random_codes<std::int8_t>(shape.depth, shape.n, 2);
      const auto ours = lowbit::matmul(a, w);
      Matrix<std::int32_t> theirs(shape.m, shape.n);
      Product product(shape, from, a.data(), w.data(), theirs.data());
      product();
      state.SetLabel(compare(ours.data(), theirs.data(), static_cast<std::size_t>(ours.size()),
                             "oneDNN's 16-bit partial sums saturate without VNNI"));
      measure_product(state, shape, product_work(a, w, theirs), product);
    });
}

const Rows products([] {
  add_product_peer<std::int8_t>("s8s8s32", Type::s8);
  add_product_peer<std::uint8_t>("u8s8s32", Type::u8);
});

const Rows reorders([] {
  const dnnl_version_t& version = *dnnl_version();
  benchmark::AddCustomContext("versions", "oneDNN " + std::to_string(version.major) + '.' +
                                              std::to_string(version.minor) + '.' +
                                              std::to_string(version.patch));

  constexpr const char* reciprocal = "oneDNN multiplies by 1/scale, we divide";
  constexpr const char* other = "another rounding";
  const lowbit::AbsmaxQuantizer<std::int8_t> int8;
  add_quantize_peer("int8/tensor", given_scale(int8), Type::s8, reciprocal);
  add_quantize_peer("uint8/tensor", given_scale(lowbit::ZeroPointQuantizer<std::uint8_t>{}), Type::u8,
                    reciprocal);
  add_quantize_peer("bfloat16", lowbit::CastQuantizer<lowbit::bf16>{}, Type::bf16, other);
  add_dequantize_peer("int8/tensor", int8, Type::s8, other);
  add_dequantize_peer("bfloat16", lowbit::CastQuantizer<lowbit::bf16>{}, Type::bf16, other);
});

}  // namespace
