// Which quantizers, learned scales and layers a file holds, and what belongs to them.
#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/layer.hpp>
#include <lowbit/io/learned_scale.hpp>
#include <lowbit/io/object_info.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/linear.hpp>

#include <algorithm>

#include "python.hpp"
#include "quantized_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

class ObjectsOfAFile : public testing::Test {
 protected:
  /// One of each, and a quantized tensor.
  Bundle all() {
    Bundle bundle;
    AbsmaxQuantizer<std::int8_t> quantizer;
    quantizer.fit(weights(4, 4));
    io::add(bundle, "activations", quantizer);
    io::add(bundle, "learned", LearnedScale(quantizer));
    const auto rows = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(weights(4, 6));
    io::add(bundle, "fc1", QuantizedLinear(rows, rescale | bias{Eigen::VectorXf::Ones(4)}));
    io::add(bundle, "fc2", WeightOnlyLinear(rows));
    io::add(bundle, "w", AbsmaxQuantizer<std::int8_t>().quantize(weights(2, 2)));
    bundle.add("activations.other", weights(1, 1));
    return bundle;
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "objects.safetensors";
};

TEST_F(ObjectsOfAFile, AreListedByNameAndKind) {
  all().write(path);
  const SafetensorsFile file(path);
  const auto found = stored_objects(file);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].name, "activations");
  EXPECT_EQ(found[0].kind, "quantizer");
  EXPECT_EQ(found[0].parts, std::vector<std::string>{"activations.scales"});
  EXPECT_EQ(found[0].json["codec"]["type"], "symmetric");
  EXPECT_EQ(found[1].name, "fc1");
  EXPECT_EQ(found[1].kind, "layer");
  EXPECT_EQ(found[1].parts, (std::vector<std::string>{"fc1.weights.codes", "fc1.weights.scales",
                                                      "fc1.weights.zero_points", "fc1.epilogue.1.values"}));
  EXPECT_EQ(found[2].name, "fc2");
  EXPECT_TRUE(found[2].parts.empty());
  EXPECT_EQ(found[3].name, "learned");
  EXPECT_EQ(found[3].kind, "learned_scale");
  const auto tensors = quantized_tensors(file);  // lists these, and no objects
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "fc2.weights");
  EXPECT_EQ(tensors[1].name, "w");
}

TEST_F(ObjectsOfAFile, AreLeftAloneByTheReaderInPython) {
  if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
  all().write(path);
  EXPECT_EQ(run_python("check_names", path.string(), "fc2.weights", "w"), 0);
}

TEST_F(ObjectsOfAFile, AreNoneOfOtherPrograms) {
  const Bundle bundle = all();
  const std::string& quantizer = bundle.metadata().at("lowbit.activations");
  const auto with = [&](const std::string& text) {
    Metadata metadata = bundle.metadata();
    metadata["lowbit.activations"] = text;
    write_safetensors(path, bundle.tensors(), metadata);
    return SafetensorsFile(path);
  };
  for (const std::string text :
       {"", "mine", "[]", R"({"kind":"quantizer"})", R"({"version":3,"kind":"quantizer"})",
        R"({"version":3,"kind":"model","parts":[]})", R"({"version":3,"kind":["quantizer"],"parts":[]})"}) {
    const SafetensorsFile file = with(text);
    EXPECT_FALSE(is_object(file, "activations")) << text;
    EXPECT_EQ(stored_objects(file).size(), 3u) << text;
    EXPECT_TRUE(says(refusal([&] { object_info(file, "activations"); }),
                     {path.string(), "lowbit.activations", "no quantizer"}));
  }
  EXPECT_TRUE(is_object(with(quantizer), "activations"));
  EXPECT_FALSE(is_object(with(quantizer), "w"));
  EXPECT_FALSE(is_object(with(quantizer), "nothing"));
}

TEST_F(ObjectsOfAFile, AreRefusedWhereTheyAreMalformed) {
  const Bundle bundle = all();
  auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.activations"));
  const auto message = [&](const char* field, const nlohmann::json& value) {
    auto changed = json;
    changed[field] = value;
    Metadata metadata = bundle.metadata();
    metadata["lowbit.activations"] = changed.dump();
    write_safetensors(path, bundle.tensors(), metadata);
    return refusal([&] { stored_objects(SafetensorsFile(path)); });
  };
  EXPECT_TRUE(says(message("version", 4), {path.string(), ".version", "4", "3"}));
  EXPECT_TRUE(says(message("parts", 4), {path.string(), ".parts", "4", "an array"}));
  EXPECT_TRUE(
      says(message("parts", {"scales", "gone"}), {path.string(), "\"activations.gone\"", "not among"}));
}

}  // namespace
