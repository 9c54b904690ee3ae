#include <lowbit/absmax.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/learned_scale.hpp>
#include <lowbit/io/quantizer.hpp>
#include <lowbit/zero_point.hpp>

#include <limits>

#include "object_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(),
                nan = std::numeric_limits<float>::quiet_NaN();

/// After a few steps of training, so that scales and zero-points are none that calibration finds.
template <class C, class G>
LearnedScale<C, G> trained(const G& group, GradientFactor factor) {
  Quantizer<C, G> q(group);
  const Eigen::MatrixXf x = weights(6, 8);
  q.fit(x);
  LearnedScale<C, G> learned(q, factor);
  Eigen::MatrixXf dx(6, 8);
  for (int i = 0; i < 3; ++i) {
    learned.backward_into(Eigen::MatrixXf(3.0f * x), x, dx);
    learned.step(0.01f);
  }
  return learned;
}

template <class L>
void expect_round_trip(const L& learned, const std::filesystem::path& path) {
  Bundle bundle;
  io::add(bundle, "a.W", learned);
  bundle.write(path);
  L back = read_learned_scale<L>(SafetensorsFile(path), "a.W");
  EXPECT_TRUE(same_bits(learned.scales(), back.scales()));
  EXPECT_TRUE(same_bits(learned.zero_points(), back.zero_points()));
  EXPECT_EQ(learned.factor(), back.factor());
  Eigen::MatrixXf x = weights(6, 8), y(6, 8), z(6, 8);
  learned.forward_into(x, y);
  back.forward_into(x, z);
  EXPECT_EQ(y, z);
  L original = learned;  // training goes on as if nothing had happened
  original.backward_into(x, y, z);
  original.step(0.1f);
  back.backward_into(x, y, z);
  back.step(0.1f);
  EXPECT_TRUE(same_bits(original.scales(), back.scales()));
  EXPECT_TRUE(same_bits(original.zero_points(), back.zero_points()));
  Bundle again;
  io::add(again, "a.W", read_learned_scale<L>(SafetensorsFile(path), "a.W"));
  EXPECT_EQ(again.metadata(), bundle.metadata());
}

class LearnedScaleFile : public ObjectRefusal {
 protected:
  using Affine = LearnedScale<AffineInteger<std::uint8_t>, PerChannel>;
  using Symmetric = LearnedScale<SymmetricInteger<int4>, Indexed>;

  template <class L>
  static ObjectFile of(const L& learned) {
    return file_of(learned, [](const SafetensorsFile& file) { read_learned_scale<L>(file, "W"); });
  }
  const std::vector<Index> indices{0, 1, 0, 1, 2, 2, 0, 1};
  const ObjectFile affine =
                       of(trained<AffineInteger<std::uint8_t>>(PerChannel{.axis = 0}, GradientFactor::lsq)),
                   symmetric = of(trained<SymmetricInteger<int4>>(Indexed(indices), GradientFactor::one));
};

TEST_F(LearnedScaleFile, KeepsEveryBit) {
  expect_round_trip(trained<AffineInteger<std::uint8_t>>(PerChannel{.axis = 0}, GradientFactor::lsq), path);
  expect_round_trip(trained<AffineInteger<int4>>(PerTensor{}, GradientFactor::one), path);
  expect_round_trip(trained<SymmetricInteger<std::int8_t>>(Blockwise{.block_size = 4}, GradientFactor::one),
                    path);
  expect_round_trip(trained<SymmetricInteger<std::uint8_t>>(PerChannel{.axis = 1}, GradientFactor::lsq),
                    path);
  expect_round_trip(trained<SymmetricInteger<int4>>(Indexed(indices), GradientFactor::lsq), path);
}

