// Repeats a test: with three orders of threads on the emulated device, once on a real one.
#pragma once
#include <gtest/gtest.h>

#if __has_include(<simt/machine.hpp>)
#include <simt/machine.hpp>

namespace lowbit_test {
template <class F>
void in_every_order(F&& f) {
  for (const simt::Order order : {simt::Order::ascending, simt::Order::descending, simt::Order::random}) {
    simt::settings().order = order;
    ++simt::settings().seed;
    SCOPED_TRACE(testing::Message() << "order " << static_cast<int>(order) << ", seed "
                                    << simt::settings().seed);
    f();
    if (testing::Test::HasFatalFailure()) break;
  }
  simt::settings().order = simt::Order::ascending;
}
}  // namespace lowbit_test
#else
namespace lowbit_test {
template <class F>
void in_every_order(F&& f) {
  f();
}
}  // namespace lowbit_test
#endif
