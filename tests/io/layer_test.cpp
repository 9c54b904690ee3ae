#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/layer.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include <limits>

#include "object_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A user-defined stage.
struct Doubled {
  [[maybe_unused]] static constexpr bool is_stage = true;
  Index times = 2;
  float operator()(Index, Index, float value) const { return static_cast<float>(times) * value; }
  void check(Index columns) const {
    if (columns > 1000) throw std::invalid_argument("doubled takes at most 1000 outputs");
  }
};

}  // namespace

template <>
struct lowbit::io::Description<Doubled> {
  static constexpr std::string_view name = "my.doubled";
  template <class V, class S>
  static void fields(V& v, S& stage) {
    v.option("times", stage.times);
  }
};

namespace {

template <class Y>
void expect_same_results(const Y& a, const Y& b) {
  ASSERT_EQ(a.rows(), b.rows());
  ASSERT_EQ(a.cols(), b.cols());
  using T = typename Y::Scalar;
  EXPECT_TRUE(same_bits(std::span<const T>(a.data(), static_cast<std::size_t>(a.size())),
                        std::span<const T>(b.data(), static_cast<std::size_t>(b.size()))));
}

template <class Layer>
void expect_round_trip(const Layer& layer, const std::filesystem::path& path) {
  Bundle bundle;
  io::add(bundle, "net.fc1", layer);
  bundle.write(path);
  const SafetensorsFile file(path);
  const Layer back = read_layer<Layer>(file, "net.fc1");
  EXPECT_EQ(back.inputs(), layer.inputs());
  EXPECT_EQ(back.outputs(), layer.outputs());
  for (const float size : {0.5f, 7.0f}) {
    const Floats x = size * weights(5, layer.inputs());
    expect_same_results(layer(x), back(x));
  }
  Bundle again;
  io::add(again, "net.fc1", back);
  EXPECT_EQ(again.metadata(), bundle.metadata());
  ASSERT_EQ(again.tensors().size(), bundle.tensors().size());
  for (std::size_t i = 0; i < again.tensors().size(); ++i) {
    EXPECT_EQ(again.tensors()[i].name, bundle.tensors()[i].name);
    EXPECT_TRUE(std::ranges::equal(again.tensors()[i].tensor.bytes, bundle.tensors()[i].tensor.bytes));
  }
  std::size_t parts = 0;  // everything in the file belongs to the layer, or to its weights
  for (const auto& [key, value] : bundle.metadata()) parts += nlohmann::json::parse(value)["parts"].size();
  EXPECT_EQ(parts, bundle.tensors().size());
}

class LayerFile : public ObjectRefusal {
 protected:
  template <class Layer>
  static ObjectFile of(const Layer& layer) {
    return file_of(layer, [](const SafetensorsFile& file) { read_layer<Layer>(file, "W"); });
  }
  static Quantizer<AffineInteger<std::uint8_t>> calibrated(float size = 1.0f) {
    Quantizer<AffineInteger<std::uint8_t>> q;
    q.fit(Eigen::MatrixXf(size * weights(9, 9)));
    return q;
  }
  const Eigen::MatrixXf w = weights(19, 70);
  const Eigen::VectorXf b = weights(19, 1);
};

TEST_F(LayerFile, KeepsLayersOfQuantizedActivations) {
  expect_round_trip(QuantizedLinear(w), path);
  expect_round_trip(QuantizedLinear(w, rescale | bias{b} | relu), path);
  expect_round_trip(QuantizedLinear(w, rescale | bias{b} | clip{0.0f, infinity}, calibrated()), path);
  expect_round_trip(QuantizedLinear(AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(w),
                                    rescale | row_bias{weights(5, 1)} | clip{-0.0f, 6.0f}),
                    path);
  expect_round_trip(QuantizedLinear(ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}}.quantize(w),
                                    rescale | (bias{b} | relu), calibrated()),
                    path);
  expect_round_trip(QuantizedLinear(ZeroPointQuantizer<std::int8_t>{}.quantize(w), raw, calibrated()), path);
  const Eigen::Matrix<std::int16_t, Eigen::Dynamic, Eigen::Dynamic> words = (100.0f * w).cast<std::int16_t>();
  expect_round_trip(QuantizedLinear(words, rescale, AbsmaxQuantizer<std::int16_t, PerChannel>{{.axis = 0}}),
                    path);
  const Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic> codes =
      (10.0f * w).cast<std::int8_t>();  // raw ones, without scales
  expect_round_trip(QuantizedLinear(codes, clip{-1000, 1000}), path);
  expect_round_trip(QuantizedLinear(w, rescale | requantize<std::int8_t>{0.3f, -5}), path);
  expect_round_trip(QuantizedLinear(Eigen::MatrixXf::Zero(0, 7)), path);
  expect_round_trip(
      QuantizedLinear(w, rescale, Quantizer<AffineInteger<std::uint8_t>, PerChannel>{{.axis = 0}}), path);
}

