// EXPECT: tables\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/cuda.hpp>

void use() {
#if COMPILE_FAIL
  const auto& tables = lowbit::cuda::BlockCodec{lowbit::SymmetricInteger<lowbit::int4>{}}.tables();
#else
  const lowbit::cuda::BlockCodec codec{lowbit::SymmetricInteger<lowbit::int4>{}};
  const auto& tables = codec.tables();
#endif
  static_cast<void>(tables);
}
