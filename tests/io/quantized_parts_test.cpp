// Which tensors of a file are quantized ones, and what belongs to them.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include "quantized_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

class PartsOfQuantized : public testing::Test {
 protected:
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "q.safetensors";
};

TEST_F(PartsOfQuantized, PartsAreThoseOfCodecAndGroupInAnyOrder) {
  const auto check = [&](const auto& q) {
    using Q = std::remove_cvref_t<decltype(q)>;
    Bundle bundle;
    io::add(bundle, "W", q);
    const auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.W"));
    const auto with_parts = [&](const nlohmann::json& parts) {
      auto changed = json;
      changed["parts"] = parts;
      write_safetensors(path, bundle.tensors(), {{"lowbit.W", changed.dump()}});
      return SafetensorsFile(path);
    };
    const std::size_t count = json["parts"].size();
    for (std::size_t i = 0; i < count; ++i) {
      auto less = json["parts"], twice = json["parts"], turned = json["parts"];
      less.erase(i);
      twice.push_back(twice[i]);
      std::rotate(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(i), turned.end());
      const std::string part = json["parts"][i].dump();
      EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(with_parts(less), "W"); }),
                       {path.string(), "lowbit.W\".parts", "lists " + part + " 0 times"}));
      EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(with_parts(twice), "W"); }),
                       {path.string(), "lowbit.W\".parts", "lists " + part + " 2 times"}));
      expect_same(read_quantized<Q>(with_parts(turned), "W"), q);
    }
    auto more = json["parts"];
    more.push_back("absent");
    EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(with_parts(more), "W"); }),
                     {"lowbit.W\".parts", "\"absent\" is no part"}));
    EXPECT_TRUE(says(refusal([&] { quantized_info(with_parts(more), "W"); }), {"\"W.absent\"", "not among"}));
  };
  const Eigen::MatrixXf w = weights(6, 8);
  check(AbsmaxQuantizer<std::uint8_t>().quantize(w));
  check(ZeroPointQuantizer<std::uint8_t>().quantize(w));
  check(CastQuantizer<float16>().quantize(w));
  check(BlockwiseQuantizer<NormalFloat4>().quantize(w));
  check(NestedQuantizer<NormalFloat4>().quantize(w));
  check(Quantizer<AffineInteger<uint4>, PerChannel, MinMax, NestedScales>().quantize(w));
}

TEST_F(PartsOfQuantized, HoldsSeveralTensorsAndTellsWhatTheyAre) {
  const Eigen::MatrixXf w = weights(6, 8);
  const auto a = ZeroPointQuantizer<std::uint8_t, PerChannel>({.axis = 1}).quantize(w);
  const auto b = NestedQuantizer<NormalFloat4>({.block_size = 16}).quantize(w);
  const auto c = CastQuantizer<float16>().quantize(w);
  const auto d = Quantizer<SymmetricInteger<int4>, PerTensor, MinMax, NestedScales>().quantize(w);
  Bundle bundle;
  io::add(bundle, "layer.0.weight", a);
  io::add(bundle, "b", b);
  io::add(bundle, "c", c);
  io::add(bundle, "d", d);
  bundle.add("bias", w.col(0));
  bundle.write(path);

  const SafetensorsFile file(path);
  const auto found = quantized_tensors(file);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].name, "b");
  EXPECT_EQ(found[0].text(), "codebook uint4, blockwise 16 nested");
  EXPECT_EQ(found[0].scales, "nested");
  EXPECT_EQ(found[1].text(), "cast float16, per_tensor");
  EXPECT_EQ(found[2].text(), "symmetric int4, per_tensor nested");
  EXPECT_EQ(found[3].text(), "affine uint8, per_channel axis 1");
  EXPECT_EQ(found[3].codec, "affine");
  EXPECT_EQ(found[3].scales, "float32");
  EXPECT_EQ(found[3].shape, (Shape{6, 8}));
  expect_same(read_quantized<std::remove_const_t<decltype(a)>>(file, "layer.0.weight"), a);
  expect_same(read_quantized<std::remove_const_t<decltype(b)>>(file, "b"), b);
  expect_same(read_quantized<std::remove_const_t<decltype(c)>>(file, "c"), c);
  expect_same(read_quantized<std::remove_const_t<decltype(d)>>(file, "d"), d);
  EXPECT_EQ(read_tensor<Eigen::VectorXf>(file.tensor("bias")), w.col(0));
}

TEST_F(PartsOfQuantized, OnlyWhatCodecAndGroupOwnBelongsToATensor) {
  const Eigen::MatrixXf w = weights(6, 8);
  const std::vector<float> other{1, 2, 3};
  const std::vector<std::string> every{".codes",        ".scales",        ".zero_points",   ".levels",
                                       ".nested_codes", ".nested_absmax", ".nested_levels", ".nested_mean"};
  const auto check = [&](const auto& q, const std::vector<std::string>& owned) {
    Bundle bundle;
    io::add(bundle, "w", q);
    std::vector<std::string> expected;
    for (const std::string& suffix : owned) expected.push_back("w" + suffix);
    for (const std::string& suffix : every)
      if (std::ranges::find(owned, suffix) == owned.end()) bundle.add("w" + suffix, other);
    const auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.w"));
    for (const Index version : {3, 2, 1}) {  // a description of version 1 does not list the parts
      const auto description = version == 3 ? json : as_of_version(version, json);
      write_safetensors(path, bundle.tensors(), {{"lowbit.w", description.dump()}});
      const SafetensorsFile file(path);
      const auto found = quantized_tensors(file);
      ASSERT_EQ(found.size(), 1u);
      EXPECT_EQ(found[0].scales, json["scales"]["type"]);
      auto parts = found[0].parts;
      std::ranges::sort(parts);
      std::ranges::sort(expected);
      EXPECT_EQ(parts, expected) << version;
      expect_same(read_quantized<std::remove_cvref_t<decltype(q)>>(file, "w"), q);
    }
  };
  check(AbsmaxQuantizer<std::uint8_t>().quantize(w), {".codes", ".scales"});
  check(ZeroPointQuantizer<std::uint8_t>().quantize(w), {".codes", ".scales", ".zero_points"});
  check(CastQuantizer<float16>().quantize(w), {".codes"});
  check(BlockwiseQuantizer<NormalFloat4>().quantize(w), {".codes", ".scales", ".levels"});
  check(NestedQuantizer<NormalFloat4>().quantize(w),
        {".codes", ".levels", ".nested_codes", ".nested_absmax", ".nested_levels", ".nested_mean"});
}

TEST_F(PartsOfQuantized, KeysOfOtherProgramsAreForeign) {
  const auto q = AbsmaxQuantizer<std::int8_t>().quantize(weights(2, 3));
  Bundle bundle;
  io::add(bundle, "w", q);
  const Metadata foreign{{"lowbit.", "x"},
                         {"lowbit.author", "somebody"},
                         {"lowbit.list", "[1, 2]"},
                         {"lowbit.object", "{\"version\": 1}"},
                         {"lowbit.deep", std::string(100000, '[')},
                         {"lowbit.gone", newest}};  // a description whose codes are not in the file
  for (const auto& [key, value] : foreign) bundle.describe(key, value);
  bundle.add("author", weights(1, 1));
  bundle.write(path);
  const SafetensorsFile file(path);
  const auto found = quantized_tensors(file);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "w");
  EXPECT_EQ(file.metadata().size(), foreign.size() + 1);
  EXPECT_FALSE(is_quantized(file, "author"));
  EXPECT_TRUE(is_quantized(file, "w"));
}

}  // namespace
