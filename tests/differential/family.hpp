// Families of random cases, and how a case fails.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/execute/options.hpp>

#include <cstddef>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "differential/choices.hpp"

namespace lowbit_test {

/// Something differs from the reference.
class Mismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <class... Parts>
std::string text_of(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// The same bytes, `each` of them an element.
void expect_same(const char* what, std::span<const std::byte> got, std::span<const std::byte> want,
                 std::size_t each);
template <class T, class U>
void expect_same(const char* what, std::span<const T> got, std::span<const U> want) {
  expect_same(what, std::as_bytes(got), std::as_bytes(want), sizeof(T));
}
template <class T>
void expect_equal(const char* what, const T& got, const T& want) {
  if (got != want) throw Mismatch(text_of(what, " is ", +got, ", not ", +want));
}

/// Fails unless f() throws std::invalid_argument.
template <class F>
void expect_refusal(const char* what, F&& f) {
  try {
    f();
  } catch (const std::invalid_argument&) {
    return;
  }
  throw Mismatch(text_of(what, " was not refused"));
}

/// Threads of the calls of one case, however small its tensors are.
class Threads {
 public:
  explicit Threads(Choices& choose)
      : number_{choose.one_of({1, 1, 1, 2, 3, 8})}, grain_{choose.one_of<lowbit::Index>({64, 256, 1024})} {
    lowbit::set_threads(number_);
    lowbit::detail::elements_per_thread() = grain_;
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    lowbit::set_threads(0);
    lowbit::detail::elements_per_thread() = lowbit::detail::default_elements_per_thread;
  }
  friend std::ostream& operator<<(std::ostream& out, const Threads& t) {
    return out << t.number_ << " threads from " << t.grain_ << " elements";
  }

 private:
  int number_;
  lowbit::Index grain_;
};

/// Cases of one kind. `run` throws a Mismatch that describes the case.
struct Family {
  const char* name;
  int weight;  ///< of the cases, how many fall on it
  void (*run)(Choices& choose);
  friend std::ostream& operator<<(std::ostream& out, const Family& f) { return out << f.name; }
};
inline std::vector<Family>& families() {
  static std::vector<Family> all;
  return all;
}
inline bool add_family(const char* name, int weight, void (*run)(Choices&)) {
  families().push_back({name, weight, run});
  return true;
}

}  // namespace lowbit_test