TEST_F(LearnedScaleFile, KeepsZeroPointsBeforeRounding) {
  Quantizer<AffineInteger<std::uint8_t>> q;
  q.freeze(Parameters{0.5f, 3});
  LearnedScale learned(q);
  const float scales[]{0.25f}, zeros[]{3.4375f};
  learned.set(scales, zeros);
  Bundle bundle;
  io::add(bundle, "W", learned);
  EXPECT_EQ(
      bundle.metadata(),
      (Metadata{{"lowbit.W", R"({"version":3,"kind":"learned_scale","codec":{"type":"affine","code":"uint8",)"
                             R"("range":"include_zero","scaling":"divide","scale_rule":"free"},)"
                             R"("group":{"type":"per_tensor"},"factor":"lsq","groups":1,)"
                             R"("parts":["scales","zero_points"]})"}}));
  bundle.write(path);
  const auto back = read_learned_scale<decltype(learned)>(SafetensorsFile(path), "W");
  EXPECT_EQ(back.zero_points()[0], 3.4375f);
  EXPECT_EQ(back.quantizer().parameters(0), (Parameters{0.25f, 3}));
  expect_round_trip(learned, path);
}

TEST_F(LearnedScaleFile, RefusesBadDescriptions) {
  for (const ObjectFile* f : {&affine, &symmetric}) {
    expect_fields_are_needed(*f);
    expect_parts_are_needed(*f);
    expect_any_text_is_read_or_refused(*f);
    for (const Json& version : {Json(1), Json(2), Json(4), Json("3")})
      EXPECT_TRUE(says(with(*f, "/version", version), {path.string(), ".version", version.dump(), "3"}));
    for (const Json& groups : {Json(5), Json(-1), Json(0), Json(nullptr)})
      EXPECT_TRUE(says(with(*f, "/groups", groups), {path.string(), groups.dump()})) << groups;
  }
  EXPECT_TRUE(says(with(affine, "/kind", "quantizer"), {".kind", "\"quantizer\"", "\"learned_scale\""}));
  EXPECT_TRUE(says(with(affine, "/factor", "two"), {".factor", "\"two\"", "\"lsq\", \"one\""}));
  affine.bundle.write(path);
  const SafetensorsFile file(path);
  EXPECT_TRUE(
      says(refusal([&] { read_quantizer<Quantizer<AffineInteger<std::uint8_t>, PerChannel>>(file, "W"); }),
           {path.string(), ".kind", "\"learned_scale\"", "\"quantizer\""}));
  EXPECT_TRUE(says(refusal([&] { read_learned_scale<Symmetric>(file, "W"); }),
                   {path.string(), ".type", "\"affine\"", "\"symmetric\""}) ||
              says(refusal([&] { read_learned_scale<Symmetric>(file, "W"); }),
                   {path.string(), ".type", "\"per_channel\"", "\"indexed\""}));
}

TEST_F(LearnedScaleFile, RefusesBadTensors) {
  const std::vector<float> ones(6, 1.0f);
  for (const float bad : {infinity, -infinity, nan}) {
    auto values = ones;
    values[4] = bad;
    EXPECT_TRUE(
        says(with_tensor(affine, "scales", {6}, values), {path.string(), "learned_scale \"W\"", "scale 4"}));
    EXPECT_TRUE(says(with_tensor(affine, "zero_points", {6}, values),
                     {path.string(), "learned_scale \"W\"", "zero-point 4"}));
  }
  auto values = ones;
  values[4] = -1.0f;
  EXPECT_TRUE(says(with_tensor(affine, "scales", {6}, values), {path.string(), "scale 4", "-1"}));
  EXPECT_TRUE(says(with_tensor(affine, "zero_points", {6}, values),  // no code: set would clamp it
                   {path.string(), "zero-point 4", "-1", "0"}));
  values[4] = std::numeric_limits<float>::max();
  EXPECT_TRUE(says(with_tensor(affine, "scales", {6}, values), {path.string(), "scale 4", "3.40282347e+38"}));
}

TEST_F(LearnedScaleFile, RefusesWhatWasMoved) {
  LearnedScale learned = trained<SymmetricInteger<std::int8_t>>(PerTensor{}, GradientFactor::lsq);
  const auto quantizer = std::move(learned).quantizer();
  Bundle bundle;
  try {
    io::add(bundle, "fc1", learned);  // NOLINT(bugprone-use-after-move): that is what is tested
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(says(error.what(), {"\"fc1\"", "moved"}));
  }
}

}  // namespace
