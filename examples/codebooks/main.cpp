// The benefit of codebooks and of blocks: a million normal values in 3 bits, in 8 bits, and in 8 and 4 bits
// with one scale per block. Each step changes one thing.
#include <iostream>
#include <lowbit/lowbit.hpp>
#include <random>

#include "../common/table.hpp"
#include "../common/timing.hpp"

using namespace lowbit;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {

std::string number(double v, int digits) {
  std::ostringstream out;
  out.precision(digits);
  out << std::fixed << v;
  return out.str();
}

template <class Quantizer>
void add_row(example::Table& table, const std::string& name, const Matrix& x, const Quantizer& quantizer) {
  auto q = quantizer.quantize(x);
  const ErrorReport e = error(x, q);
  Matrix back(x.rows(), x.cols());
  const double encode = example::best_milliseconds([&] { quantizer.quantize_into(x, q); });
  const double decode = example::best_milliseconds([&] { q.dequantize_into(back); });
  table.add({name, number(q.bits_per_value(), 3), number(e.mae, 4), number(e.mean_relative, 3),
             number(e.snr_db, 1), number(encode, 2), number(decode, 2)});
}

}  // namespace

int main() {
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  const Matrix x = Matrix::NullaryExpr(1024, 1024, [&] { return normal(random); });
  const std::vector<std::string> header{"scheme", "bits",      "mean |e|", "mean |e|/|x|",
                                        "SNR dB", "encode ms", "decode ms"};

  std::cout << "1024 x 1024 values of a normal distribution, largest magnitude " << x.cwiseAbs().maxCoeff()
            << "\n\n"
            << "Three bits, eight levels. Even steps waste most levels on values that hardly occur:\n";
  example::Table three(header);
  add_row(three, "linear", x, CodebookQuantizer<Linear<3>>{});
  add_row(three, "non-linear", x, CodebookQuantizer<NonLinear3>{});
  three.print(std::cout);

  std::cout << "\nEight bits. The dynamic map has levels from 5.5e-7 to 1, so small values keep their "
               "relative precision:\n";
  example::Table eight(header);
  add_row(eight, "absmax int8", x, AbsmaxQuantizer<std::int8_t>{});
  add_row(eight, "dynamic map", x, DynamicMapQuantizer<>{});
  eight.print(std::cout);

  std::cout << "\nOne scale per block: the largest value of a block is smaller than that of the matrix, and "
               "so are the "
               "steps:\n";
  example::Table blocks(header);
  for (const Index size : {4096, 1024, 256, 64})
    add_row(blocks, "dynamic map, blocks of " + std::to_string(size), x,
            BlockwiseQuantizer<DynamicMap>{{.block_size = size}});
  blocks.print(std::cout);

  std::cout << "\nFour bits need blocks. NF4 puts its levels where normal values are; nesting stores the "
               "scales in 8 bits, "
               "too:\n";
  example::Table four(header);
  add_row(four, "NF4, one scale", x, CodebookQuantizer<NormalFloat4>{});
  add_row(four, "absmax int4, blocks of 64", x, BlockwiseQuantizer<int4>{{.block_size = 64}});
  add_row(four, "FP4, blocks of 64", x, BlockwiseQuantizer<Float4>{{.block_size = 64}});
  add_row(four, "NF4, blocks of 64", x, BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  add_row(four, "NF4, blocks of 64, nested", x, NestedQuantizer<NormalFloat4>{{.block_size = 64}});
  four.print(std::cout);
  std::cout << "\nTimes: one thread, " << simd::name(simd::active()) << ", best of five.\n";
  return 0;
}
