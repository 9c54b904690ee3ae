// First examples of quantization, computed by the library and compared with results by hand. Exit code 1 when
// one differs.
#include <cstdint>
#include <iostream>
#include <lowbit/lowbit.hpp>
#include <sstream>
#include <vector>

using namespace lowbit;

namespace {

bool all_right = true;

template <class Values>
std::string text(const Values& values) {
  std::ostringstream out;
  for (const auto& v : values) out << (out.tellp() > 0 ? ", " : "") << +v;
  return out.str();
}

void show(const std::string& what, const std::string& expected, const std::string& computed) {
  const bool right = expected == computed;
  all_right = all_right && right;
  std::cout << "  " << what << "\n    expected " << expected << "\n    computed " << computed
            << (right ? "" : "   <-- differs") << '\n';
}

void per_tensor_and_per_channel() {
  std::cout
      << "Zero-point quantization of W = [[1, 2, 3], [4, 5, 6]] to int8, x = scale * (q - zero_point)\n";
  Eigen::Matrix<float, 2, 3, Eigen::RowMajor> w;
  w << 1, 2, 3, 4, 5, 6;

  const ZeroPointQuantizer<std::int8_t> tensor{{}, {.range = RangePolicy::exact}};
  const auto q = tensor.quantize(w);
  show("one scale for the tensor: 5 / 255", "0.0196078", text(q.scales()));
  show("its zero-point, outside int8 because 0 is outside [1, 6]", "-179", text(q.zero_points()));
  show("codes", "-128, -77, -26, 25, 76, 127", text(q.codes()));

  const ZeroPointQuantizer<std::int8_t, PerChannel> channel{{.axis = 0}, {.range = RangePolicy::exact}};
  const auto rows = channel.quantize(w);
  show("one scale per row: 2 / 255", "0.00784314, 0.00784314", text(rows.scales()));
  show("zero-points (-255.5 and -638 before rounding; the rounded scale decides)", "-255, -638",
       text(rows.zero_points()));
  show("each row uses the whole range", "-128, 0, 127, -128, -1, 127", text(rows.codes()));
}

void value_grid() {
  std::cout << "\nThe nearest value of a grid: [3, 1, 2, 3] on [0, 2, 4]\n";
  const std::vector<float> grid{0, 2, 4}, x{3, 1, 2, 3};
  for (const auto& [ties, name, expected] :
       {std::tuple{Ties::even, "ties to the even position", "4, 0, 2, 4"},
        std::tuple{Ties::lower, "ties to the lower value (default)", "2, 0, 2, 2"}}) {
    CodebookQuantizer<RuntimeTable<uint4>> nearest{{}, {.table = RuntimeTable<uint4>(grid, ties)}};
    nearest.freeze(Range{0, 4});  // scale 1: the largest level stands for 4
    show(name, expected, text(nearest.quantize(x).dequantize<Eigen::VectorXf>()));
  }
}

void vector_wise() {
  std::cout << "\nOne scale per row: [30, 10, 20, 30] and [0, 2, 2, 0] should not share one\n";
  Eigen::Matrix<float, 2, 4, Eigen::RowMajor> x;
  x << 30, 10, 20, 30, 0, 2, 2, 0;
  const auto shared = AbsmaxQuantizer<int4>{}.quantize(x);
  const auto own = AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(x);
  show("second row, 4 bits, shared scale", "0, 0, 0, 0", text(shared.dequantize().row(1)));
  show("second row, 4 bits, its own scale", "0, 2, 2, 0", text(own.dequantize().row(1)));
}

void calibration() {
  std::cout << "\nFrom a range to codes, uint8\n";
  ZeroPointQuantizer<std::uint8_t> quantizer{{}, {.range = RangePolicy::exact}};
  const auto q = quantizer.quantize(std::vector<float>{-0.2f, 0.1f, 0.3f, 0.5f});
  show("[-0.2, 0.1, 0.3, 0.5], scale 0.7 / 255", "0.0027451", text(q.scales()));
  show("codes", "0, 109, 182, 255", text(q.codes()));

  quantizer.freeze(Range{-0.2f, 0.3f});
  const auto clipped = quantizer.quantize(std::vector<float>{-0.2f, 0.1f, 0.3f, 5.0f});
  show("[-0.2, 0.1, 0.3, 5.0] clipped to [-0.2, 0.3], scale 0.5 / 255", "0.00196078", text(clipped.scales()));
  show("codes: the outlier saturates, the others keep their resolution", "0, 153, 255, 255",
       text(clipped.codes()));
}

void symmetric_and_asymmetric() {
  std::cout << "\n[-2.5, -1.0, 0.0, 1.0, 3.5]\n";
  const std::vector<float> x{-2.5f, -1.0f, 0.0f, 1.0f, 3.5f};
  const auto symmetric = AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  show("symmetric int8, scale 3.5 / 127", "0.0275591", text(symmetric.scales()));
  show("codes", "-91, -36, 0, 36, 127", text(symmetric.codes()));

  const auto asymmetric = ZeroPointQuantizer<std::uint8_t>{}.quantize(x);
  show("asymmetric uint8, scale 6 / 255", "0.0235294", text(asymmetric.scales()));
  show("zero-point", "106", text(asymmetric.zero_points()));
  show("codes (63.5 and 148.5 round half to even before the zero-point is added)", "0, 64, 106, 148, 255",
       text(asymmetric.codes()));
}

}  // namespace

int main() {
  per_tensor_and_per_channel();
  value_grid();
  vector_wise();
  calibration();
  symmetric_and_asymmetric();
  std::cout << (all_right ? "\nAll as expected.\n" : "\nSome numbers differ.\n");
  return all_right ? 0 : 1;
}
