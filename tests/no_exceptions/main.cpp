// Built with -fno-exceptions: bad input ends in the failure hook, with the message that would have been
// thrown.
#include <lowbit/lowbit.hpp>

#include <cstdio>
#include <cstdlib>
#include <limits>

static_assert(LOWBIT_EXCEPTIONS == 0);

int main(int argc, char** argv) {
  lowbit::set_failure_hook([](const char* message) {
    std::puts(message);
    std::fflush(stdout);
    std::_Exit(0);
  });
  const std::string_view mistake = argc > 1 ? argv[1] : "";
  if (mistake == "shape") {
    static_cast<void>(lowbit::Shape{2, -3});
  } else if (mistake == "axis") {
    static_cast<void>(lowbit::Shape{2, 3}.axis(2));
  } else if (mistake == "nan") {
    const Eigen::Vector3f x(1.0F, 2.0F, std::numeric_limits<float>::quiet_NaN());
    static_cast<void>(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x));
  } else if (mistake == "target") {
    Eigen::MatrixXf y(2, 2);
    lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(Eigen::MatrixXf::Ones(3, 4)).dequantize_into(y);
  } else if (mistake == "none") {
    lowbit::AbsmaxQuantizer<std::int8_t> absmax;
    const Eigen::MatrixXf x = Eigen::MatrixXf::Constant(3, 4, -127.0F);
    const Eigen::MatrixXf back = absmax.quantize(x).dequantize();
    std::puts(back == x ? "round trip" : "wrong values");
    return 0;
  }
  std::puts("the failure hook did not run");
  return 1;
}
