// The interface of the differently compiled translation units of this test.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct Answer {
  std::vector<std::int8_t> codes;
  std::vector<float> decoded;
  std::shared_ptr<void> quantized;  // made in that unit, released in another
};

Answer quantize_baseline(std::span<const float> values);
Answer quantize_scalar(std::span<const float> values);
Answer quantize_avx2(std::span<const float> values);
Answer quantize_fma(std::span<const float> values);
