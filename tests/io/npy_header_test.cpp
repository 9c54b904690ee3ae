#include <lowbit/io/npy_header.hpp>

#include "support.hpp"

#include <string>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Order;
using lowbit::Shape;

namespace {

/// An npy file assembled by hand; version 1 has a 16-bit header length, 2 and 3 a 32-bit one.
std::string npy_bytes(std::string_view dict, std::string_view data, int major = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(major), '\0'};
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) file += static_cast<char>(dict.size() >> (8 * i));
  return file.append(dict).append(data);
}

NpyHeader parse(std::string_view bytes) { return parse_npy(bytes_of(bytes), "x.npy"); }

TEST(NpyHeader, TheVersionsDifferInTheLengthField) {
  const std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  for (int major : {1, 2, 3}) {
    const NpyHeader header = parse(npy_bytes(dict, std::string(24, 'd'), major));
    EXPECT_EQ(header.dtype, Dtype::f32);
    EXPECT_EQ(header.shape, (Shape{2, 3}));
    EXPECT_EQ(header.shape.order(), Order::row_major);
    EXPECT_FALSE(header.big_endian);
    EXPECT_EQ(header.data_offset, (major == 1 ? 10 : 12) + dict.size());
  }
}

TEST(NpyHeader, AHeaderOver64KiBIsRead) {
  const std::string dict =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}" + std::string(70000, ' ') + "\n";
  EXPECT_EQ(parse(npy_bytes(dict, "d", 2)).shape, Shape{1});
}

TEST(NpyHeader, FortranOrderIsColumnMajor) {
  const NpyHeader header =
      parse(npy_bytes("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", std::string(12, 'd')));
  EXPECT_EQ(header.shape.order(), Order::column_major);
  EXPECT_EQ(header.shape, (Shape{2, 3}));
}

TEST(NpyHeader, DtypesInBothByteOrders) {
  struct Row {
    std::string kind;
    Dtype dtype;
  };
  const Row rows[] = {{"b1", Dtype::boolean}, {"u1", Dtype::u8},  {"i1", Dtype::i8},  {"u2", Dtype::u16},
                      {"i2", Dtype::i16},     {"f2", Dtype::f16}, {"u4", Dtype::u32}, {"i4", Dtype::i32},
                      {"f4", Dtype::f32},     {"u8", Dtype::u64}, {"i8", Dtype::i64}, {"f8", Dtype::f64}};
  for (const Row& row : rows)
    for (const std::string order : {"<", ">", "|", "=", ""}) {
      const std::string descr = order + row.kind, data(bytes_per_element(row.dtype), 'd');
      const std::string file = npy_bytes("{'descr':'" + descr + "','fortran_order':False,'shape':()}", data);
      EXPECT_EQ(parse(file).dtype, row.dtype) << descr;
      EXPECT_EQ(parse(file).big_endian, order == ">") << descr;
    }
}

TEST(NpyHeader, EveryWayToSpellTheDict) {
  for (std::string_view dict : {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }",
                                "{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"|u1\"}",
                                "  {\t'shape' : ( 3 , ) ,\n'descr' :\"|u1\", 'fortran_order':False } \n",
                                "{'fortran_order': False, 'descr': '|u1', 'shape': (3,)}                \n"})
    EXPECT_EQ(parse(npy_bytes(dict, "ddd")).shape, Shape{3}) << dict;
}

TEST(NpyHeader, ScalarsAndEmptyShapes) {
  const auto shape = [](std::string_view tuple, std::string_view data) {
    return parse(npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': " + std::string(tuple) + "}",
                           data))
        .shape;
  };
  EXPECT_EQ(shape("()", "d"), Shape{});
  EXPECT_EQ(shape("( )", "d").rank(), 0);
  EXPECT_EQ(shape("(0,)", ""), Shape{0});
  EXPECT_EQ(shape("(2, 0, 3)", ""), (Shape{2, 0, 3}));
  EXPECT_EQ(shape("(1, 1, 1, 1, 1, 1, 1, 2,)", "dd").rank(), 8);
}

TEST(NpyHeader, Python2WritesAnLAfterIntegers) {
  const auto shape = [](std::string_view tuple, std::string_view data) {
    return parse(npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': " + std::string(tuple) + "}",
                           data))
        .shape;
  };
  EXPECT_EQ(shape("(3L, 4L)", "dddddddddddd"), (Shape{3, 4}));
  EXPECT_EQ(shape("(2L,)", "dd"), Shape{2});
  EXPECT_EQ(shape("(2, 0L)", ""), (Shape{2, 0}));
}

