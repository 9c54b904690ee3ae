// EXPECT: keep\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/io/bundle.hpp>

float first(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const auto& kept = lowbit::io::Bundle{}.keep(w);
#else
  lowbit::io::Bundle bundle;
  const auto& kept = bundle.keep(w);
#endif
  return kept(0, 0);
}
