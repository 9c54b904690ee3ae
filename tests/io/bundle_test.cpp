#include <lowbit/absmax.hpp>
#include <lowbit/io/bundle.hpp>
#include <lowbit/io/npy.hpp>
#include <lowbit/io/safetensors.hpp>
#include <lowbit/quantize/error.hpp>

#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
#include <unsupported/Eigen/CXX11/Tensor>
#endif

#include "support.hpp"

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Index;
using lowbit::Order;
using lowbit::Shape;

namespace {

class BundleTest : public testing::Test {
 protected:
  SafetensorsFile written() {
    bundle.write(path);
    return SafetensorsFile(path);
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "x.safetensors";
  Bundle bundle;
};

using Row = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// 0, 1, 2, ... in row-major order.
template <class M = Eigen::MatrixXf>
M counting(Index rows, Index columns) {
  M m(rows, columns);
  for (Index i = 0; i < m.size(); ++i) m(i / columns, i % columns) = static_cast<typename M::Scalar>(i);
  return m;
}

void expect_counting(const StoredTensor& t, const Shape& shape) {
  ASSERT_EQ(t.shape, shape);
  ASSERT_EQ(t.dtype, Dtype::f32);
  const auto values = t.values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<float>(i)) << i;
}

TEST_F(BundleTest, StoresRowMajorWhateverTheOrderInMemory) {
  const Eigen::MatrixXf columns = counting(3, 4);
  const Row rows = counting<Row>(3, 4);
  Eigen::MatrixXf wide = Eigen::MatrixXf::Constant(7, 9, -1.0f);
  wide.block(2, 3, 3, 4) = columns;
  const std::vector<float> list{0, 1, 2};
  bundle.add("columns", columns);
  bundle.add("rows", rows);
  bundle.add("block", wide.block(2, 3, 3, 4));
  bundle.add("expression", 0.5f * (columns + rows));
  bundle.add("vector", rows.row(0));
  bundle.add("list", list);
  EXPECT_EQ(bundle.bytes(), sizeof(float) * (4 * 12 + 4 + 3));
  const SafetensorsFile file = written();
  for (const char* name : {"columns", "rows", "block", "expression"})
    expect_counting(file.tensor(name), Shape{3, 4});
  expect_counting(file.tensor("vector"), Shape{1, 4});
  expect_counting(file.tensor("list"), Shape{3});
}

#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
TEST_F(BundleTest, StoresTensorsOfHigherRankRowMajor) {
  Eigen::Tensor<float, 3> tensor(2, 3, 4);
  for (int i = 0; i < 24; ++i) tensor(i / 12, i / 4 % 3, i % 4) = static_cast<float>(i);
  bundle.add("tensor", tensor);
  const SafetensorsFile file = written();
  expect_counting(file.tensor("tensor"), Shape{2, 3, 4});
}
#endif

TEST_F(BundleTest, DoesNotCopyWhatLiesInTheOrderOfTheFile) {
  const Row rows = counting<Row>(3, 4);
  bundle.add("rows", rows);
  EXPECT_EQ(static_cast<const void*>(bundle.tensors()[0].tensor.bytes.data()), rows.data());
}

TEST_F(BundleTest, StoresEveryScalarAsItsDtype) {
  bundle.add("double", Eigen::VectorXd::Constant(1, 0.1));
  bundle.add("half", Eigen::Array<Eigen::half, 2, 1>::Constant(Eigen::half(1.5f)));
  bundle.add("bfloat16", Eigen::Array<Eigen::bfloat16, 2, 1>::Constant(Eigen::bfloat16(-2.0f)));
  const SafetensorsFile file = written();
  EXPECT_EQ(file.tensor("double").values<double>()[0], 0.1);
  EXPECT_EQ(file.tensor("half").copy<Eigen::half>()[1], Eigen::half(1.5f));
  EXPECT_EQ(file.tensor("bfloat16").copy<lowbit::bf16>()[1].bits, 0xc000);
}

TEST_F(BundleTest, TransposesStoredColumnMajorArraysOfAnyDtype) {
  const std::int16_t values[] = {0, 3, 1, 4, 2, 5};
  const StoredTensor fortran =
      stored_tensor(std::span<const std::int16_t>(values), Shape({2, 3}, Order::column_major));
  bundle.add("x", fortran);
  const SafetensorsFile file = written();
  const auto x = file.tensor("x").copy<std::int16_t>();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(x[i], static_cast<std::int16_t>(i));
}

TEST_F(BundleTest, TemporariesAreCopiedAndViewsAreNot) {
  const Row rows = counting<Row>(300, 4);
  const auto constant = [&]() -> const Row { return rows; };
  const std::span<const float> flat(rows.data(), static_cast<std::size_t>(rows.size()));
  Bundle copy;
  {
    Bundle first;
    first.add("matrix", Row(rows));
    first.add("const matrix", constant());
    first.add("row of a temporary", Row(rows).row(1));
    first.add("vector", std::vector<float>(flat.begin(), flat.end()));
    first.add("reference to a temporary", Eigen::Ref<const Row>(rows * 1.0f));
    first.add("span", std::span(flat));
    first.add("map", Eigen::Map<const Row>(rows.data(), 300, 4));
    first.add("view", lowbit::view(flat, Shape{300, 4}));
    copy = first;  // what the first one owned stays
  }
  const std::vector<std::vector<float>> over(8, std::vector<float>(1200, -1.0f));
  for (const auto& [name, tensor] : copy.tensors()) {
    const bool looks = name == "span" || name == "map" || name == "view";
    const auto values = tensor.values<float>();
    EXPECT_EQ(values.data() == rows.data(), looks) << name;
    const float first = name == "row of a temporary" ? 4.0f : 0.0f;
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(values[i], first + static_cast<float>(i)) << name;
  }
}

TEST_F(BundleTest, TensorsThatTheLibraryDoesNotKnowAreCopied) {
  const std::string bytes = safetensors_bytes(R"({"__metadata__":{"k":"v"},)"
                                              R"("s":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[0,2]},)"
                                              R"("p":{"dtype":"F4","shape":[2,3],"data_offsets":[2,5]},)"
                                              R"("new":{"dtype":"F128","shape":[1,2],"data_offsets":[5,10]},)"
                                              R"("deep":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],)"
                                              R"("data_offsets":[10,14]}})",
                                              "abcdefghijklmn");
  const SafetensorsFile file(write_file(scratch / "in.safetensors", bytes));
  for (const SafetensorsEntry& entry : file.tensors()) bundle.add(entry.name, file.tensor(entry));
  const SafetensorsFile copy = written();
  ASSERT_EQ(copy.tensors().size(), 4u);
  for (const SafetensorsEntry& entry : file.tensors()) {
    const StoredTensor a = file.tensor(entry), b = copy.tensor(entry.name);
    EXPECT_EQ(type_text(a), type_text(b));
    EXPECT_EQ(shape_text(a), shape_text(b));
    EXPECT_EQ(text_of(a.bytes), text_of(b.bytes));
  }
  EXPECT_EQ(type_text(copy.tensor("new")), "F128 [1, 2]");
  EXPECT_TRUE(says(refusal([&] { read_tensor(copy.tensor("s")); }), {"\"s\"", "F8_E8M0", "not decoded"}));
  EXPECT_TRUE(says(refusal([&] { read_tensor(copy.tensor("p")); }), {"\"p\"", "F4", "not decoded"}));
  EXPECT_TRUE(
      says(refusal([&] { read_tensor(copy.tensor("new")); }), {"\"new\"", "F128 [1, 2]", "not decoded"}));
  EXPECT_TRUE(says(refusal([&] { copy.tensor("deep").copy<float>(); }),
                   {"\"deep\"", "F32 [1, 1, 1, 1, 1, 1, 1, 1, 1]", "not F32"}));
}

TEST_F(BundleTest, RefusesTheSameMetadataTwice) {
  bundle.describe("k", "1");
  EXPECT_THROW(bundle.describe("k", "2"), std::invalid_argument);
}

TEST_F(BundleTest, ReadsIntoEigenInAnyOrderAndType) {
  bundle.add("x", counting(3, 4));
  bundle.add("v", Eigen::VectorXf::LinSpaced(3, 0.0f, 2.0f));
  const SafetensorsFile file = written();
  EXPECT_EQ(read_tensor(file.tensor("x")), counting(3, 4));
  EXPECT_EQ(read_tensor<Row>(file.tensor("x")), counting<Row>(3, 4));
  EXPECT_EQ(read_tensor<Eigen::MatrixXd>(file.tensor("x")), counting<Eigen::MatrixXd>(3, 4));
  EXPECT_EQ((read_tensor<Eigen::Matrix<Eigen::half, 3, 4>>(file.tensor("x")).cast<float>()), counting(3, 4));
  EXPECT_EQ(read_tensor<Eigen::VectorXf>(file.tensor("v")), Eigen::Vector3f(0, 1, 2));
  Eigen::MatrixXf wide = Eigen::MatrixXf::Zero(5, 6);
  read_into(file.tensor("x"), wide.block(1, 1, 3, 4));
  EXPECT_EQ(wide.block(1, 1, 3, 4), counting(3, 4));
  EXPECT_EQ(wide.sum(), 66.0f);
  EXPECT_THROW(read_into(file.tensor("x"), wide), std::invalid_argument);
  EXPECT_THROW((read_tensor<Eigen::Matrix2f>(file.tensor("x"))), std::invalid_argument);
}

TEST_F(BundleTest, DoublesAreReadAsDoubles) {
  bundle.add("x", Eigen::VectorXd::Constant(1, 0.1));
  const SafetensorsFile file = written();
  EXPECT_EQ(read_tensor<Eigen::VectorXd>(file.tensor("x"))[0], 0.1);
}

TEST_F(BundleTest, NarrowingThatLosesValuesIsRefused) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  bundle.add("large", Eigen::Vector3d(1.0, -1e60, 2.0));
  bundle.add("small", Eigen::Vector2d(0.0, 1e-60));
  bundle.add("both", Eigen::Vector3d(1e-60, 1.0, inf));
  bundle.add("zeros", Eigen::Vector2d(0.0, -0.0));
  bundle.add("float", Eigen::Vector2f(1e6f, 1.0f));
  const SafetensorsFile file = written();
  EXPECT_EQ(read_tensor<Eigen::VectorXd>(file.tensor("large")), Eigen::Vector3d(1.0, -1e60, 2.0));
  EXPECT_TRUE(says(refusal([&] { read_tensor<Eigen::VectorXf>(file.tensor("large")); }),
                   {"\"large\"", "value 1", "-1e+60", "F32", "F64"}));
  EXPECT_TRUE(says(refusal([&] { read_tensor<Eigen::VectorXf>(file.tensor("small")); }),
                   {"\"small\"", "too small for F32", "F64"}));
  EXPECT_EQ(read_tensor<Eigen::VectorXf>(file.tensor("both")),
            Eigen::Vector3f(0.0f, 1.0f, std::numeric_limits<float>::infinity()));
  EXPECT_EQ(read_tensor<Eigen::VectorXf>(file.tensor("zeros")), Eigen::Vector2f(0.0f, 0.0f));
  using Half = Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1>;
  EXPECT_TRUE(says(refusal([&] { read_tensor<Half>(file.tensor("float")); }), {"value 0", "1000000", "F16"}));
  const double doubles[] = {1e60, 1e-60, 0.1};
  write_npy(scratch / "d.npy", stored_tensor(std::span<const double>(doubles), Shape{3}));
  const NpyFile npy(scratch / "d.npy");
  EXPECT_EQ(read_tensor<Eigen::VectorXd>(npy.tensor()), Eigen::Vector3d(1e60, 1e-60, 0.1));
  EXPECT_TRUE(
      says(refusal([&] { read_tensor<Eigen::VectorXf>(npy.tensor()); }), {"d.npy", "value 0", "1e+60"}));
}

