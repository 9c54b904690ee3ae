// A user-defined group: the number of groups, and the group of each run of elements.
#include <lowbit/lowbit.hpp>

#include <iostream>

/// The upper and the lower half of the rows of a matrix have a scale each.
struct Halves {
  lowbit::Index count(const lowbit::Shape&) const { return 2; }
  void for_each_run(const lowbit::Shape& shape, lowbit::RunVisitor f) const {
    for (lowbit::Index i = 0; i < shape.size(); ++i)  // in ascending order of the offset i
      f(lowbit::Run{.offset = i, .count = 1, .group = shape.indices(i)[0] < shape[0] / 2 ? 0 : 1});
  }
};

int main() {
  const Eigen::Matrix2f w{{1.0f, 2.0f}, {100.0f, 200.0f}};
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t, Halves>{}.quantize(w);
  std::cout << 127 * q.scale(0) << " " << 127 * q.scale(1) << "\n" << q.dequantize() << "\n";
}
