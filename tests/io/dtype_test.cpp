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
    std::size_t bits;
  };
  const Row rows[] = {{Dtype::boolean, "BOOL", 8},
                      {Dtype::f4, "F4", 4},
                      {Dtype::f6_e2m3, "F6_E2M3", 6},
                      {Dtype::f6_e3m2, "F6_E3M2", 6},
                      {Dtype::u8, "U8", 8},
                      {Dtype::i8, "I8", 8},
                      {Dtype::f8_e5m2, "F8_E5M2", 8},
                      {Dtype::f8_e4m3, "F8_E4M3", 8},
                      {Dtype::f8_e8m0, "F8_E8M0", 8},
                      {Dtype::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
                      {Dtype::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
                      {Dtype::i16, "I16", 16},
                      {Dtype::u16, "U16", 16},
                      {Dtype::f16, "F16", 16},
                      {Dtype::bf16, "BF16", 16},
                      {Dtype::i32, "I32", 32},
                      {Dtype::u32, "U32", 32},
                      {Dtype::f32, "F32", 32},
                      {Dtype::c64, "C64", 64},
                      {Dtype::f64, "F64", 64},
                      {Dtype::i64, "I64", 64},
                      {Dtype::u64, "U64", 64}};
  EXPECT_EQ(std::size(rows), dtype_table.size());
  for (const Row& row : rows) {
    EXPECT_EQ(dtype_name(row.dtype), row.name);
    EXPECT_EQ(bits_per_element(row.dtype), row.bits) << row.name;
    EXPECT_EQ(bytes_per_element(row.dtype), row.bits / 8) << row.name;
    EXPECT_EQ(is_integer(row.dtype), row.name == "BOOL" || row.name[0] == 'I' || row.name[0] == 'U')
        << row.name;
    EXPECT_EQ(parse_dtype(row.name), row.dtype);
  }
}

TEST(Dtype, OtherNamesAreUnknown) {
  for (std::string_view text : {"", "f32", "F32 ", "F128", "F8", "C128", "BOOLEAN", "foreign"})
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
