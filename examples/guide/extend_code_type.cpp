// A code type of your own, of any number of bits: a specialization of CodeTraits.
#include <lowbit/lowbit.hpp>

#include <iostream>

struct Int6 {};
template <>  // values are std::int8_t, of 6 bits, from -32 to 31
struct lowbit::CodeTraits<Int6> : lowbit::IntegerCode<std::int8_t, 6, -32, 31> {};

int main() {
  const Eigen::VectorXf w = Eigen::VectorXf::LinSpaced(8, -1.0f, 1.0f);
  const auto q = lowbit::AbsmaxQuantizer<Int6>{}.quantize(w);
  std::cout << q.code_matrix().cast<int>().transpose() << "\n"
            << q.codes().size() << " bytes for " << q.size() << " codes\n";
}
