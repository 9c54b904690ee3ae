// The reports of the tool: names of any bytes, infinite and NaN errors, rules, and files of many tensors.
#include <lowbit/cast.hpp>
#include <lowbit/io/npy.hpp>
#include <lowbit/io/quantized.hpp>

#include <limits>

#include "tool_test.hpp"

namespace quantize_file_test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(),
                nan = std::numeric_limits<float>::quiet_NaN();

class Reports : public QuantizeFile {
 protected:
  /// Writes a file with one matrix of one row.
  template <class T>
  void write(const std::string& path, std::vector<T> values) {
    io::Bundle bundle;
    bundle.own("w", Shape{1, static_cast<lowbit::Index>(values.size())}, std::span<const T>(values));
    bundle.write(scratch / path);
  }
  /// Compares two matrices of one row; returns the row of the report.
  Json compared(std::vector<float> a, std::vector<float> b, const std::string& options = "", int code = 0) {
    write("a.safetensors", std::move(a));
    write("b.safetensors", std::move(b));
    return run_json("compare a.safetensors b.safetensors " + options, code)["tensors"][0];
  }
};

/// Control characters other than newlines, and bytes that are not UTF-8.
std::string commands_in(const std::string& text) {
  std::string found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = io::utf8_length(std::string_view(text).substr(at));
    const std::string character = text.substr(at, n > 0 ? n : 1);
    if (character != "\n" && (n == 0 || io::is_control(character))) found += character;
    at += character.size();
  }
  return found;
}

TEST_F(Reports, NamesOfAnyBytesAreEscaped) {
  const std::vector<std::string> names{
      "esc\x1b[31m",
      "line\nfeed\r",
      "del\x7f",
      "c1\xc2\x9b"
      "31m",
      std::string("nul\0end", 7),
      "reversed\xe2\x80\xae",
      "<b onclick=\"x\">&amp;'",
      "back\\slash",
      "gr\xc3\xbc\xc3\x9f\x65, a long name of two lines\nand\xe2\x82\xac"
      "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"};
  io::Bundle bundle;
  const Eigen::MatrixXf x = weights(4, 4, 1);
  for (const std::string& name : names) bundle.add(name, x);
  bundle.write(scratch / "names.safetensors");

  for (const std::string command :
       {"inspect names.safetensors", "quantize names.safetensors out.safetensors --scheme int8 --html r.html",
        "compare names.safetensors out.safetensors --html r2.html"}) {
    const Outcome text = run(command);
    EXPECT_EQ(text.code, 0) << text.error;
    EXPECT_EQ(commands_in(text.out), "") << command;
    EXPECT_EQ(std::ranges::count(text.out, '\n'), static_cast<long>(names.size()) + 3) << command;
    EXPECT_TRUE(says(text.out, {"esc\\x1b[31m", "line\\x0afeed\\x0d", "c1\\xc2\\x9b31m", "nul\\x00end"}));
    const Outcome json = run(command + " --json -");
    EXPECT_EQ(commands_in(json.out), "") << command;
    const Json report = Json::parse(json.out, nullptr, false);
    for (const std::string& name : names) EXPECT_EQ(tensor(report, name)["name"], name);
  }
  for (const char* page : {"r.html", "r2.html"}) {
    const std::string text = read_file(scratch / page);
    EXPECT_EQ(commands_in(text), "") << page;
    EXPECT_EQ(text.find("<b "), text.npos);
    EXPECT_TRUE(says(text, {"esc\\x1b[31m", "&lt;b onclick=&quot;x&quot;&gt;&amp;amp;", "nul\\x00end"}));
  }
}

