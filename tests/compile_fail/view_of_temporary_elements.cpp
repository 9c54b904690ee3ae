// EXPECT: the view points into the StoredElements: give that object a name first
#include <lowbit/io/tensor_view.hpp>

void use(const lowbit::io::StoredTensor& tensor) {
  using Elements = lowbit::io::StoredElements<float>;
#if COMPILE_FAIL
  const auto view = Elements(tensor).view();
#else
  const Elements elements(tensor);
  const auto view = elements.view();
#endif
  static_cast<void>(view);
}
