// The page that describes the format, and the reader in Python that is written from it, against what the
// library decodes.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/tiles.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <array>
#include <limits>
#include <random>
#include <type_traits>

#include "python.hpp"
#include "support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

std::mt19937 engine(11);  // NOLINT(cert-msc51-cpp): the same files in every run

template <class T>
Buffer<T> random_bits(std::size_t count) {
  Buffer<T> values(count);
  auto* bytes = reinterpret_cast<unsigned char*>(values.data());
  for (std::size_t i = 0; i < count * sizeof(T); ++i) bytes[i] = static_cast<unsigned char>(engine());
  return values;
}

Buffer<float> random_floats(std::size_t count, float low, float high, float extreme = 0x1p60f) {
  std::uniform_real_distribution<float> uniform(low, high);
  const std::array extremes{0.0f, std::numeric_limits<float>::denorm_min(), 0x1p-130f, extreme};
  Buffer<float> values(count);
  for (float& v : values.span()) v = engine() % 8 == 0 ? extremes[engine() % 4] : uniform(engine);
  return values;
}

template <class C>
C codec() {
  return C{};
}
template <>
Codebook<RuntimeTable<std::uint8_t>> codec() {
  const Buffer<float> levels =
      random_floats(200, -3.0f, 3.0f);  // unsorted, repeated, less than there are codes
  return {RuntimeTable<std::uint8_t>::from_values(levels.span())};
}
template <>
Codebook<RuntimeTable<uint4>> codec() {
  constexpr std::array levels{0.5f, -1.0f, 0.0f, 2.0f, 0.5f};
  return {RuntimeTable<uint4>::from_values(levels)};
}

/// Files with quantized tensors of random codes and parameters, and with their values.
class Files {
 public:
  template <class C, class S = FloatScales, class G>
  void add(const G& group, const Shape& shape, NibbleOrder nibble_order) {
    using Storage = storage_t<typename C::Code>;
    Encoded<C, G, S> parts{codec<C>(), group};
    const auto groups = static_cast<std::size_t>(group.count(shape));
    const auto size = static_cast<std::size_t>(shape.size());
    parts.codes = random_bits<Storage>(storage_bytes<typename C::Code>(size) / sizeof(Storage));
    if constexpr (std::is_same_v<Storage, float16>)  // which NaN a NaN becomes is not part of the format
      for (Storage& v : parts.codes.span())
        if (to_float(v) != to_float(v)) v.bits |= 0x200;
    if constexpr (std::is_same_v<Storage, bf16>)
      for (Storage& v : parts.codes.span())
        if (to_float(v) != to_float(v)) v.bits |= 0x40;
    if constexpr (std::is_same_v<S, NestedScales>) {
      const Buffer<std::uint8_t> codes = random_bits<std::uint8_t>(groups);
      const Buffer<float> absmax = random_floats((groups + 255) / 256, 0.0f, 2.0f);
      const Buffer<float> levels = random_floats(256, -1.0f, 1.0f);
      parts.scales = NestedScales::Array(codes.span(), absmax.span(), 0.37f, levels.span());
    } else if constexpr (C::scaled) {
      parts.scales = random_floats(groups, -0.5f, 2.0f, std::numeric_limits<float>::max());  // some overflow
    }
    if constexpr (C::has_zero_point) {
      parts.zero_points = Buffer<std::int32_t>(groups);
      for (std::int32_t& z : parts.zero_points.span())
        z = static_cast<std::int32_t>(engine() % 70000) - 1000 +
            (engine() % 8 == 0 ? zero_point_limit - 70000 : 0);
    }
    parts.nibble_order = nibble_order;
    const Quantized<C, G, S> q(shape, std::move(parts));

    const std::string name = std::to_string(count_++);
    Buffer<float> values(size);
    q.dequantize_into(lowbit::view(values.span(), shape.in_order(Order::row_major)));
    expected_.own(name, shape.in_order(Order::row_major),
                  std::span<const float>(std::as_const(values).span()));
    io::add(bundle_, name, Quantized<C, G, S>(q));
  }
  void write(const std::filesystem::path& path, const std::filesystem::path& expected) const {
    bundle_.write(path);
    expected_.write(expected);
  }
  int count() const { return count_; }

 private:
  Bundle bundle_, expected_;
  int count_ = 0;
};

template <class C>
class FileFormat : public testing::Test {};
using Codecs =
    testing::Types<SymmetricInteger<std::int8_t>, SymmetricInteger<std::uint8_t>,
                   SymmetricInteger<std::int16_t>, SymmetricInteger<std::uint16_t>, SymmetricInteger<int4>,
                   SymmetricInteger<uint4>, SymmetricInteger<int2>, SymmetricInteger<uint2>,
                   AffineInteger<std::int8_t>, AffineInteger<std::uint8_t>, AffineInteger<std::int16_t>,
                   AffineInteger<std::uint16_t>, AffineInteger<int4>, AffineInteger<uint4>,
                   AffineInteger<int2>, AffineInteger<uint2>, Cast<float16>, Cast<bf16>, Cast<float6_e3m2fn>,
                   ScaledFloat<float8_e4m3fn>, ScaledFloat<float6_e2m3fn>, ScaledFloat<float4_e2m1fn>,
                   Codebook<NormalFloat4>, Codebook<Float4>, Codebook<DynamicMap>, Codebook<Linear<2>>,
                   Codebook<RuntimeTable<uint4>>, Codebook<RuntimeTable<std::uint8_t>>>;