TEST_F(Reports, NamesInMessagesAndPathsAreEscaped) {
  io::Bundle bundle;
  const std::vector<float> bad{1, nan};
  bundle.own("w\x1b\xc2\x9b", Shape{1, 2}, std::span<const float>(bad));
  bundle.write(scratch / "w.safetensors");
  const Outcome tensor = run("quantize w.safetensors out.safetensors --scheme int8");
  EXPECT_TRUE(says(tensor.error, {"w\\x1b\\xc2\\x9b"}));
  EXPECT_EQ(commands_in(tensor.error), "");

  const std::string path = "p\x1b[1m\nq\xff";
  const Outcome missing = run("inspect '" + path + ".npy'");
  EXPECT_TRUE(says(missing.error, {"p\\x1b[1m\\x0aq\\xff.npy"}));
  EXPECT_EQ(commands_in(missing.error), "");
  EXPECT_EQ(commands_in(run("inspect in.safetensors --sort '" + path + "'").error), "");
  EXPECT_EQ(commands_in(run("inspect in.safetensors '--" + path + "'").error), "");

  const std::vector<float> values{1, 2};
  io::write_npy(scratch / (path + ".npy"), io::stored_tensor(std::span<const float>(values), Shape{2}));
  EXPECT_EQ(commands_in(run("inspect '" + path + ".npy'").out), "");
  const Json report = run_json("inspect '" + path + ".npy'");
  EXPECT_EQ(report["tensors"].size(), 1u);
  EXPECT_EQ(run("quantize --dry-run '" + path + ".npy' --rule '*=int8' --html r.html").code, 0);
  EXPECT_EQ(commands_in(read_file(scratch / "r.html")), "");
}

TEST_F(Reports, ARuleThatMatchesNoTensorIsAnErrorThatNamesTheRule) {
  for (const char* rule :
       {"layer.9.*=int8", "layer.0=int8", "layer.0.weight.codes=int8", "=int8x", "Ids=keep"}) {
    const Outcome outcome =
        run("quantize in.safetensors out.safetensors --scheme int8 --rule '*.bias=fp16' --rule '" +
            std::string(rule) + "'");
    EXPECT_EQ(outcome.code, 1) << rule;
    EXPECT_TRUE(says(outcome.error, {rule})) << rule;
    EXPECT_FALSE(std::filesystem::exists(output)) << rule;
  }
  EXPECT_EQ(run("quantize in.safetensors out.safetensors --rule '*=int8' --rule 'ids=keep'").code, 0);
}