TEST_F(LayerFile, KeepsLayersOfIntegers) {
  const auto in = calibrated(), out = calibrated(20.0f);
  expect_round_trip(integer_linear(w, b, in, out), path);
  expect_round_trip(integer_linear<Requantization::single_rounded>(w, b, in, out, relu), path);
  expect_round_trip(integer_linear<Requantization::double_rounded>(w, b, in, out, clip{-500, 500}, relu),
                    path);
}

TEST_F(LayerFile, KeepsLayersOfQuantizedWeights) {
  const Eigen::MatrixXf v = weights(19, 64);
  expect_round_trip(WeightOnlyLinear(BlockwiseQuantizer<NormalFloat4>{{.block_size = 16}}.quantize(v)), path);
  expect_round_trip(
      WeightOnlyLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(v), bias{b} | relu),
      path);
  expect_round_trip(
      WeightOnlyLinear(
          ZeroPointQuantizer<uint4, Blockwise>{{.block_size = 16, .axis = 1}}.quantize(Floats(v)),
          bias{b} | Doubled{3} | requantize<std::uint8_t>{0.1f, 7}),
      path);
  expect_round_trip(OutlierLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(v), 2.5f),
                    path);
  expect_round_trip(
      OutlierLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(v), infinity), path);
}

TEST_F(LayerFile, IsWrittenAsItIsDocumented) {
  const Eigen::MatrixXf rows = (Eigen::MatrixXf(2, 3) << 1, 2, 127, -127, 5, 6).finished();
  Quantizer<AffineInteger<std::uint8_t>> activations;
  activations.freeze(Parameters{0.5f, 3});
  Bundle bundle;
  io::add(bundle, "fc1", QuantizedLinear(rows, rescale | bias{b.head(2)} | relu, activations));
  EXPECT_EQ(
      bundle.metadata(),
      (Metadata{
          {"lowbit.fc1",
           R"({"version":3,"kind":"layer","type":"quantized_linear",)"
           R"("weights":{"code":"int8","shape":[2,3],"scales":2},"activations":{"codec":{"type":"affine",)"
           R"("code":"uint8","range":"include_zero","scaling":"divide","scale_rule":"free"},)"
           R"("group":{"type":"per_tensor"},"scales":{"type":"float32"},"groups":1},)"
           R"("epilogue":[{"type":"rescale"},{"type":"bias"},{"type":"relu"}],)"
           R"("parts":["weights.codes","weights.scales","weights.zero_points","activations.scales",)"
           R"("activations.zero_points","epilogue.1.values"]})"}}));
  bundle.write(path);
  const SafetensorsFile file(path);
  const StoredTensor codes = file.tensor("fc1.weights.codes");  // whatever the processor packs
  EXPECT_EQ(codes.shape, (Shape{2, 3}));
  EXPECT_TRUE(std::ranges::equal(codes.values<std::int8_t>(), std::vector{1, 2, 127, -127, 5, 6}));
  EXPECT_EQ(file.tensor("fc1.weights.scales").values<float>()[1], 1.0f);
  EXPECT_EQ(file.tensor("fc1.epilogue.1.values").values<float>()[1], b[1]);
}

TEST_F(LayerFile, HasWeightsThatAreAQuantizedTensor) {
  const auto q = BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}.quantize(Floats(w));
  using Layer = WeightOnlyLinear<std::remove_const_t<decltype(q)>>;
  Bundle copy;
  const Layer named(q);
  const auto constant = [&]() -> const Layer { return named; };
  {
    Bundle bundle;
    io::add(bundle, "a", Layer(q));  // temporaries are kept
    io::add(bundle, "b", constant());
    io::add(bundle, "c", named);
    copy = bundle;
  }
  bool refers = false;  // to the codes of a layer that has a name
  for (const NamedTensor& t : copy.tensors())
    refers = refers || t.tensor.bytes.data() == std::as_bytes(named.weights().codes()).data();
  EXPECT_TRUE(refers);
  copy.write(path);
  const SafetensorsFile file(path);
  const auto found = quantized_tensors(file);
  ASSERT_EQ(found.size(), 3u);
  for (const char* name : {"a", "b", "c"})
    expect_same(read_quantized<std::remove_const_t<decltype(q)>>(file, std::string(name) + ".weights"), q);
  EXPECT_EQ(found[0].text(), "codebook uint4, blockwise 64");
}

