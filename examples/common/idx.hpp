// Reads the four idx files of Fashion-MNIST: a big-endian header (magic, dimensions), then raw bytes, all
// gzipped.
#pragma once
#include <zlib.h>

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fashion_mnist {

inline constexpr Eigen::Index side = 28, pixels = side * side, classes = 10;

/// The training or the test data: images as columns (784 x samples, row by row from the top left, 0 is
/// background and 1 is full ink), and the label 0..9 of each.
struct Dataset {
  Eigen::MatrixXf images;
  std::vector<std::uint8_t> labels;
};

namespace detail {

/// An open idx file that throws errors with its name.
class IdxFile {
 public:
  explicit IdxFile(const std::filesystem::path& path)
      : path_(path.string()), file_(gzopen(path_.c_str(), "rb")) {
    if (!file_)
      throw std::runtime_error(
          "cannot open " + path_ +
          ". Install the data (apt-get install dataset-fashion-mnist), or name the folder of "
          "the four .gz files with --data DIR.");
    gzbuffer(file_.get(), 1 << 18);
  }

  void read(std::span<std::uint8_t> bytes) {
    const int got = gzread(file_.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
    if (got != static_cast<int>(bytes.size()))
      fail("ends after " + std::to_string(std::max(got, 0)) + " of " + std::to_string(bytes.size()) +
           " expected bytes, or is damaged");
  }

  /// One header field; throws unless it equals `expected`, where one is given.
  std::uint32_t field(std::string_view name, std::int64_t expected = -1) {
    std::uint8_t b[4];
    read(b);
    const auto value =
        std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
    if (expected >= 0 && value != expected)
      fail(std::string(name) + " is " + std::to_string(value) + ", expected " + std::to_string(expected));
    return value;
  }

  /// Also makes zlib compare the checksum, which it does at the end of the stream.
  void expect_end() {
    std::uint8_t extra = 0;
    const int got = gzread(file_.get(), &extra, 1);
    if (got > 0) fail("goes on after the last value that its header announces");
    if (got < 0) fail("is damaged: its gzip checksum does not match");
  }

  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(path_ + ": " + what); }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

}  // namespace detail

/// Reads `<part>-images-idx3-ubyte.gz` and `<part>-labels-idx1-ubyte.gz`; part is "train" or "t10k", and
/// `limit` keeps only the first samples. Throws std::runtime_error that names the file and the offending
/// value.
inline Dataset read_dataset(const std::filesystem::path& folder, const std::string& part,
                            Eigen::Index limit = 60'000) {
  constexpr int image_magic = 0x803, label_magic = 0x801;  // 8: unsigned bytes; then the number of dimensions
  detail::IdxFile image_file(folder / (part + "-images-idx3-ubyte.gz"));
  image_file.field("magic", image_magic);
  const Eigen::Index count = image_file.field("number of images");
  image_file.field("rows", side);
  image_file.field("columns", side);
  detail::IdxFile label_file(folder / (part + "-labels-idx1-ubyte.gz"));
  label_file.field("magic", label_magic);
  label_file.field("number of labels", count);

  Dataset data;
  const Eigen::Index kept = std::min(count, limit);
  data.images.resize(pixels, kept);
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> image(pixels);
  for (Eigen::Index i = 0; i < kept; ++i) {
    image_file.read({image.data(), static_cast<std::size_t>(pixels)});
    data.images.col(i) = image.cast<float>() / 255.0F;
  }
  data.labels.resize(static_cast<std::size_t>(kept));
  label_file.read(data.labels);
  if (kept == count) {
    image_file.expect_end();
    label_file.expect_end();
  }
  for (const int label : data.labels)
    if (label >= classes) label_file.fail("label " + std::to_string(label) + " is not below 10");
  return data;
}

}  // namespace fashion_mnist