TEST(NpyHeader, Python2WritesAUBeforeStrings) {
  for (const std::string_view dict : {"{'descr': u'<f4', 'fortran_order': False, 'shape': (1,), }",
                                      "{u'descr': u'<f4', u'fortran_order': False, u'shape': (1L,), }",
                                      "{u\"descr\" : U\"<f4\", U'fortran_order': False, 'shape': (1,)}"})
    EXPECT_EQ(parse(npy_bytes(dict, "dddd")).dtype, Dtype::f32) << dict;
}

TEST(NpyHeader, MalformedFilesAreRefusedWithFieldAndValue) {
  struct Row {
    std::string name, file;
    std::vector<std::string> message;
  };
  const auto dict = [](std::string_view text, std::string_view data = "d") { return npy_bytes(text, data); };
  const auto descr = [&](std::string_view text) {
    return dict("{'descr': " + std::string(text) + ", 'fortran_order': False, 'shape': ()}");
  };
  const auto shape = [&](std::string_view text) {
    return dict("{'descr': '|u1', 'fortran_order': False, 'shape': " + std::string(text) + "}");
  };
  const Row rows[] = {
      {"not npy", "PK\x03\x04zip file", {"magic", "PK\\x03\\x04zi"}},
      {"version 0", npy_bytes("{}", "", 0), {"version: 0.0"}},
      {"version 4", npy_bytes("{}", "", 4), {"version: 4.0"}},
      {"version 1.1", std::string("\x93NUMPY\x01\x01\x02\x00{}", 12), {"version: 1.1"}},
      {"header over the file",
       std::string("\x93NUMPY\x01\x00\x77\x00{'descr'", 18),
       {"header length", "119", "8 bytes"}},
      {"32-bit header over the file",
       std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14),
       {"header length", "4294967295"}},
      {"object", descr("'|O'"), {"descr", "\"|O\""}},
      {"unicode", descr("'<U5'"), {"descr", "\"<U5\""}},
      {"bytes", descr("'|S3'"), {"descr", "\"|S3\""}},
      {"void", descr("'|V2'"), {"descr", "\"|V2\""}},
      {"date", descr("'<M8[ns]'"), {"descr", "\"<M8[ns]\""}},
      {"complex", descr("'<c8'"), {"descr", "\"<c8\""}},
      {"long double", descr("'<f16'"), {"descr", "\"<f16\""}},
      {"order alone", descr("'='"), {"descr", "\"=\""}},
      {"numpy's letter for bool", descr("'?'"), {"descr", "\"?\"", "b1"}},
      {"bytes of Python", descr("b'<f4'"), {"header", "dtype in quotes", "\"b'<f4'"}},
      {"u alone", descr("u"), {"header", "dtype in quotes", "\"u, 'f"}},
      {"two us", descr("uu'<f4'"), {"header", "dtype in quotes", "\"uu'<f4'"}},
      {"u behind space", descr("u '<f4'"), {"header", "dtype in quotes", "\"u '<f4'"}},
      {"u of a dtype", descr("'u<f4'"), {"descr", "\"u<f4\""}},
      {"two orders", descr("'<=f4'"), {"descr", "\"<=f4\""}},
      {"L alone", shape("(L,)"), {"shape", "\"L,)"}},
      {"two Ls", shape("(1LL,)"), {"header", "\"L,)"}},
      {"empty dtype", descr("''"), {"descr", "\"\""}},
      {"structured", descr("[('x', '<f4')]"), {"descr", "structured"}},
      {"sub-array", descr("('<f4', (2,))"), {"descr", "structured"}},
      {"dtype not text", descr("None"), {"header", "dtype in quotes", "None"}},
      {"dtype with backslash", descr("'\\x3cf4'"), {"header", "backslash"}},
      {"open string", dict("{'descr"), {"header", "string", "does not end"}},
      {"no dict", dict("descr"), {"header", "'{'", "byte 0", "\"descr\""}},
      {"empty header", dict(""), {"header", "'{'", "the end"}},
      {"open dict", dict("{'descr': '|u1'"), {"header", "'}'", "the end"}},
      {"text behind", dict("{'descr': '|u1', 'fortran_order': False, 'shape': ()} x"), {"header", "\"x\""}},
      {"NUL behind",
       dict(std::string("{'descr': '|u1', 'fortran_order': False, 'shape': ()}\0", 54)),
       {"header", "\\x00"}},
      {"two commas",
       dict("{'descr': '|u1',, 'fortran_order': False, 'shape': ()}"),
       {"header", "key in quotes", "\", 'fort"}},
      {"no colon", dict("{'descr' '|u1'}"), {"header", "':'", "byte 9"}},
      {"key not text", dict("{1: 2}"), {"header", "key in quotes", "\"1: 2}\""}},
      {"no descr", dict("{'fortran_order': False, 'shape': ()}"), {"header", "missing key \"descr\""}},
      {"no order", dict("{'descr': '|u1', 'shape': ()}"), {"header", "missing key \"fortran_order\""}},
      {"no shape", dict("{'descr': '|u1', 'fortran_order': False}"), {"header", "missing key \"shape\""}},
      {"unknown key", dict("{'descr': '|u1', 'strides': ()}"), {"header", "unknown key \"strides\""}},
      {"descr twice", dict("{'descr': '|u1', 'descr': '|u1'}"), {"header", "duplicate key \"descr\""}},
      {"order twice",
       dict("{'fortran_order': True, 'fortran_order': True}"),
       {"duplicate key \"fortran_order\""}},
      {"shape twice", dict("{'shape': (), 'shape': ()}"), {"header", "duplicate key \"shape\""}},
      {"order a number", dict("{'fortran_order': 0}"), {"header", "True or False", "\"0}\""}},
      {"negative", shape("(-1,)"), {"header", "non-negative integer in shape", "\"-1,)}\""}},
      {"fraction", shape("(1.5,)"), {"header", "\".5,)}\""}},
      {"exponent", shape("(1e3,)"), {"header", "\"e3,)}\""}},
      {"hexadecimal", shape("(0x3,)"), {"header", "\"x3,)}\""}},
      {"leading zero", shape("(03,)"), {"shape", "leading zero in 03"}},
      {"over 64 bits", shape("(18446744073709551616,)"), {"shape", "18446744073709551616 does not fit"}},
      {"over 63 bits", shape("(9223372036854775808,)"), {"shape", "9223372036854775808", "overflow"}},
      {"product over 63 bits",
       shape("(4294967296, 4294967296)"),
       {"shape", "4294967296 of dimension 1", "overflow"}},
      {"a list", shape("[1, 2]"), {"header", "'('", "\"[1, 2]}\""}},
      {"a number", shape("1"), {"header", "'('", "\"1}\""}},
      {"parentheses only", shape("(1)"), {"shape", "(1) is not a tuple"}},
      {"only a comma", shape("(,)"), {"header", "non-negative integer", "\",)}\""}},
      {"open tuple", shape("(1, 2"), {"header", "')'", "\"}\""}},
      {"rank 9", shape("(1,1,1,1,1,1,1,1,1)"), {"shape", "9 dimensions", "8"}},
      {"short data", shape("(2,)"), {"data", "1 bytes", "[2]", "U8", "needs 2"}},
      {"long data",
       dict("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", "ddd"),
       {"data", "3 bytes", "needs 2"}},
      {"no data",
       dict("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", ""),
       {"data", "0 bytes", "needs 48"}},
  };
  for (const Row& row : rows) {
    const std::string message = refusal([&] { parse(row.file); });
    EXPECT_TRUE(says(message, row.message)) << row.name;
    EXPECT_TRUE(message.starts_with("lowbit: x.npy: ")) << row.name << ": " << message;
  }
}

