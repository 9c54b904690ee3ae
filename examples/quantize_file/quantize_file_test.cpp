// The commands of the tool: inspect, quantize, compare.
#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/layer.hpp>
#include <lowbit/io/npy.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/quantize/error.hpp>

#include <algorithm>
#include <sstream>

#include "tool_test.hpp"

namespace quantize_file_test {
namespace {

TEST_F(QuantizeFile, InspectListsShapesTypesAndBytes) {
  const Json report = run_json("inspect in.safetensors");
  EXPECT_EQ(report["tensors"].size(), 6u);
  const Json half = tensor(report, "layer.1.weight");
  EXPECT_EQ(half["shape"], Json({9, 7}));
  EXPECT_EQ(half["from"], "F16");
  EXPECT_EQ(half["bytes_before"], 9 * 7 * 2);
  const Outcome text = run("inspect in.safetensors");
  EXPECT_EQ(text.code, 0);
  EXPECT_TRUE(says(text.out, {"layer.0.weight", "24x16", "1536", "F32", "6 tensors"}));
}

TEST_F(QuantizeFile, QuantizesAsTheLibraryDoes) {
  const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8:channel");
  const io::SafetensorsFile from(input), to(output);
  using Rows =
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  // sums in the file's order
  const auto a = io::read_tensor<Rows>(from.tensor("layer.0.weight"));
  const auto expected = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>({.axis = 0}).quantize(a);
  const auto q =
      io::read_quantized<lowbit::Quantized<lowbit::SymmetricInteger<std::int8_t>, lowbit::PerChannel>>(
          to, "layer.0.weight");
  EXPECT_EQ(q.dequantize(), expected.dequantize());
  const Json row = tensor(report, "layer.0.weight");
  const lowbit::ErrorReport error = lowbit::error(a, expected);
  EXPECT_EQ(row["error"]["snr_db"].get<double>(), error.snr_db);
  EXPECT_EQ(row["error"]["max_abs"].get<double>(), error.max_abs);
  EXPECT_EQ(row["bytes_before"], 24 * 16 * 4);
  EXPECT_EQ(row["bytes_after"], 24 * 16 + 24 * 4);
  EXPECT_EQ(to.metadata().at("format"), "pt");
}

TEST_F(QuantizeFile, CopiesWhatItDoesNotQuantize) {
  const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8");
  const io::SafetensorsFile from(input), to(output);
  for (const auto& [name, note] :
       {std::pair{"ids", "integers"}, {"none", "empty"}, {"layer.0.bias", "vector"}}) {
    EXPECT_EQ(lowbit_test::text_of(from.tensor(name).bytes), lowbit_test::text_of(to.tensor(name).bytes));
    EXPECT_EQ(from.tensor(name).dtype, to.tensor(name).dtype);
    EXPECT_EQ(tensor(report, name)["note"], note);
    EXPECT_TRUE(tensor(report, name)["to"].is_null());
  }
}

TEST_F(QuantizeFile, KeepsQuantizersAndLayersAsTheyAre) {
  const Eigen::MatrixXf w = weights(24, 16, 1);
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel> activations({.axis = 1});
  activations.fit(w);
  const lowbit::QuantizedLinear layer(w, lowbit::rescale | lowbit::bias{weights(24, 1, 3)});
  io::Bundle bundle;
  bundle.add("w", w);
  io::add(bundle, "activations", activations);
  io::add(bundle, "fc1", layer);
  bundle.write(input);
  const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8 --rule '*=int8'");
  const io::SafetensorsFile from(input), to(output);
  EXPECT_EQ(to.metadata().at("lowbit.activations"), from.metadata().at("lowbit.activations"));
  EXPECT_EQ(to.metadata().at("lowbit.fc1"), from.metadata().at("lowbit.fc1"));
  for (const io::NamedTensor& t : bundle.tensors())
    if (t.name != "w") {
      EXPECT_EQ(lowbit_test::text_of(from.tensor(t.name).bytes),
                lowbit_test::text_of(to.tensor(t.name).bytes));
    }
  EXPECT_EQ(tensor(report, "w")["to"], "int8");
  EXPECT_EQ(tensor(report, "activations.scales")["note"], "part of quantizer \"activations\"");
  EXPECT_EQ(tensor(report, "fc1.epilogue.1.values")["note"], "part of layer \"fc1\"");
  EXPECT_EQ(tensor(run_json("inspect in.safetensors"), "fc1.weights.codes")["note"], "part of layer \"fc1\"");
  const auto again = io::read_layer<std::remove_const_t<decltype(layer)>>(to, "fc1");
  EXPECT_EQ(again(weights(3, 16, 5)), layer(weights(3, 16, 5)));
  EXPECT_EQ(run("compare in.safetensors out.safetensors").code, 0);
}

TEST_F(QuantizeFile, KeepsWhatItDoesNotKnow) {
  const std::string zeros(64 + 4 + 2 + 3 + 4 + 5 + 12, '\0');
  lowbit_test::write_file(input,
                          lowbit_test::safetensors_bytes(
                              R"({"__metadata__":{"lowbit.author":"somebody","lowbit.list":"[1]"},)"
                              R"("w":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]},)"
                              R"("fp8":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[64,68]},)"
                              R"("e8m0":{"dtype":"F8_E8M0","shape":[2,1],"data_offsets":[68,70]},)"
                              R"("f4":{"dtype":"F4","shape":[2,3],"data_offsets":[70,73]},)"
                              R"("deep":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[73,77]},)"
                              R"("new":{"dtype":"F128","shape":[1,2],"data_offsets":[77,82]},)"
                              R"("w.levels":{"dtype":"F32","shape":[3],"data_offsets":[82,94]}})",
                              zeros));
  const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8:tensor");
  EXPECT_EQ(report["tensors"].size(), 7u);
  EXPECT_EQ(tensor(report, "w")["to"], "int8:tensor");
  for (const auto& [name, note] : {std::pair{"fp8", "F8_E4M3 is not supported"},
                                   {"e8m0", "F8_E8M0 is not supported"},
                                   {"f4", "F4 is not supported"},
                                   {"deep", "too many dimensions"},
                                   {"new", "F128 is not supported"},
                                   {"w.levels", "vector"}})
    EXPECT_EQ(tensor(report, name)["note"], note);
  EXPECT_EQ(tensor(report, "deep")["shape"], Json({1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(tensor(report, "new")["shape"], Json({1, 2}));
  EXPECT_EQ(tensor(report, "new")["from"], "F128");
  const io::SafetensorsFile from(input), to(output);
  for (const char* name : {"fp8", "e8m0", "f4", "deep", "new", "w.levels"}) {
    EXPECT_EQ(io::type_text(to.tensor(name)), io::type_text(from.tensor(name)));
    EXPECT_EQ(io::shape_text(to.tensor(name)), io::shape_text(from.tensor(name)));
    EXPECT_EQ(to.tensor(name).bytes.size(), from.tensor(name).bytes.size());
  }
  EXPECT_EQ(to.metadata().at("lowbit.author"), "somebody");
  EXPECT_EQ(to.metadata().at("lowbit.list"), "[1]");
  EXPECT_EQ(run_json("inspect out.safetensors")["tensors"].size(), 7u);
  EXPECT_EQ(run("compare in.safetensors out.safetensors").code, 0);
}

TEST_F(QuantizeFile, ATensorWithPartsThatExistAlreadyIsKept) {
  io::Bundle bundle;
  for (const char* name : {"a", "a.codes", "b", "b.levels", "c"}) bundle.add(name, weights(8, 8, 1));
  bundle.describe("lowbit.c", "somebody's");
  bundle.write(input);
  const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8:tensor");
  EXPECT_EQ(tensor(report, "a")["note"], "\"a.codes\" exists already");
  EXPECT_TRUE(tensor(report, "a")["to"].is_null());
  EXPECT_EQ(tensor(report, "a.codes")["to"], "int8:tensor");
  EXPECT_EQ(tensor(report, "b")["to"], "int8:tensor");
  EXPECT_EQ(tensor(report, "b.levels")["to"], "int8:tensor");
  EXPECT_EQ(tensor(report, "c")["note"], "\"lowbit.c\" exists already");
  EXPECT_EQ(io::SafetensorsFile(output).metadata().at("lowbit.c"), "somebody's");
  EXPECT_EQ(run_json("inspect out.safetensors")["tensors"].size(), 5u);
  EXPECT_EQ(run("compare in.safetensors out.safetensors").code, 0);
}

TEST_F(QuantizeFile, TheFirstRuleThatMatchesWins) {
  const Json report = run_json(
      "quantize --dry-run in.safetensors --rule 'layer.1.d*=keep' --rule 'layer.[12].*=nf4:block32' "
      "--rule '*.bias=fp16' --rule '*=int2' --scheme int8");
  EXPECT_EQ(tensor(report, "layer.0.weight")["to"], "int2");
  EXPECT_EQ(tensor(report, "layer.1.weight")["to"], "nf4:block32");
  EXPECT_EQ(tensor(report, "layer.0.bias")["to"], "fp16");
  EXPECT_TRUE(tensor(report, "layer.1.double")["to"].is_null());
  EXPECT_EQ(tensor(report, "layer.1.double")["note"], "rule layer.1.d*");
}

TEST_F(QuantizeFile, KeepsTensorsThatWouldFallBelowTheLimit) {
  const Json report = run_json(
      "quantize in.safetensors out.safetensors --scheme int8 --rule 'layer.1.weight=int2' --min-snr 30");
  EXPECT_EQ(tensor(report, "layer.0.weight")["to"], "int8");
  const Json kept = tensor(report, "layer.1.weight");
  EXPECT_TRUE(kept["to"].is_null());
  EXPECT_EQ(kept["bytes_after"], kept["bytes_before"]);
  EXPECT_TRUE(says(kept["note"].get<std::string>(), {"int2", "dB"}));
  const io::SafetensorsFile written(output);
  EXPECT_EQ(written.tensor("layer.1.weight").dtype, io::Dtype::f16);
}

TEST_F(QuantizeFile, EverySchemeComesBackWithTheErrorThatWasReported) {
  std::istringstream help(run("quantize --help").out);
  std::vector<std::string> codecs;
  for (std::string line; std::getline(help, line);)
    if (line.starts_with("  CODEC   ")) {
      std::istringstream names(line.substr(10));
      for (std::string name; names >> name;) codecs.push_back(name);
    }
  EXPECT_GE(codecs.size(), 28u);
  for (const std::string& codec : codecs)
    for (const char* group : {":tensor", ":channel-1", ":block5"}) {
      const std::string scheme = codec + group;
      const Json wrote = run_json("quantize in.safetensors out.safetensors --scheme " + scheme);
      const Json compared = run_json("compare in.safetensors out.safetensors");
      for (const char* name : {"layer.0.weight", "layer.1.weight"}) {
        EXPECT_EQ(tensor(wrote, name)["to"], scheme);
        EXPECT_EQ(tensor(wrote, name)["error"], tensor(compared, name)["error"]) << scheme;
      }
    }
}

TEST_F(QuantizeFile, WritesTheLayoutOfBitsandbytes) {
  const Json wrote = run_json(
      "quantize in.safetensors out.safetensors --scheme nf4:block64:nested --rule "
      "'layer.1.weight=fp4:block32' "
      "--rule 'layer.1.double=int8' --layout bitsandbytes");
  const io::SafetensorsFile file(output);
  EXPECT_TRUE(file.contains("layer.0.weight.quant_state.bitsandbytes__nf4"));
  EXPECT_TRUE(file.contains("layer.1.weight.quant_state.bitsandbytes__fp4"));
  EXPECT_TRUE(file.contains("layer.1.double.codes"));
  const std::string state =
      lowbit_test::text_of(file.tensor("layer.1.weight.quant_state.bitsandbytes__fp4").bytes);
  EXPECT_EQ(Json::parse(state)["dtype"], "float16");
  const Json listed = run_json("inspect out.safetensors");
  EXPECT_EQ(tensor(listed, "layer.0.weight")["from"], "bitsandbytes nf4, blockwise 64 nested");
  const Json compared = run_json("compare in.safetensors out.safetensors");
  for (const char* name : {"layer.0.weight", "layer.1.weight", "layer.1.double"})
    EXPECT_EQ(tensor(wrote, name)["error"]["mse"], tensor(compared, name)["error"]["mse"]) << name;
}

TEST_F(QuantizeFile, CopiesTensorsThatAreQuantizedAlready) {
  run_json("quantize in.safetensors first.safetensors --rule 'layer.0.weight=nf4:block16:nested'");
  const Json again = run_json("quantize first.safetensors out.safetensors --scheme int8");
  EXPECT_EQ(tensor(again, "layer.0.weight")["note"], "quantized already");
  EXPECT_EQ(tensor(again, "layer.1.weight")["to"], "int8");
  const Json same = run_json("compare first.safetensors out.safetensors");
  EXPECT_EQ(tensor(same, "layer.0.weight")["error"]["max_abs"], 0.0);
  EXPECT_EQ(tensor(same, "layer.0.weight")["error"]["exact"], true);
}

TEST_F(QuantizeFile, KeepsMetadataOfOtherPrograms) {
  io::Bundle bundle;
  const Eigen::MatrixXf x = weights(4, 4, 1);
  bundle.add("w", x);
  bundle.add("v", x);
  bundle.describe("lowbit.w", "not ours");
  bundle.write(scratch / "keys.safetensors");
  const Json report = run_json("quantize keys.safetensors out.safetensors --scheme int8");
  EXPECT_TRUE(tensor(report, "w")["to"].is_null());
  EXPECT_EQ(tensor(report, "v")["to"], "int8");
  EXPECT_EQ(tensor(run_json("compare keys.safetensors out.safetensors"), "w")["error"]["exact"], true);
  EXPECT_EQ(io::SafetensorsFile(output).metadata().at("lowbit.w"), "not ours");
}

TEST_F(QuantizeFile, ReadsNpyInBothOrders) {
  const Eigen::MatrixXf x = weights(6, 5, 4);
  const std::span<const float> values(x.data(), 30);
  io::write_npy(scratch / "x.npy", io::stored_tensor(values, Shape({6, 5}, lowbit::Order::column_major)));
  const Json wrote = run_json("quantize x.npy out.safetensors --scheme uint8z:channel1");
  EXPECT_EQ(run_json("compare x.npy out.safetensors")["tensors"][0]["error"], wrote["tensors"][0]["error"]);
  run_json("quantize x.npy kept.safetensors --rule '*=keep'");
  const io::SafetensorsFile kept(scratch / "kept.safetensors");
  EXPECT_EQ(io::read_tensor(kept.tensor("x")), x);
}

TEST_F(QuantizeFile, ADryRunWritesNothing) {
  const auto before = scratch.names();
  EXPECT_EQ(run("quantize --dry-run in.safetensors --scheme int8").code, 0);
  const Outcome outcome = run("quantize --dry-run in.safetensors out.safetensors --scheme int8");
  EXPECT_TRUE(says(outcome.out, {"dry run", "int8", "worst"}));
  EXPECT_EQ(scratch.names(), before);
}

TEST_F(QuantizeFile, AFailureLeavesTheOldOutput) {
  lowbit_test::write_file(output, "old");
  Eigen::MatrixXf bad = weights(3, 3, 5);
  bad(1, 2) = NAN;
  io::Bundle bundle;
  bundle.add("bad", bad);
  bundle.write(scratch / "bad.safetensors");
  const auto before = scratch.names().size();
  const Outcome outcome = run("quantize bad.safetensors out.safetensors --scheme int8");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(
      says(outcome.error, {"bad.safetensors", "\"bad\"", "1 of 9", "[1, 2]", "--non-finite saturate"}));
  EXPECT_EQ(read_file(output), "old");
  EXPECT_EQ(scratch.names().size(), before);
  const Json saturated =
      run_json("quantize bad.safetensors out.safetensors --scheme int8 --non-finite saturate");
  EXPECT_EQ(saturated["tensors"][0]["error"]["non_finite"], 1);
}

TEST_F(QuantizeFile, ComparingFindsWhatDiffers) {
  io::Bundle bundle;
  const io::SafetensorsFile original(input);
  const Eigen::MatrixXf a = io::read_tensor(original.tensor("layer.0.weight"));
  const Eigen::MatrixXf transposed = a.transpose();
  const std::int64_t ids[] = {3, 1, 9};
  bundle.add("layer.0.weight", transposed);
  bundle.add("ids", io::stored_tensor(std::span<const std::int64_t>(ids), Shape{3}));
  bundle.add("new", a);
  bundle.write(scratch / "other.safetensors");
  const Json report = run_json("compare in.safetensors other.safetensors", 3);
  EXPECT_EQ(tensor(report, "layer.0.weight")["note"], "shape differs: 16x24");
  EXPECT_EQ(tensor(report, "ids")["note"], "elements differ");
  EXPECT_EQ(tensor(report, "new")["note"], "not in in.safetensors");
  EXPECT_EQ(tensor(report, "layer.0.bias")["note"], "not in other.safetensors");
  EXPECT_EQ(run("compare in.safetensors in.safetensors --min-snr 200").code, 0);
  EXPECT_EQ(run("quantize in.safetensors out.safetensors --scheme int4").code, 0);
  EXPECT_EQ(run("compare in.safetensors out.safetensors").code, 0);
  EXPECT_EQ(run("compare in.safetensors out.safetensors --min-snr 10").code, 0);
  const Json low = run_json("compare in.safetensors out.safetensors --min-snr 60 --sort worst", 3);
  EXPECT_EQ(low["tensors"][0]["problem"], true);
  EXPECT_EQ(low["tensors"][0]["note"], "below 60 dB");
}

TEST_F(QuantizeFile, APlainAndAQuantizedTensorMayShareAName) {
  const Eigen::MatrixXf x = weights(8, 8, 1), y = weights(8, 8, 2);
  io::Bundle bundle;
  bundle.add("w", x);
  io::add(bundle, "w", lowbit::AbsmaxQuantizer<std::int8_t>().quantize(y));
  bundle.add("v", x);
  bundle.write(scratch / "both.safetensors");
  const Json same = run_json("compare both.safetensors both.safetensors --min-snr 500");
  EXPECT_EQ(same["tensors"].size(), 3u);
  for (const Json& t : same["tensors"]) EXPECT_EQ(t["error"]["exact"], true);
  const Json copied = run_json("quantize both.safetensors out.safetensors --rule 'w=keep' --scheme int8");
  EXPECT_EQ(copied["tensors"].size(), 3u);
  EXPECT_EQ(tensor(copied, "w")["note"], "rule w");
  EXPECT_EQ(run("compare both.safetensors out.safetensors").code, 0);
  EXPECT_EQ(run("compare out.safetensors both.safetensors").code, 0);

  io::Bundle plain;
  plain.add("w", x);
  plain.add("v", x);
  plain.write(scratch / "plain.safetensors");
  for (const char* files : {"both.safetensors plain.safetensors", "plain.safetensors both.safetensors"}) {
    const Json less = run_json(std::string("compare --sort worst ") + files, 3);
    EXPECT_TRUE(says(less["tensors"][0]["note"], {"not in "}));
    EXPECT_EQ(less["tensors"][1]["problem"], false);
  }
}

TEST_F(QuantizeFile, TensorsWithOnlyTheNameOfABitsandbytesStateAreOrdinary) {
  const std::string zeros(64 + 4, '\0');
  for (const std::string key : {"w", "x"}) {
    lowbit_test::write_file(
        input,
        lowbit_test::safetensors_bytes(
            R"({"w":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]},)"
            R"(")" +
                key + R"(.quant_state.bitsandbytes__nf4":{"dtype":"U8","shape":[4],"data_offsets":[64,68]}})",
            zeros));
    const Json report = run_json("quantize in.safetensors out.safetensors --scheme int8:tensor");
    EXPECT_EQ(report["tensors"].size(), 2u);
    EXPECT_EQ(tensor(report, "w")["to"], "int8:tensor");
    EXPECT_EQ(tensor(report, key + ".quant_state.bitsandbytes__nf4")["note"], "integers");
    EXPECT_EQ(run("compare in.safetensors out.safetensors").code, 0);
  }
}

TEST_F(QuantizeFile, SortsTheWorstFirst) {
  const Json report = run_json(
      "quantize --dry-run in.safetensors --scheme int8 --rule 'layer.1.weight=int2' --rule '*double=int4' "
      "--sort worst");
  std::vector<double> snr;
  for (const Json& t : report["tensors"])
    if (t.contains("error")) snr.push_back(t["error"]["snr_db"].get<double>());
  EXPECT_EQ(snr.size(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(snr));
  EXPECT_EQ(report["tensors"][0]["name"], "layer.1.weight");
  EXPECT_EQ(run_json("inspect in.safetensors --sort size")["tensors"][0]["name"], "layer.0.weight");
}

TEST_F(QuantizeFile, TheHtmlReportIsSelfContained) {
  EXPECT_EQ(run("quantize --dry-run in.safetensors --scheme int8 --html r.html --json r.json").code, 0);
  const std::string page = read_file(scratch / "r.html");
  EXPECT_TRUE(says(page, {"<!doctype html>", "<svg", "layer.0.weight", "</html>"}));
  for (const char* outside : {"http", "<script", "src=", "@import"}) EXPECT_EQ(page.find(outside), page.npos);
  EXPECT_TRUE(Json::accept(read_file(scratch / "r.json")));
}

TEST_F(QuantizeFile, ExitCodesTellWhatWentWrong) {
  lowbit_test::write_file(scratch / "cut.safetensors", "12345");
  const struct {
    int code;
    const char* arguments;
    std::vector<std::string> says;
  } table[] = {
      {0, "--help", {}},
      {0, "quantize --help", {}},
      {1, "", {"subcommand"}},
      {1, "inspect", {"file"}},
      {1, "inspect in.safetensors --sort colour", {"colour"}},
      {1, "inspect in.bin", {".safetensors or .npy"}},
      {1, "quantize in.safetensors out.safetensors", {"--scheme or --rule"}},
      {1, "quantize in.safetensors --scheme int8", {"--dry-run"}},
      {1, "quantize in.safetensors out.npy --scheme int8", {"out.npy", ".safetensors"}},
      {1, "quantize in.safetensors out.safetensors --scheme int9", {"\"int9\"", "int8", "nf4", "keep"}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:rows", {"\"rows\"", "channel[AXIS]"}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:block0", {"\"block0\""}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:channelx", {"\"channelx\""}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:channel:nested", {"\"nested\"", "blockN"}},
      {1,
       "quantize in.safetensors out.safetensors --scheme int8:tensor:nested",
       {"\"nested\" needs blocks, as in blockN:nested"}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:nested", {"\"nested\" is not a group"}},
      {1, "quantize in.safetensors out.safetensors --scheme int8:block64:x", {"\"x\" is not \"nested\""}},
      {1,
       "quantize in.safetensors out.safetensors --scheme nf4:block64:nested:nested",
       {"\"nested\" is one part too many"}},
      {1,
       "quantize in.safetensors out.safetensors --scheme nf4:block64:nested:x",
       {"\"x\" is one part too many"}},
      {1, "quantize in.safetensors out.safetensors --scheme ''", {"--scheme or --rule"}},
      {1, "quantize in.safetensors out.safetensors --rule int8", {"PATTERN=SCHEME"}},
      {1, "quantize in.safetensors out.safetensors --scheme int8 --min-snr high", {"high"}},
      {2, "inspect missing.safetensors", {"missing.safetensors"}},
      {2, "inspect cut.safetensors", {"cut.safetensors", "header length"}},
      {2, "quantize cut.safetensors out.safetensors --scheme int8", {"cut.safetensors"}},
      {2, "quantize in.safetensors nowhere/out.safetensors --scheme int8", {"nowhere/out.safetensors"}},
      {2, "quantize in.safetensors out.safetensors --scheme int8:channel7", {"axis 7", "layer.0.weight"}},
      {2, "compare in.safetensors missing.safetensors", {"missing.safetensors"}},
  };
  for (const auto& [code, arguments, parts] : table) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << '\n' << outcome.error;
    EXPECT_TRUE(says(outcome.error + outcome.out, parts)) << arguments;
    EXPECT_FALSE(std::filesystem::exists(output)) << arguments;
  }
}

}  // namespace
}  // namespace quantize_file_test
