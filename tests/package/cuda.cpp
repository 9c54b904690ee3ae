// A user of the compiled library, with a C++ compiler only. Where there is no device the calls say so.
#include <lowbit/cuda.hpp>

#include <cstdio>
#include <string_view>

int main() {
  using namespace lowbit;
  const auto count = std::int64_t{64};
  const cuda::DeviceStatus refused =
      cuda::quantize_blockwise(cuda::normal_float4(), static_cast<const float*>(nullptr), count, 48,
                               static_cast<std::uint8_t*>(nullptr), nullptr);
  std::printf("%s\n", refused.message());
  return std::string_view(refused.message()).find("48") != std::string_view::npos ? 0 : 1;
}
