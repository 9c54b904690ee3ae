// What a wrong value of LOWBIT_ISA does: every kind of call that would run a kernel throws, each time, and
// prints the message here.
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>

#include <cstdio>
#include <string>

namespace {

/// The message of f, "" when it does not throw.
template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

/// int4 codes as a file would hand them over: nothing was quantized in this process.
auto stored() {
  using Stored = lowbit::Quantized<lowbit::SymmetricInteger<lowbit::int4>, lowbit::Blockwise>;
  Stored::Parts parts{{}, {.block_size = 8}};
  parts.codes = lowbit::Buffer<std::uint8_t>(8, 0x21);
  parts.scales = lowbit::FloatScales::Array(2, 0.5F);
  return Stored(lowbit::Shape{2, 8}, std::move(parts));
}

}  // namespace

int main() {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Ones(2, 8);
  const Eigen::Matrix<std::int8_t, 2, 2> codes = Eigen::Matrix<std::int8_t, 2, 2>::Ones();
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  const auto q = stored();
  Eigen::MatrixXf y(2, 8);
  const std::string messages[] = {
      message_of([&] { static_cast<void>(quantizer.quantize(x)); }),
      message_of([&] { static_cast<void>(quantizer.quantize(x)); }),
      message_of([&] { quantizer.fake_quantize_into(x, y); }),
      message_of([&] { quantizer.observe(x); }),
      message_of([&] { static_cast<void>(q.dequantize()); }),
      message_of([&] { q.dequantize_into(y); }),
      message_of([&] { q.for_each_decoded(4, [](const auto&, const auto&) {}); }),
      message_of([&] { static_cast<void>(lowbit::error(x, q)); }),
      message_of([&] { static_cast<void>(lowbit::matmul(codes, codes)); }),
      message_of([&] { static_cast<void>(lowbit::matvec(codes, codes.col(0))); }),
      message_of([&] { static_cast<void>(lowbit::PackedWeights<std::int8_t>(codes)); }),
      message_of([&] { static_cast<void>(lowbit::linear(x, q)); }),
      message_of([&] { static_cast<void>(lowbit::simd::active()); }),
  };
  for (const std::string& message : messages)
    if (message != messages[0]) {
      std::printf("\"%s\" first, then \"%s\"\n", messages[0].c_str(), message.c_str());
      return 1;
    }
  std::puts(messages[0].empty() ? "every call succeeds" : messages[0].c_str());
  return 0;
}
