// A program of units with different flags: they link, agree in every bit, and release each other's results.
#include "unit.hpp"

#include <lowbit/lowbit.hpp>
#include "all_headers.hpp"

#include <cstdio>

int main() {
  std::vector<float> values(1001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.37F - 99.0F;

  Answer a = quantize_baseline(values);
  if (a.codes.size() != values.size() || a.codes.back() != 127) {
    std::puts("the largest value did not become the largest code");
    return 1;
  }
  const auto agrees = [&](Answer b) {
    std::swap(a.quantized, b.quantized);
    return a.codes == b.codes && a.decoded == b.decoded;
  };
  bool agree = agrees(quantize_scalar(values));
#if LOWBIT_TEST_AVX2
  if (__builtin_cpu_supports("avx2")) agree = agree && agrees(quantize_avx2(values));
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    agree = agree && agrees(quantize_fma(values));
#endif
  if (!agree) std::puts("the units disagree");
  return agree ? 0 : 1;
}
