// What the tests of the file formats share: a scratch directory, whole files as strings, and messages of
// failures.
#pragma once
#include <lowbit/io/error.hpp>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowbit_test {

/// A directory that vanishes with the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "lowbit-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      found.push_back(entry.path().filename());
    return found;
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::filesystem::path write_file(const std::filesystem::path& path, std::string_view contents) {
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The bytes of a safetensors file as the format describes them, assembled here by hand.
inline std::string safetensors_bytes(std::string_view json, std::string_view data) {
  std::string file;
  for (std::size_t i = 0; i < 8; ++i)
    file += static_cast<char>(static_cast<std::uint64_t>(json.size()) >> (8 * i));
  return file.append(json).append(data);
}

/// The message of the FileError that `action` ends in.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const lowbit::io::FileError& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another exception than FileError: ") + error.what();
  }
  return "not refused";
}

/// Whether the message contains all parts, in any order.
inline testing::AssertionResult says(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (message.find(part) == message.npos)
      return testing::AssertionFailure() << "no '" << part << "' in: " << message;
  return testing::AssertionSuccess();
}

}  // namespace lowbit_test
