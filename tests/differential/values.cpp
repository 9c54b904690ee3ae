#include "differential/values.hpp"

#include <bit>
#include <limits>

#include "support/sample_values.hpp"

namespace lowbit_test {
namespace {
constexpr const char* kinds[] = {"uniform",   "normal",     "sparse",   "ties",       "integers",
                                 "landmarks", "denormal",   "huge",     "spike",      "constant",
                                 "any bits",  "non-finite", "positive", "small steps"};
}  // namespace

Values values(Choices& choose, std::span<const lowbit::Index> group, lowbit::Index groups) {
  using lowbit::Index;
  const Index kind = choose.below(std::size(kinds));
  Values v{kinds[kind], {}};
  const Index exponent = choose.one_in(4) ? choose.between(-40, 40) : choose.between(-3, 3);
  std::uint64_t state = choose.bits();
  const auto uniform = [&] { return static_cast<double>(mixed(state) >> 11) * 0x1p-52 - 1.0; };  // [-1, 1)
  const auto number = [&](std::uint64_t n) { return static_cast<Index>(mixed(state) % n); };
  const auto normal = [&] { return uniform() + uniform() + uniform() + uniform(); };
  const auto scaled = [&](double x) { return static_cast<float>(std::ldexp(x, static_cast<int>(exponent))); };
  static const std::vector<float> landmarks = special_finite_values();
  const float constant = scaled(uniform());
  const double step = static_cast<double>(choose.between(1, 3));

  const auto draw = [&]() -> float {
    switch (kind) {
      case 1:
        return scaled(normal());
      case 2:
        return number(4) == 0 ? scaled(normal()) : number(2) == 0 ? 0.0f : -0.0f;
      case 3:
        return scaled((static_cast<double>(number(258)) - 129.0 + 0.5) * step);
      case 4:
        return scaled(static_cast<double>(number(259)) - 129.0);
      case 5:
        return landmarks[static_cast<std::size_t>(number(landmarks.size()))];
      case 6:
        return std::bit_cast<float>(static_cast<std::uint32_t>(mixed(state)) & 0x807fffffu);
      case 7:
        return static_cast<float>(uniform() * double{std::numeric_limits<float>::max()});
      case 8:
        return number(50) == 0 ? scaled(1000.0 * uniform()) : scaled(0.01 * uniform());
      case 9:
        return constant;
      case 10:
        return std::bit_cast<float>(static_cast<std::uint32_t>(mixed(state)));
      case 11: {
        if (number(8) != 0) return scaled(normal());
        const auto random = static_cast<std::uint32_t>(mixed(state));
        return std::bit_cast<float>(0x7f800000u | (random & 0x80000000u) |
                                    (random % 2 == 0 ? 0u : random & 0x7fffffu));
      }
      case 12:
        return scaled(1.0 + 0.1 * uniform());
      case 13:
        return scaled(static_cast<double>(number(9)) * 0.25 - 1.0);
      default:
        return scaled(uniform());
    }
  };
  v.of.resize(group.size());
  for (float& x : v.of) x = draw();
  if (groups > 0 && choose.one_in(4)) {  // groups of zeros, constants, extremes
    std::vector<Index> treatment(static_cast<std::size_t>(groups));
    for (Index& t : treatment) t = number(12);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const Index t = treatment[static_cast<std::size_t>(group[i])];
      if (t == 0) v.of[i] = number(2) == 0 ? 0.0f : -0.0f;
      if (t == 1) v.of[i] = constant;
      if (t == 2) v.of[i] *= 0x1p-140f;
      if (t == 3) v.of[i] *= 0x1p100f;
      if (t == 4) v.of[i] = -std::fabs(v.of[i]);
    }
  }
  for (Index i = choose.one_in(8) ? 4 : 0; i > 0 && !v.of.empty(); --i)  // raw bytes, for a fuzzer
    v.of[static_cast<std::size_t>(choose.below(static_cast<Index>(v.of.size())))] =
        std::bit_cast<float>(static_cast<std::uint32_t>(choose.bits(4)));
  return v;
}

}  // namespace lowbit_test
