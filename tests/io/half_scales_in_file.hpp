// A scale format of a user in files, as a part of the user's own.
#pragma once
#include <lowbit/io/scales.hpp>

#include <string>
#include <string_view>

#include "support/half_scales.hpp"

template <>
struct lowbit::io::ScalesInFile<lowbit_test::HalfScales> {
  static constexpr std::string_view name = "my.halves";
  static void add(Bundle& bundle, const std::string& prefix, const lowbit_test::HalfScales::Array& scales) {
    bundle.add(prefix + "halves",
               stored_tensor(scales.values.span(), Shape{static_cast<Index>(scales.size())}));
  }
  static lowbit_test::HalfScales::Array read(QuantizedReader& reader, Index groups) {
    return {reader.part<float16>("halves", Shape{groups})};
  }
};