TEST_F(LayerFile, RefusesBadDescriptions) {
  const ObjectFile dynamic = of(QuantizedLinear(w, rescale | bias{b} | relu)),
                   integers = of(integer_linear<Requantization::single_rounded>(
                       w, b, calibrated(), calibrated(20.0f), clip{-9, 9})),
                   weight_only =
                       of(WeightOnlyLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w),
                                           bias{b} | Doubled{})),
                   outliers =
                       of(OutlierLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w)));
  for (const ObjectFile* f : {&dynamic, &integers, &weight_only, &outliers}) {
    expect_fields_are_needed(*f);
    expect_parts_are_needed(*f);
    expect_any_text_is_read_or_refused(*f);
    for (const Json& version : {Json(1), Json(2), Json(4), Json("3")})
      EXPECT_TRUE(says(with(*f, "/version", version), {path.string(), ".version", version.dump(), "3"}));
    EXPECT_TRUE(says(with(*f, "/kind", "quantizer"), {path.string(), ".kind", "\"quantizer\"", "\"layer\""}));
    for (const char* type : {"linear", "quantized_linear", "weight_only_linear", "outlier_linear"})
      if (f->description["type"] != type) {
        EXPECT_TRUE(says(with(*f, "/type", type), {path.string(), ".type", type}));
      }
  }
  const struct {
    const ObjectFile& file;
    std::string field;
    Json value;
    std::vector<std::string> says;
  } table[] = {
      {dynamic, "/epilogue", Json::array(), {".epilogue", "[]", "stage 0", "\"rescale\""}},
      {dynamic, "/epilogue/3", Json{{"type", "relu"}}, {".epilogue", "3 stages"}},
      {dynamic, "/epilogue/2/type", "raw", {".epilogue.2.type", "\"raw\"", "\"relu\""}},
      {dynamic, "/weights/code", "uint8", {".weights.code", "\"uint8\"", "\"int8\""}},
      {dynamic, "/weights/shape", Json{19}, {".weights.shape", "[19]", "[outputs, inputs]"}},
      {dynamic, "/weights/shape", Json{70, 19}, {".weights.scales", "19", "0, 1 or 70"}},
      {dynamic, "/weights/shape", Json{19, 71}, {"W.weights.codes", "[19, 70]", "[19, 71]"}},
      {dynamic, "/weights/shape", Json{std::uint64_t{1} << 40, std::uint64_t{1} << 40}, {".weights.shape"}},
      {dynamic, "/weights/scales", 1, {"W.weights.scales", "[19]", "[1]"}},
      {dynamic, "/weights/scales", -1, {".weights.scales", "-1", "0, 1 or 19"}},
      {dynamic, "/activations/groups", 1, {"W.activations.scales", "not among"}},
      {integers, "/activations/groups", nullptr, {".parts", "\"activations.scales\" is no part"}},
      {integers, "/epilogue/2/method", "floating", {".method", "\"floating\"", "\"single_rounded\""}},
      {integers, "/epilogue/2/code", "int8", {".code", "\"int8\"", "\"uint8\""}},
      {integers, "/epilogue/2/zero_point", 256, {"layer \"W\"", "zero-point", "256"}},
      {integers, "/epilogue/2/zero_point", std::int64_t{1} << 40, {".zero_point", "1099511627776"}},
  };
  for (const auto& [file, field, value, parts] : table)
    EXPECT_TRUE(says(with(file, field, value), parts) && says(with(file, field, value), {path.string()}))
        << field << " " << value;
}

