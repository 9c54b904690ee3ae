// EXPECT: an observer is copyable and has observe\(std::span<const float>\), merge, and range
#include <lowbit/absmax.hpp>

struct Counter {
  void observe(std::span<const float>) {}
  void merge(const Counter&) {}
#if !COMPILE_FAIL
  lowbit::Range range() const { return {}; }
#endif
};

lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerTensor, Counter> quantizer;
