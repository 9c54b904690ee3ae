// Runs peer/peer.py, the side of the tests that is written in Python.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace lowbit_test {

/// Its exit status. LOWBIT_TEST_PYTHON names an interpreter that has the packages, such as one in a virtual
/// environment.
template <class... Arguments>
int run_python(const Arguments&... arguments) {
  static const auto script = std::filesystem::path(__FILE__).parent_path() / "peer/peer.py";
  EXPECT_TRUE(std::filesystem::exists(script)) << script;
  const char* python = std::getenv("LOWBIT_TEST_PYTHON");
  std::string command = std::string(python != nullptr ? python : "python3") + " '" + script.string() + "'";
  ((command += " '" + std::string(arguments) + "'"), ...);
  return std::system((command + " 2>&1").c_str());
}

inline bool python_has(const std::string& package) { return run_python("has", package) == 0; }

}  // namespace lowbit_test
