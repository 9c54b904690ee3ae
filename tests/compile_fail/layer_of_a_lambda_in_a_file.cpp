// EXPECT: every stage of an epilogue in a file needs a lowbit::io::Description
#include <lowbit/io/layer.hpp>

void save(lowbit::io::Bundle& bundle, const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const auto doubled = [](Eigen::Index, Eigen::Index, float value) { return 2.0f * value; };
  lowbit::io::add(bundle, "fc1", lowbit::QuantizedLinear(w, lowbit::rescale | doubled));
#else
  lowbit::io::add(bundle, "fc1", lowbit::QuantizedLinear(w, lowbit::rescale | lowbit::relu));
#endif
}
