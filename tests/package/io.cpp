// A consumer of lowbit::io: reading a file that is not there is an error with the file's name in it.
#include <lowbit/io/safetensors.hpp>

#include <cstdio>
#include <string_view>

int main() {
  try {
    lowbit::io::SafetensorsFile file("missing.safetensors");
  } catch (const std::exception& error) {
    std::puts(error.what());
    return std::string_view(error.what()).find("missing.safetensors") != std::string_view::npos ? 0 : 1;
  }
  return 1;
}
