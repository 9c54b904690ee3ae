// An independent implementation of the defined sum of a row of quantized weights and activations.
#pragma once
#include <cmath>
#include <cstddef>
#include <vector>

namespace lowbit_test {

/// What one code contributes: its value at scale 1, the scale, and the activation.
struct Term {
  float factor = 0.0F;
  float scale = 0.0F;
  float x = 0.0F;
};

/// Words of `fields` codes in 16 lanes, one fused multiply-add per code (4 bits: the even ones first), one
/// per word, then a tree. The terms are padded to whole chunks by the caller.
inline float defined_sum(const std::vector<Term>& terms, std::size_t fields) {
  float lane[16] = {};
  for (std::size_t word = 0; word * fields < terms.size(); ++word) {
    float p = 0.0F;
    const std::size_t step = fields == 8 ? 2 : 1;
    for (std::size_t first = 0; first < step; ++first)
      for (std::size_t k = first; k < fields; k += step)
        p = std::fma(terms[word * fields + k].factor, terms[word * fields + k].x, p);
    lane[word % 16] = std::fma(p, terms[word * fields].scale, lane[word % 16]);
  }
  for (int l = 0; l < 8; ++l) lane[l] += lane[l + 8];
  for (int l = 0; l < 4; ++l) lane[l] += lane[l + 4];
  return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/// The exact sum as a double, and how far the defined one may be from it: one rounding of 2^-24 of everything
/// for each operation on the longest way to the result.
struct ExactSum {
  double value = 0.0, bound = 0.0;
};
inline ExactSum exact_sum(const std::vector<Term>& terms, std::size_t fields, double zero_weight = 0.0) {
  ExactSum e;
  double magnitude = 0.0;
  for (const Term& t : terms) {
    e.value += double{t.factor} * double{t.scale} * double{t.x};
    magnitude +=
        (std::fabs(double{t.factor}) + zero_weight) * std::fabs(double{t.scale}) * std::fabs(double{t.x});
  }
  const auto n = static_cast<double>(terms.size()), f = static_cast<double>(fields);
  e.bound = magnitude * (n / (16.0 * f) + f + 6.0) * 0x1p-24;
  return e;
}

}  // namespace lowbit_test
