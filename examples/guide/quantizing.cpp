// One matrix through several quantizers: the bits per value, and what is lost.
#include <lowbit/lowbit.hpp>

#include <cmath>
#include <iostream>

int main() {
  using namespace lowbit;
  Eigen::MatrixXf w(4, 64);  // the rows have different magnitudes, and more positive than negative values
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 64; ++j)
      w(i, j) =
          std::ldexp(static_cast<float>((i * 64 + j) * 37 % 101 - 20) / 100.0f, static_cast<int>(2 * i));

  std::cout.precision(3);
  const auto show = [&](const char* name, const auto& quantizer) {
    const auto q = quantizer.quantize(w);
    std::cout << name << q.bits_per_value() << " bits, " << error(w, q).snr_db << " dB\n";
  };
  show("int8, absmax               ", AbsmaxQuantizer<std::int8_t>{});
  show("uint8, zero-point          ", ZeroPointQuantizer<std::uint8_t>{});
  show("uint8, zero-point, per row ", ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}});
  show("int4, blocks of 32         ", BlockwiseQuantizer<int4>{{.block_size = 32}});
  show("NF4, blocks of 32          ", BlockwiseQuantizer<NormalFloat4>{{.block_size = 32}});
  show("NF4, nested scales         ", NestedQuantizer<NormalFloat4>{{.block_size = 32}});
  show("bf16                       ", CastQuantizer<bf16>{});

  const auto q = ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}}.quantize(w);
  Eigen::Matrix<float, 4, 64, Eigen::RowMajor> back;  // any storage order
  q.dequantize_into(back);
  std::cout << "row 0: scale " << q.scale(0) << ", zero-point " << q.zero_points()[0] << '\n'
            << "values  " << w.row(0).head(6) << '\n'
            << "codes   " << q.code_matrix().row(0).head(6).cast<int>() << '\n'
            << "decoded " << back.row(0).head(6) << '\n';
}