TEST_F(Reports, RulesMatchTensorsWithAnyCharacters) {
  io::Bundle bundle;
  const Eigen::MatrixXf x = weights(4, 4, 1);
  for (const std::string& name :
       {std::string("a[0].weight"), std::string("a0.weight"), std::string("b[0].weight"),
        std::string("what?"), std::string("whats"), std::string("c*=d"), std::string("back\\slash"),
        std::string("nul\0end", 7), std::string("nul")})
    bundle.add(name, x);
  bundle.write(scratch / "names.safetensors");
  const auto chosen = [&](const std::string& rule) {
    std::vector<std::string> names;
    const Json report = run_json("quantize --dry-run names.safetensors --rule '" + rule + "=int8'");
    for (const Json& t : report["tensors"])
      if (!t["to"].is_null()) names.push_back(t["name"]);
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(chosen("a[0].weight"), Names{"a[0].weight"});
  EXPECT_EQ(chosen("?[0].weight"), Names{"a0.weight"});  // a set of one character
  EXPECT_EQ(chosen("?\\[0].weight"), (Names{"a[0].weight", "b[0].weight"}));
  EXPECT_EQ(chosen("what?"), Names{"what?"});
  EXPECT_EQ(chosen("w*"), (Names{"what?", "whats"}));
  EXPECT_EQ(chosen("c*=d"), Names{"c*=d"});
  EXPECT_EQ(chosen("back\\slash"), Names{"back\\slash"});
  EXPECT_EQ(chosen("nul"), Names{"nul"});
  EXPECT_EQ(chosen("nul\\x00end"), Names{std::string("nul\0end", 7)});  // as the table shows it
  bundle.add("\u00fcn\u00ef\U0001f4a5", x);
  bundle.write(scratch / "names.safetensors");
  for (const char* pattern : {"\u00fcn\u00ef?", "?n??", "?n\u00ef*", "[\u00fcu]n[!i]?"})
    EXPECT_EQ(chosen(pattern), Names{"\u00fcn\u00ef\U0001f4a5"}) << pattern;
  const Outcome outcome = run("quantize --dry-run names.safetensors --rule 'b[0].*=int8'");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(says(outcome.error, {"\"b[0].*=int8\"", "\\["}));
}

TEST_F(Reports, TellExactInfiniteAndNanErrorsApart) {
  const Json exact = compared({1, 2, 3}, {1, 2, 3});
  EXPECT_EQ(exact["error"]["exact"], true);
  EXPECT_EQ(exact["error"]["snr_db"], "Infinity");
  const Json from_zeros = compared({0, 0}, {1, 2});
  EXPECT_EQ(from_zeros["error"]["exact"], false);
  EXPECT_EQ(from_zeros["error"]["snr_db"], "-Infinity");
  const Json became_nan = compared({1, 2}, {1, nan}, "", 3);
  EXPECT_EQ(became_nan["error"]["exact"], false);
  EXPECT_EQ(became_nan["error"]["snr_db"], "NaN");
  EXPECT_EQ(became_nan["error"]["max_abs"], "NaN");
  EXPECT_EQ(became_nan["error"]["decoded_nan"], 1);
  const Json became_infinite = compared({1, 2}, {1, infinity}, "", 3);
  EXPECT_EQ(became_infinite["error"]["snr_db"], "-Infinity");
  EXPECT_EQ(became_infinite["error"]["decoded_infinity"], 1);
  const Json rest_is_exact = compared({1, nan, infinity}, {1, 0, 2}, "", 3);
  EXPECT_EQ(rest_is_exact["error"]["exact"], false);
  EXPECT_EQ(rest_is_exact["error"]["snr_db"], "Infinity");
  const Json measured = compared({1, 2}, {1, 2.5});
  EXPECT_TRUE(measured["error"]["snr_db"].is_number());
  EXPECT_EQ(measured["error"]["exact"], false);
}

TEST_F(Reports, NonFiniteValuesHaveToBeTheSameInTheSamePlaces) {
  const std::vector<float> kinds{1, nan, infinity, -infinity};
  for (const float x : kinds)
    for (const float y : kinds)
      if (x < y || (std::isnan(x) && !std::isnan(y))) {
        const Json moved = compared({x, y, 3}, {y, x, 3}, "", 3);
        EXPECT_EQ(moved["note"], "NaN or infinities differ: 2 values") << x << y;
        EXPECT_EQ(moved["error"]["other_kind"], 2) << x << y;
        compared({x, y, 3}, {x, y, 3});
      }
  EXPECT_EQ(compared({1, infinity}, {1, -infinity}, "", 3)["note"], "NaN or infinities differ: 1 value");
  // A quantized file against a plain one, and the reverse.
  write<float>("a.safetensors", {infinity, 1, nan, 2});
  write<float>("b.safetensors", {1, infinity, 2, nan});
  const Eigen::RowVector4f x(infinity, 1, nan, 2);
  io::Bundle bundle;
  io::add(bundle, "w",
          lowbit::CastQuantizer<lowbit::float16>({}, {.overflow = lowbit::Overflow::ieee}).quantize(x));
  bundle.write(scratch / "q.safetensors");
  EXPECT_EQ(run("compare a.safetensors q.safetensors").code, 0);
  EXPECT_EQ(run("compare b.safetensors q.safetensors").code, 3);
  EXPECT_EQ(run("compare q.safetensors b.safetensors").code, 3);
}

TEST_F(Reports, TextAndHtmlTellExactFromInfinite) {
  const auto text = [&](std::vector<float> a, std::vector<float> b) {
    write("a.safetensors", std::move(a));
    write("b.safetensors", std::move(b));
    const std::string out = run("compare a.safetensors b.safetensors --html r.html").out;
    return out + read_file(scratch / "r.html");
  };
  EXPECT_TRUE(says(text({1, 2}, {1, 2}), {" exact ", "no error", "<td>exact</td>"}));
  EXPECT_TRUE(says(text({0, 0}, {1, 2}), {" -inf ", "<td>-inf</td>"}));
  EXPECT_TRUE(says(text({1, 2}, {1, nan}), {" NaN ", "<td>NaN</td>"}));
  const std::string lost = text({1, nan, infinity, -infinity, -infinity}, {1, 0, 2, 2, 2});
  EXPECT_TRUE(says(lost, {" inf ", "<td>inf</td>", "1 NaN, 1 inf, 2 -inf", "not finite"}));
  EXPECT_EQ(lost.find("exact"), std::string::npos);
  EXPECT_EQ(lost.find("no error"), std::string::npos);
}

TEST_F(Reports, SaturatedValuesAreCountedByKindAndFailTheComparison) {
  write<float>("bad.safetensors", {1, -2, 127, nan, nan, infinity, -infinity, -infinity, -infinity, 4});
  const Json row =
      run_json("quantize bad.safetensors out.safetensors --scheme int8 --non-finite saturate")["tensors"][0];
  for (const Json& error :
       {row["error"], run_json("compare bad.safetensors out.safetensors", 3)["tensors"][0]["error"]}) {
    EXPECT_EQ(error["exact"], false);
    EXPECT_EQ(error["non_finite"], 6);
    EXPECT_EQ(error["nan"], 2);
    EXPECT_EQ(error["positive_infinity"], 1);
    EXPECT_EQ(error["negative_infinity"], 3);
  }
  const Outcome text =
      run("quantize --dry-run bad.safetensors --scheme int8 --non-finite saturate --html r.html");
  EXPECT_TRUE(says(text.out, {"2 NaN, 1 inf, 3 -inf"}));
  EXPECT_EQ(text.out.find("exact"), std::string::npos);
  EXPECT_TRUE(says(read_file(scratch / "r.html"), {"2 NaN, 1 inf, 3 -inf"}));
  const Json limited = run_json("compare bad.safetensors out.safetensors --min-snr -100", 3)["tensors"][0];
  EXPECT_EQ(limited["note"], "NaN or infinities differ: 6 values");
  const Json kept = run_json(
      "quantize bad.safetensors kept.safetensors --scheme int8 --non-finite saturate --min-snr 10")["tensors"]
                                                                                                   [0];
  EXPECT_TRUE(kept["to"].is_null());
  EXPECT_TRUE(says(kept["note"], {"int8 loses 2 NaN, 1 inf, 3 -inf"}));
  const Json same = run_json("compare bad.safetensors kept.safetensors --min-snr 10")["tensors"][0];
  EXPECT_EQ(same["error"]["exact"], true);  // byte for byte
  compared({1, -infinity}, {1, infinity}, "--min-snr 10", 3);
}

TEST_F(Reports, ALimitMustNotBeNan) {
  for (const char* limit : {"nan", "-nan", "NaN"})
    for (const std::string command : {"compare in.safetensors in.safetensors --min-snr=",
                                      "quantize in.safetensors out.safetensors --scheme int8 --min-snr="}) {
      const Outcome outcome = run(command + limit);
      EXPECT_EQ(outcome.code, 1) << command << limit;
      EXPECT_TRUE(says(outcome.error, {"--min-snr"})) << limit;
    }
  EXPECT_EQ(run("compare in.safetensors in.safetensors --min-snr inf").code, 0);
}

TEST_F(Reports, DoublesAreMeasuredAsDoubles) {
  write<double>("a.safetensors", {1 + 1e-12, 2, 3, 4});
  const Json row = run_json("quantize a.safetensors out.safetensors --scheme bf16")["tensors"][0];
  EXPECT_NEAR(row["error"]["max_abs"].get<double>(), 1e-12, 1e-15);
  EXPECT_EQ(row["error"]["exact"], false);
  EXPECT_EQ(run_json("compare a.safetensors out.safetensors")["tensors"][0]["error"], row["error"]);

  write<double>("few.safetensors", {1e-60, 1, -1e-70, 2});
  const Json few = run_json("quantize few.safetensors out.safetensors --scheme int8")["tensors"][0];
  EXPECT_EQ(few["error"]["zeroed"], 2);
  EXPECT_EQ(few["error"]["exact"], false);

  write<double>("tiny.safetensors", {1e-60, 2e-60, -3e-60});
  write<double>("zeros.safetensors", {0, 0, 0});
  const Json zeroed = run_json("compare tiny.safetensors zeros.safetensors --min-snr 1", 3)["tensors"][0];
  EXPECT_EQ(zeroed["error"]["snr_db"], 0.0);
  EXPECT_EQ(zeroed["error"]["zeroed"], 3);
  EXPECT_EQ(zeroed["error"]["cosine"], 0.0);
  write<double>("huge.safetensors", {1e60, -2e60});
  write<double>("half.safetensors", {1e60, -1e60});
  const Json half = run_json("compare huge.safetensors half.safetensors")["tensors"][0];
  EXPECT_NEAR(half["error"]["snr_db"].get<double>(), 10 * std::log10(5.0), 1e-9);
  EXPECT_EQ(half["error"]["non_finite"], 0);
}

TEST_F(Reports, DoublesOutsideTheRangeOfFloatAreErrorsThatNameTheTensor) {
  for (const auto& [values, word] :
       {std::pair{std::vector<double>{1, 1e60, 2}, "outside the range of float, the first one is 1e+60"},
        {std::vector<double>{1e-60, 0, -2e-60}, "below the smallest float"}}) {
    write("a.safetensors", values);
    for (const std::string scheme : {"int8", "uint8z:channel", "nf4:block64"}) {
      const Outcome outcome = run("quantize a.safetensors out.safetensors --scheme " + scheme);
      EXPECT_EQ(outcome.code, 2) << scheme << word;
      EXPECT_TRUE(says(outcome.error, {"\"w\"", word, "--non-finite saturate"})) << scheme;
      EXPECT_EQ(outcome.error.find("not finite"), std::string::npos) << outcome.error;
      EXPECT_FALSE(std::filesystem::exists(output)) << scheme;
    }
    for (const std::string scheme :
         {"int8 --non-finite saturate", "nf4:block64 --non-finite saturate", "fp16"}) {
      const Json row = run_json("quantize a.safetensors q.safetensors --scheme " + scheme)["tensors"][0];
      EXPECT_EQ(row["error"]["exact"], false) << scheme;
      EXPECT_EQ(row["error"]["non_finite"], 0) << scheme;
      const Json compared = run_json("compare a.safetensors q.safetensors --min-snr 1", 3)["tensors"][0];
      EXPECT_EQ(compared["error"], row["error"]) << scheme;
      EXPECT_TRUE(
          run_json("quantize --dry-run a.safetensors --min-snr 1 --scheme " + scheme)["tensors"][0]["to"]
              .is_null());
    }
    EXPECT_EQ(run("quantize a.safetensors kept.safetensors --rule 'w=keep'").code, 0);
    EXPECT_EQ(run_json("compare a.safetensors kept.safetensors")["tensors"][0]["error"]["exact"], true);
  }
  // Codes of another program for doubles outside the range of float.
  write<double>("a.safetensors", {1e60, -1e60});
  write<float>("b.safetensors", {3, -3});
  run_json("quantize b.safetensors q.safetensors --scheme int8");
  const Json row = run_json("compare a.safetensors q.safetensors --min-snr 1", 3)["tensors"][0];
  EXPECT_NEAR(row["error"]["snr_db"].get<double>(), 0.0, 1e-9);
  EXPECT_EQ(row["error"]["exact"], false);
}

TEST_F(Reports, ManyTensorsTakeLinearTime) {
  constexpr int count = 30000;
  io::Bundle bundle;
  const std::vector<float> values{1, 2, 3, 4};
  for (int i = 0; i < count; ++i)
    bundle.add("model.layers." + std::to_string(i) + ".weight",
               io::stored_tensor(std::span<const float>(values), Shape{2, 2}));
  bundle.write(scratch / "many.safetensors");
  for (const std::string command :
       {"inspect many.safetensors", "quantize many.safetensors out.safetensors --scheme int8 --html r.html",
        "compare many.safetensors out.safetensors --json r.json"}) {
    // Takes two seconds of processor time; in quadratic time it would take a minute.
    const Outcome outcome = shell("ulimit -t 25; \"$TOOL\" " + command);
    EXPECT_EQ(outcome.code, 0) << command;
    EXPECT_TRUE(says(outcome.out, {"\n30000 tensors, "})) << command;
  }
}

}  // namespace
}  // namespace quantize_file_test