TYPED_TEST_SUITE(FileFormat, Codecs);

TYPED_TEST(FileFormat, IsReadByNumPyToTheBit) {
  if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
  Files files;
  for (const Shape& extents : {Shape{}, Shape{1}, Shape{7}, Shape{0}, Shape{5, 7}, Shape{0, 3}, Shape{3, 0},
                               Shape{8, 4}, Shape{3, 5, 7}, Shape{2, 3, 1, 5}, Shape{41, 17}})
    for (const Order order : {Order::row_major, Order::column_major})
      for (const NibbleOrder nibbles : {NibbleOrder::low_first, NibbleOrder::high_first}) {
        const Shape shape = extents.in_order(order);
        const auto add = [&](const auto& group) {
          files.add<TypeParam>(group, shape, nibbles);
          if constexpr (TypeParam::scaled) files.add<TypeParam, NestedScales>(group, shape, nibbles);
        };
        add(PerTensor{});
        if (nibbles == NibbleOrder::low_first) {
          const auto add_tiles = [&](const Tiles& tiles) { files.add<TypeParam>(tiles, shape, nibbles); };
          add_tiles({});
          if (shape.rank() >= 1) add_tiles({3});
          if (shape.rank() >= 2) add_tiles({Tiles::whole, 2});
          if (shape.rank() >= 3) add_tiles({2, 1, 4});
        }
        for (const BlockOrder blocks : {BlockOrder::logical, BlockOrder::storage})
          for (const Index size : {1, 3, 64}) add(Blockwise{.block_size = size, .order = blocks});
        for (Index axis = -shape.rank(); axis < shape.rank(); ++axis) {
          add(PerChannel{.axis = axis});
          add(Blockwise{.block_size = 2, .axis = axis});
          files.add<TypeParam>(Blockwise{.block_size = 3, .axis = axis}, shape, nibbles);
          if (nibbles == NibbleOrder::high_first) continue;
          std::vector<Index> indices(static_cast<std::size_t>(shape[shape.axis(axis)]));
          for (Index& i : indices) i = static_cast<Index>(engine() % 5);  // some groups may have no element
          files.add<TypeParam>(Indexed(indices, axis), shape, nibbles);
        }
      }
  const ScratchDirectory scratch;
  files.write(scratch / "q.safetensors", scratch / "expected.safetensors");
  EXPECT_EQ(run_python("check_quantized", (scratch / "q.safetensors").string(),
                       (scratch / "expected.safetensors").string(), std::to_string(files.count())),
            0);
}

/// Codes of all values, those that are NaN left out, as the page says that they are stored.
template <class F>
void add_small_floats(Bundle& bundle, Bundle& expected, NibbleOrder nibble_order) {
  constexpr int bits = F::bit_count, count = (1 << bits) + 3;
  std::vector<float> values;
  Buffer<std::byte> stored(storage_bytes<F>(count));
  std::fill_n(stored.data(), stored.size(), std::byte{0});
  for (int i = 0; i < count; ++i) {
    F code{static_cast<typename F::Bits>(i % (1 << bits))};
    if (to_float(code) != to_float(code)) code = {};
    values.push_back(to_float(code));
    for (int k = 0; k < bits; ++k) {
      const int byte = (bits * i + k) / 8;
      int bit = (bits * i + k) % 8;
      if (bits == 4 && nibble_order == NibbleOrder::high_first) bit = (bit + 4) % 8;
      stored[static_cast<std::size_t>(byte)] |= static_cast<std::byte>((code.bits >> k & 1) << bit);
    }
  }
  const std::string name = std::string(CodeName<F>::value) + std::string(name_of(nibble_order));
  Dtype dtype = Dtype::u8;
  if constexpr (bits == 8) dtype = DtypeOf<F>::value;
  bundle.own(name + ".codes", dtype, Shape{static_cast<Index>(stored.size())}, stored);
  bundle.describe("lowbit." + name,
                  R"({"version":3,"codec":{"type":"cast","code":")" + std::string(CodeName<F>::value) +
                      R"(","overflow":"saturate"},"group":{"type":"per_tensor"},"scales":{"type":"float32"},)"
                      R"("shape":[)" +
                      std::to_string(count) + R"(],"order":"row_major","nibble_order":")" +
                      std::string(name_of(nibble_order)) + R"(","parts":["codes"]})");
  expected.own(name, Shape{count}, std::span<const float>(values));
}

TEST(FileFormatOfSmallFloats, IsReadByNumPyToTheBit) {
  if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
  Bundle bundle, expected;
  for (const NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first}) {
    add_small_floats<float8_e4m3fn>(bundle, expected, order);
    add_small_floats<float8_e5m2>(bundle, expected, order);
    add_small_floats<float8_e4m3fnuz>(bundle, expected, order);
    add_small_floats<float8_e5m2fnuz>(bundle, expected, order);
    add_small_floats<float6_e2m3fn>(bundle, expected, order);
    add_small_floats<float6_e3m2fn>(bundle, expected, order);
    add_small_floats<float4_e2m1fn>(bundle, expected, order);
  }
  const ScratchDirectory scratch;
  bundle.write(scratch / "q.safetensors");
  expected.write(scratch / "expected.safetensors");
  EXPECT_EQ(run_python("check_quantized", (scratch / "q.safetensors").string(),
                       (scratch / "expected.safetensors").string(), std::to_string(14)),
            0);
}

}  // namespace
