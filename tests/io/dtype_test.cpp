#include <lowbit/io/dtype.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

using namespace lowbit::io;

namespace {

struct Half {
  std::uint16_t bits;
};

}  // namespace

template <>
struct lowbit::io::DtypeOf<Half> : std::integral_constant<Dtype, Dtype::f16> {};

namespace {

TEST(Dtype, NamesAndSizesAreThoseOfSafetensors) {
  struct Row {
    Dtype dtype;
    std::string_view name;
    std::size_t bytes;
  };
  const Row rows[] = {
      {Dtype::boolean, "BOOL", 1},    {Dtype::u8, "U8", 1},           {Dtype::i8, "I8", 1},
      {Dtype::f8_e5m2, "F8_E5M2", 1}, {Dtype::f8_e4m3, "F8_E4M3", 1}, {Dtype::i16, "I16", 2},
      {Dtype::u16, "U16", 2},         {Dtype::f16, "F16", 2},         {Dtype::bf16, "BF16", 2},
      {Dtype::i32, "I32", 4},         {Dtype::u32, "U32", 4},         {Dtype::f32, "F32", 4},
      {Dtype::f64, "F64", 8},         {Dtype::i64, "I64", 8},         {Dtype::u64, "U64", 8}};
  EXPECT_EQ(std::size(rows), dtype_table.size());
  for (const Row& row : rows) {
    EXPECT_EQ(dtype_name(row.dtype), row.name);
    EXPECT_EQ(bytes_per_element(row.dtype), row.bytes) << row.name;
    EXPECT_EQ(parse_dtype(row.name), row.dtype);
  }
}

TEST(Dtype, OtherNamesAreUnknown) {
  for (std::string_view text : {"", "f32", "F32 ", "F128", "F4", "C64", "BOOLEAN"})
    EXPECT_FALSE(parse_dtype(text)) << text;
}

TEST(Dtype, CppTypesMapBySizeAndSign) {
  static_assert(DtypeOf<bool>::value == Dtype::boolean && DtypeOf<float>::value == Dtype::f32);
  static_assert(DtypeOf<double>::value == Dtype::f64);
  static_assert(DtypeOf<std::uint8_t>::value == Dtype::u8 && DtypeOf<std::int8_t>::value == Dtype::i8);
  static_assert(DtypeOf<std::uint16_t>::value == Dtype::u16 && DtypeOf<std::int16_t>::value == Dtype::i16);
  static_assert(DtypeOf<std::uint32_t>::value == Dtype::u32 && DtypeOf<std::int32_t>::value == Dtype::i32);
  static_assert(DtypeOf<long>::value == Dtype::i64 && DtypeOf<long long>::value == Dtype::i64);
  static_assert(DtypeOf<unsigned long>::value == Dtype::u64 &&
                DtypeOf<unsigned long long>::value == Dtype::u64);
  static_assert(Storable<float> && !Storable<std::string_view> && !Storable<long double>);
}

TEST(Dtype, UserTypesJoinBySpecialization) { static_assert(Storable<Half>); }

}  // namespace
