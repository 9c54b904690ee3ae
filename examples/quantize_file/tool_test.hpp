// Shared by the tests of the tool, which run it from a shell on files made here.
#pragma once
#include <lowbit/io/bundle.hpp>
#include <lowbit/io/safetensors.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "io/support.hpp"

namespace quantize_file_test {

namespace io = lowbit::io;
using lowbit::Shape;
using lowbit_test::read_file;
using lowbit_test::says;
using Json = nlohmann::json;

struct Outcome {
  int code = -1;
  std::string out, error;
};

inline Eigen::MatrixXf weights(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  return Eigen::MatrixXf::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

class QuantizeFile : public testing::Test {
 protected:
  void SetUp() override {
    io::Bundle bundle;
    const Eigen::MatrixXf a = weights(24, 16, 1), b = weights(9, 7, 2), bias = weights(24, 1, 3);
    const std::int64_t ids[] = {3, 1, 2};
    bundle.add("layer.0.weight", a);
    bundle.add("layer.1.weight", b.cast<Eigen::half>());
    bundle.add("layer.1.double", b.cast<double>());
    bundle.add("layer.0.bias", bias.col(0));
    bundle.add("ids", io::stored_tensor(std::span<const std::int64_t>(ids), Shape{3}));
    bundle.own("none", Shape{0, 4}, std::span<const float>());
    bundle.describe("format", "pt");
    bundle.write(input);
  }

  /// Runs the tool with these arguments, as a shell reads them, in the scratch folder.
  Outcome run(const std::string& arguments) { return shell("\"$TOOL\" " + arguments); }
  /// Runs a line of shell, where $TOOL is the program; its redirections replace those that collect output.
  Outcome shell(const std::string& line) {
    const std::string out = scratch / "stdout", error = scratch / "stderr";
    const std::string command = "cd '" + scratch.path().string() +
                                "' && export TOOL='" QUANTIZE_FILE "' && ( " + line + "\n) >'" + out +
                                "' 2>'" + error + "'";
    const int status = std::system(command.c_str());
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(error)};
    std::filesystem::remove(out);
    std::filesystem::remove(error);
    return outcome;
  }
  Json run_json(const std::string& arguments, int code = 0) {
    const Outcome outcome = run(arguments + " --json -");
    EXPECT_EQ(outcome.code, code) << outcome.error;
    EXPECT_EQ(outcome.error, "") << arguments;  // no progress in a pipe
    const Json json = Json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << outcome.out;
    return json;
  }
  static Json tensor(const Json& report, const std::string& name) {
    for (const Json& t : report["tensors"])
      if (t["name"] == name) return t;
    ADD_FAILURE() << "no tensor " << name;
    return {};
  }

  lowbit_test::ScratchDirectory scratch;
  const std::filesystem::path input = scratch / "in.safetensors", output = scratch / "out.safetensors";
};

}  // namespace quantize_file_test
