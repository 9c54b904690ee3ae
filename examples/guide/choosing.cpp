// Schemes on 16384 normal values, and on the same values with an outlier in 1021.
#include <lowbit/lowbit.hpp>

#include <cmath>
#include <cstdio>

float uniform(std::uint64_t i) {  // of (0, 1), by splitmix64
  std::uint64_t z = i * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (static_cast<float>((z ^ z >> 31) >> 41) + 0.5f) * 0x1p-23f;
}

int main() {
  using namespace lowbit;
  Eigen::MatrixXf normal(128, 128);
  for (Index i = 0; i < normal.size(); ++i) {  // Box-Muller
    const auto k = static_cast<std::uint64_t>(2 * i + 1);
    normal(i) = std::sqrt(-2.0f * std::log(uniform(k))) * std::cos(6.2831853f * uniform(k + 1));
  }
  Eigen::MatrixXf outliers = normal;
  for (Index i = 500; i < outliers.size(); i += 1021) outliers(i) *= 20.0f;
  std::printf("%-28s  bits  normal  with outliers\n", "");
  const auto row = [&](const char* name, const auto& quantizer) {
    const ErrorReport a = error(normal, quantizer.quantize(normal));
    const ErrorReport b = error(outliers, quantizer.quantize(outliers));
    std::printf("%-28s %5.2f  %6.1f  %13.1f\n", name, a.bits_per_value, a.snr_db, b.snr_db);
  };
  row("bf16", CastQuantizer<bf16>{});
  row("int8", AbsmaxQuantizer<std::int8_t>{});
  row("int8, rows", AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  row("int8, blocks of 64", BlockwiseQuantizer<std::int8_t>{{.block_size = 64}});
  row("dynamic map, blocks of 256", BlockwiseQuantizer<DynamicMap>{{.block_size = 256}});
  row("int4, rows", AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}});
  row("int4, blocks of 32", BlockwiseQuantizer<int4>{{.block_size = 32}});
  row("NF4, blocks of 64", BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  row("NF4, blocks of 64, nested", NestedQuantizer<NormalFloat4>{{.block_size = 64}});
  row("uint2 zero-point, 32", BlockwiseQuantizer<AffineInteger<uint2>>{{.block_size = 32}});
}
