// EXPECT: the tensors belong to the Bundle: give the bundle a name first
#include <lowbit/io/bundle.hpp>

lowbit::io::Bundle make();

void use() {
#if COMPILE_FAIL
  for (const auto& tensor : make().tensors()) static_cast<void>(tensor);
#else
  const lowbit::io::Bundle bundle = make();
  for (const auto& tensor : bundle.tensors()) static_cast<void>(tensor);
#endif
}
