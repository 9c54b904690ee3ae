// Which files the tool writes, and which it leaves as they are.
#include "tool_test.hpp"

namespace quantize_file_test {
namespace {

/// A scratch folder with old outputs, links to the input, and a file that no reader accepts.
class Outputs : public QuantizeFile {
 protected:
  void SetUp() override {
    QuantizeFile::SetUp();
    lowbit_test::write_file(scratch / "cut.safetensors", "12345");
    lowbit_test::write_file(scratch / "old.safetensors", "old");
    lowbit_test::write_file(scratch / "old.json", "old");
    std::filesystem::create_directory(scratch / "folder");
    std::filesystem::create_hard_link(scratch / "cut.safetensors", scratch / "hard.safetensors");
    std::filesystem::create_symlink("cut.safetensors", scratch / "soft.safetensors");
    std::filesystem::create_symlink(".", scratch / "here");
    std::filesystem::create_symlink("new.safetensors", scratch / "dangling.safetensors");
    before = contents();
  }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path()))
      found[entry.path()] = entry.is_regular_file() ? read_file(entry.path()) : "";
    return found;
  }

  std::map<std::string, std::string> before;
};

TEST_F(Outputs, TwoPathsToOneFileAreAnErrorBeforeAnythingIsRead) {
  for (const char* arguments : {
           "quantize cut.safetensors cut.safetensors --scheme int8",
           "quantize cut.safetensors ./cut.safetensors --scheme int8",
           "quantize cut.safetensors folder/../cut.safetensors --scheme int8",
           "quantize cut.safetensors here/cut.safetensors --scheme int8",
           "quantize cut.safetensors hard.safetensors --scheme int8",
           "quantize cut.safetensors soft.safetensors --scheme int8",
           "quantize soft.safetensors cut.safetensors --scheme int8",
           "quantize cut.safetensors \"$PWD/cut.safetensors\" --scheme int8",
           "quantize cut.safetensors out.safetensors --scheme int8 --json cut.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --html hard.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --json out.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --json ./out.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --html here/out.safetensors",
           "quantize cut.safetensors old.safetensors --scheme int8 --html here/old.safetensors",
           "quantize cut.safetensors dangling.safetensors --scheme int8 --html new.safetensors",
           "quantize cut.safetensors new.safetensors --scheme int8 --html dangling.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --json r --html r",
           "quantize cut.safetensors out.safetensors --scheme int8 --json r --html folder/../r",
           "quantize cut.safetensors old.safetensors --scheme int8 --dry-run --json old.safetensors",
           "quantize cut.safetensors old.safetensors --scheme int8 >>old.safetensors",
           "quantize cut.safetensors out.safetensors --scheme int8 --json old.json >>old.json",
           "quantize cut.safetensors out.safetensors --scheme int8 --json /dev/stdout >>old.json",
           "inspect cut.safetensors --json cut.safetensors",
           "inspect cut.safetensors >>soft.safetensors",
           "compare cut.safetensors old.safetensors --json old.safetensors",
           "compare cut.safetensors old.safetensors --html hard.safetensors",
       }) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_TRUE(says(outcome.error, {"are the same file"})) << arguments;
    EXPECT_EQ(contents(), before) << arguments;
  }
  EXPECT_EQ(run("compare in.safetensors ./in.safetensors").code, 0);  // both are only read
}

TEST_F(Outputs, AnUnwritableOutputIsAnErrorBeforeAnythingIsRead) {
  for (const std::string path : {"nowhere/x", "folder", "/proc/x", "/dev/full", "old.json/x"})
    for (const std::string& arguments :
         {"quantize cut.safetensors old.safetensors --scheme int8 --json " + path,
          "quantize cut.safetensors old.safetensors --scheme int8 --html " + path,
          "inspect cut.safetensors --json " + path,
          "compare cut.safetensors cut.safetensors --html " + path}) {
      const Outcome outcome = run(arguments);
      EXPECT_EQ(outcome.code, 2) << arguments;
      EXPECT_TRUE(says(outcome.error, {path})) << arguments;
      EXPECT_EQ(outcome.error.find("cut.safetensors"), std::string::npos) << outcome.error;
      EXPECT_EQ(contents(), before) << arguments;
    }
  for (const char* path : {"nowhere/x.safetensors", "/proc/x.safetensors"})
    for (const char* dry : {"", " --dry-run"}) {
      const Outcome outcome = run("quantize cut.safetensors " + (path + std::string(" --scheme int8")) + dry);
      EXPECT_EQ(outcome.code, 2) << path;
      EXPECT_TRUE(says(outcome.error, {path})) << path;
    }
  for (const char* option : {"--json ''", "--html ''", "--html nowhere/"}) {
    const Outcome outcome =
        run(std::string("quantize cut.safetensors old.safetensors --scheme int8 ") + option);
    EXPECT_EQ(outcome.code, 1) << option;
    EXPECT_TRUE(says(outcome.error, {"the path has no file name"})) << option;
  }
  EXPECT_EQ(contents(), before);
}

