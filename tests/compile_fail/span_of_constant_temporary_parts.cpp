// EXPECT: span\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>

const lowbit::AbsmaxQuantizer<std::int8_t>::Result make();

std::int8_t first() {
#if COMPILE_FAIL
  const auto codes = make().parts().codes.span();
#else
  const auto parts = make().parts();  // a copy, where the temporary is constant
  const auto codes = parts.codes.span();
#endif
  return codes[0];
}