TEST(NpyHeader, EveryTruncationIsRefused) {
  for (int major : {1, 2}) {
    const std::string whole = npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
                                        std::string(24, 'd'), major);
    parse(whole);
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_TRUE(says(refusal([&] { parse(whole.substr(0, size)); }), {"x.npy: "})) << size;
  }
}

TEST(NpyHeader, WrittenAsNumpyWritesIt) {
  const std::string header = npy_header_text(Dtype::f32, Shape{2, 3}, "x.npy");
  EXPECT_EQ(header, npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" +
                                  std::string(58, ' ') + "\n",
                              ""));
  EXPECT_EQ(header.size(), 128u);
}

TEST(NpyHeader, WrittenTuplesAndOrders) {
  const auto dict = [](const Shape& shape) {
    const std::string header = npy_header_text(Dtype::u8, shape, "x");
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.back(), '\n');
    return header.substr(10, header.find('}') - 9);
  };
  EXPECT_EQ(dict({}), "{'descr': '|u1', 'fortran_order': False, 'shape': (), }");
  EXPECT_EQ(dict({5}), "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }");
  EXPECT_EQ(dict(Shape{5}.in_order(Order::column_major)),
            "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }");
  EXPECT_EQ(dict(Shape{2, 0, 4}.in_order(Order::column_major)),
            "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0, 4), }");
}

TEST(NpyHeader, DtypesThatNpyLacksAreNotWritten) {
  for (Dtype dtype : {Dtype::bf16, Dtype::f8_e4m3, Dtype::f8_e5m2})
    EXPECT_TRUE(says(refusal([&] { npy_header_text(dtype, Shape{1}, "x.npy"); }),
                     {"x.npy: descr", std::string(dtype_name(dtype))}));
}

}  // namespace