TEST_F(BundleTest, StoredTensorsGoStraightIntoAQuantizer) {
  const Eigen::MatrixXf x = counting(3, 4);
  const lowbit::AbsmaxQuantizer<std::int8_t> int8;
  bundle.add("x", x);
  bundle.add("h", x.cast<Eigen::half>());
  const SafetensorsFile file = written();
  for (const char* name : {"x", "h"}) {
    const auto q = with_view(file.tensor(name), [&](const auto& view) { return int8.quantize(view); });
    EXPECT_EQ(q.dequantize(), int8.quantize(x).dequantize()) << name;
    const auto report =
        with_view(file.tensor(name), [&](const auto& view) { return lowbit::error(view, q); });
    EXPECT_EQ(report.max_abs, lowbit::error(x, q).max_abs);
  }
}

TEST_F(BundleTest, ColumnMajorArraysKeepTheirLogicalOrder) {
  write_npy(scratch / "x.npy",
            stored_tensor(std::span<const float>(counting(3, 4).eval().reshaped().eval().data(), 12),
                          Shape({3, 4}, Order::column_major)));
  const NpyFile file(scratch / "x.npy");
  EXPECT_EQ(read_tensor(file.tensor()), counting(3, 4));
}

TEST_F(BundleTest, MisalignedElementsAreCopied) {
  const SafetensorsFile file(
      write_file(path, safetensors_bytes(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                         R"("w":{"dtype":"F32","shape":[1,2],"data_offsets":[1,9]}})",
                                         std::string_view("\x07\x00\x00\x80\x3f\x00\x00\x00\xc0", 9))));
  const bool misaligned = reinterpret_cast<std::uintptr_t>(file.tensor("w").bytes.data()) % 4 != 0 ||
                          reinterpret_cast<std::uintptr_t>(file.tensor("b").bytes.data()) % 4 != 0;
  EXPECT_TRUE(misaligned);
  EXPECT_EQ(read_tensor(file.tensor("w")), (Eigen::MatrixXf(1, 2) << 1.0f, -2.0f).finished());
}

TEST_F(BundleTest, IntegersAreNotReadAsFloats) {
  const std::int32_t ids[] = {1, 2};
  bundle.add("ids", stored_tensor(std::span<const std::int32_t>(ids), Shape{2}));
  const SafetensorsFile file = written();
  EXPECT_TRUE(says(refusal([&] { read_tensor(file.tensor("ids")); }),
                   {path.string(), "\"ids\"", "I32", "integer type", "F32, F64, F16 and BF16"}));
}

}  // namespace