TEST_F(Outputs, PipesAndDevicesAreErrors) {
  for (const std::string option : {"--json", "--html"})
    for (const std::string& line :
         {"\"$TOOL\" quantize cut.safetensors old.safetensors --scheme int8 " + option +
              " /dev/stdout | cat; exit ${PIPESTATUS[0]}",
          "mkfifo folder/fifo; \"$TOOL\" quantize cut.safetensors old.safetensors --scheme int8 " + option +
              " folder/fifo; c=$?; rm folder/fifo; exit $c"}) {
      const Outcome outcome = shell("bash -c '" + line + "'");
      EXPECT_EQ(outcome.code, 2) << line;
      EXPECT_TRUE(says(outcome.error, {"create: exists and is not a regular file"})) << line;
      EXPECT_EQ(contents(), before) << line;
    }
}

TEST_F(Outputs, AnOutputMayBeALinkToAFileThatDoesNotExistYet) {
  EXPECT_EQ(run("quantize in.safetensors dangling.safetensors --scheme int8").code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "dangling.safetensors"));
  EXPECT_TRUE(io::SafetensorsFile(scratch / "new.safetensors").contains("layer.0.weight.codes"));
}

TEST_F(Outputs, StandardOutputThatCannotBeWrittenIsAnError) {
  for (const char* redirection : {">/dev/full", ">&-", "1</dev/null"})
    for (const char* arguments : {"quantize in.safetensors old.safetensors --scheme int8 --html old.json",
                                  "quantize in.safetensors old.safetensors --scheme int8 --json old.json",
                                  "quantize in.safetensors old.safetensors --scheme int8 --json -",
                                  "inspect in.safetensors --json old.json",
                                  "compare in.safetensors in.safetensors", "--help", "quantize --help"}) {
      const Outcome outcome = run(std::string(arguments) + ' ' + redirection);
      EXPECT_EQ(outcome.code, 2) << arguments << redirection;
      EXPECT_TRUE(says(outcome.error, {"standard output: write: "})) << arguments << redirection;
      EXPECT_EQ(contents(), before) << arguments << redirection;
    }
}

TEST_F(Outputs, AClosedPipeAsStandardOutputIsAnError) {
  const Outcome outcome = shell(
      "{ sleep 0.3; \"$TOOL\" quantize in.safetensors old.safetensors --scheme int8; echo $? >&2; } | true");
  EXPECT_TRUE(says(outcome.error, {"standard output: write: ", "\n2\n"}));
  EXPECT_EQ(contents(), before);
}

TEST_F(Outputs, OtherStandardStreamsMayBeClosed) {
  EXPECT_EQ(run("quantize in.safetensors old.safetensors --scheme int8 <&- 2>&-").code, 0);
  EXPECT_TRUE(io::SafetensorsFile(scratch / "old.safetensors").contains("layer.0.weight.codes"));
  EXPECT_EQ(run("quantize cut.safetensors old.safetensors --scheme int8 --html old.json <&- 2>&-").code, 2);
  EXPECT_EQ(read_file(scratch / "old.json"), "old");
}

TEST_F(Outputs, AFullDiskLeavesEverythingAsItWas) {
  io::Bundle bundle;
  const Eigen::MatrixXf large = weights(200, 100, 7);
  for (int i = 0; i < 100; ++i) bundle.add("tensor" + std::to_string(i), large.topRows(1));
  bundle.add("large", large);
  bundle.write(scratch / "large.safetensors");
  before = contents();
  const std::string limit = "ulimit -f 16; \"$TOOL\" ";  // 8 KiB a file
  for (const char* arguments :
       {"quantize large.safetensors old.safetensors --scheme int8 >/dev/null",
        "quantize large.safetensors --dry-run --scheme int8 --json old.json >/dev/null",
        "quantize large.safetensors --dry-run --scheme int8 --html old.json >/dev/null",
        "quantize large.safetensors --dry-run --scheme int8"}) {
    const Outcome outcome = shell(limit + arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_TRUE(says(outcome.error, {"write", "File too large"})) << arguments;
    EXPECT_EQ(contents(), before) << arguments;
  }
}

TEST_F(Outputs, AnOutputThatCannotBeReplacedLeavesAllOthersAsTheyWere) {
  lowbit_test::write_file(scratch / "old.html", "old");
  before = contents();
  for (const std::string fixed : {"old.safetensors", "old.json", "old.html"}) {
    if (shell("chattr +i " + fixed).code != 0) GTEST_SKIP() << "no file can be made immutable here";
    const Outcome outcome = run(
        "quantize in.safetensors old.safetensors --scheme int8 --json old.json --html old.html >/dev/null");
    const Outcome fresh = run("quantize in.safetensors new.safetensors --scheme int8 --json " + fixed);
    EXPECT_EQ(shell("chattr -i " + fixed).code, 0);
    EXPECT_EQ(outcome.code, 2) << fixed;
    EXPECT_TRUE(says(outcome.error, {fixed, "Operation not permitted"}));
    EXPECT_EQ(fresh.code, 2) << fixed;
    EXPECT_EQ(contents(), before) << fixed;
  }
}

TEST_F(Outputs, AFailedRunReplacesNothing) {
  EXPECT_EQ(run("quantize cut.safetensors old.safetensors --scheme int8 --json old.json").code, 2);
  EXPECT_EQ(run("quantize in.safetensors old.safetensors --scheme int8:channel7 --json old.json").code, 2);
  EXPECT_EQ(contents(), before);
}

}  // namespace
}  // namespace quantize_file_test