TEST_F(LayerFile, RefusesBadTensors) {
  const ObjectFile dynamic = of(QuantizedLinear(w, rescale | bias{b} | clip{0.0f, 1.0f})),
                   integers = of(integer_linear(w, b, calibrated(), calibrated(20.0f))),
                   weight_only = of(WeightOnlyLinear(
                       AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w), bias{b})),
                   outliers =
                       of(OutlierLinear(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w)));
  const std::vector<float> ones(19, 1.0f), more(20, 1.0f);
  EXPECT_TRUE(says(with_tensor(dynamic, "epilogue.1.values", {20}, more),
                   {path.string(), "layer \"W\"", "bias of 20", "19"}));
  EXPECT_TRUE(says(with_tensor(weight_only, "epilogue.0.values", {20}, more),
                   {path.string(), "layer \"W\"", "bias of 20", "19"}));
  EXPECT_TRUE(says(with_tensor<std::int32_t>(integers, "epilogue.0.values", {2}, {1, 2}),
                   {path.string(), "layer \"W\"", "bias of 2", "19"}));
  EXPECT_TRUE(says(with_tensor<float>(dynamic, "epilogue.2.bounds", {2}, {2, 1}),
                   {path.string(), "layer \"W\"", "clip", "2", "1"}));
  EXPECT_TRUE(says(with_tensor<float>(dynamic, "epilogue.2.bounds", {3}, {0, 1, 2}),
                   {path.string(), "W.epilogue.2.bounds", "3", "2"}));
  for (const float scale : {0.0f, -1.0f, infinity, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_TRUE(says(with_tensor<float>(integers, "epilogue.1.scale", {1}, {scale}),
                     {path.string(), "layer \"W\"", "scale of a result"}));
    if (scale != 0.0f) {
      EXPECT_TRUE(says(with_tensor<float>(integers, "activations.scales", {1}, {scale}),
                       {path.string(), "layer \"W\"", "scale 0"}));
    }
    auto scales = ones;
    scales[7] = scale;
    const std::string what = with_tensor(dynamic, "weights.scales", {19}, scales);
    if (scale == 0.0f || scale == -1.0f) {
      EXPECT_EQ(what, "not refused");  // those of weights need be finite only
    } else {
      EXPECT_TRUE(says(what, {path.string(), "layer \"W\"", "scale of a product", "finite"}));
    }
    if (scale != infinity) {
      EXPECT_TRUE(says(with_tensor<float>(outliers, "threshold", {1}, {scale}),
                       {path.string(), "layer \"W\"", "threshold"}));
    }
  }
  std::vector<std::int32_t> zeros(19);
  zeros[3] = zero_point_limit + 1;
  EXPECT_TRUE(says(with_tensor(dynamic, "weights.zero_points", {19}, zeros),
                   {path.string(), "layer \"W\"", "zero-point of a product"}));
}

template <class Layer>
std::string not_saved(const Layer& layer) {
  Bundle bundle;
  try {
    io::add(bundle, "fc1", layer);
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(bundle.tensors().empty() && bundle.metadata().empty());
    return error.what();
  }
  return "saved";
}

TEST_F(LayerFile, RefusesToWriteWhatCouldNotBeRead) {
  EXPECT_TRUE(says(not_saved(QuantizedLinear(w, rescale | bias{b.head(3)})), {"bias of 3", "19"}));
  EXPECT_TRUE(says(not_saved(QuantizedLinear(w, rescale | clip{1.0f, 0.0f})), {"clip", "1", "0"}));
  EXPECT_TRUE(
      says(not_saved(QuantizedLinear(Eigen::MatrixXf::Zero(1001, 1), rescale | Doubled{})), {"doubled"}));
  const Quantizer<AffineInteger<std::uint8_t>, PerTensor, Percentile> percentile;
  EXPECT_TRUE(says(not_saved(QuantizedLinear(w, rescale, percentile)),
                   {"\"fc1.activations\"", "observer", "freeze"}));
  MinMax seen;
  const std::vector<float> values{1, 2};
  seen.observe(std::span<const float>(values));
  EXPECT_TRUE(says(not_saved(QuantizedLinear(
                       w, rescale, Quantizer<SymmetricInteger<std::int8_t>, PerChannel>({}, {}, seen))),
                   {"\"fc1.activations\"", "observer"}));
  const ObjectFile dynamic = of(QuantizedLinear(w, rescale, Quantizer<AffineInteger<std::uint8_t>>{}));
  dynamic.bundle.write(path);
  EXPECT_TRUE(says(
      refusal([&] {
        using Other = QuantizedLinear<RescaleStage, std::int8_t, std::remove_const_t<decltype(percentile)>>;
        read_layer<Other>(SafetensorsFile(path), "W");
      }),
      {path.string(), ".groups", "null", "observer", "frozen"}));
}

}  // namespace
