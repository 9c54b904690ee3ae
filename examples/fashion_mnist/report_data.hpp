// The data of the report and the printed table, independent of the library and of Eigen.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace fashion_mnist {

/// One value per trained model, that is, per seed. Never empty.
using Samples = std::vector<double>;

inline double mean(const Samples& s) {
  return std::accumulate(s.begin(), s.end(), 0.0) / static_cast<double>(s.size());
}
inline double lowest(const Samples& s) { return *std::min_element(s.begin(), s.end()); }
inline double highest(const Samples& s) { return *std::max_element(s.begin(), s.end()); }

/// The sample standard deviation; 0 for a single seed.
inline double deviation(const Samples& s) {
  double sum = 0;
  for (const double x : s) sum += (x - mean(s)) * (x - mean(s));
  return s.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(s.size() - 1));
}

/// a - b, seed by seed: what a scheme changed in the very same model, free of the differences between models.
inline Samples difference(const Samples& a, const Samples& b) {
  Samples d(a.size());
  std::transform(a.begin(), a.end(), b.begin(), d.begin(), std::minus<>());
  return d;
}

/// Schemes of a family share a colour and a marker.
enum class Family { bits16, integer8, integer4, integer2, codebook };
inline constexpr std::pair<Family, const char*> families[] = {{Family::bits16, "16 bits"},
                                                              {Family::integer8, "8-bit integers"},
                                                              {Family::integer4, "4-bit integers"},
                                                              {Family::integer2, "2-bit integers"},
                                                              {Family::codebook, "codebooks"}};

/// One scheme to quantize the weights, and its results.
struct Scheme {
  std::string name;
  Family family{};
  double bits = 0;                      // per weight, scales and all else that is stored included
  double kib = 0;                       // all layers' weights
  std::vector<Samples> snr;             // [layer][seed], dB
  Samples accuracy;                     // on the test images, 0..1
  Samples agreement;                    // share of test images with the label of the float model, 0..1
  double encode_ms = 0, decode_ms = 0;  // all layers' weights, one thread
};

/// One mode to compute the network, and its results.
struct Mode {
  std::string name;
  double kib = 0;     // all layers' weights, as stored
  double ms = 0;      // for 1000 images, one thread
  Samples accuracy;   // as in Scheme
  Samples agreement;  // as in Scheme
};

/// The values that a scheme can represent, in units of the weights.
struct Grid {
  std::string name;
  Family family{};
  std::vector<float> levels;
};

struct Report {
  std::vector<std::pair<std::string, std::string>> setting;  // "data": "60,000 + 10,000 images" ...
  std::vector<std::string> layers;                           // their names, in the order of Scheme::snr
  Samples float_accuracy;
  double float_kib = 0;
  std::vector<Scheme> schemes;
  std::vector<Mode> modes;      // the first is the float network
  std::string histogram_title;  // which weights the histogram shows
  std::vector<float> weights;
  std::vector<Grid> grids;
};

}  // namespace fashion_mnist
