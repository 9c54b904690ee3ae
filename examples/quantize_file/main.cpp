// quantize_file: inspects, quantizes and compares the tensors of .safetensors and .npy files.
#include <lowbit/io/atomic_file.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

#include "commands.hpp"

namespace {

using namespace quantize_file;

enum ExitCode { success = 0, wrong_usage = 1, bad_file = 2, differs = 3 };

constexpr const char* footer = R"(Exit codes:
  0  done
  1  wrong usage: options, schemes, names of files
  2  a file cannot be read, written or quantized; an existing output stays as it was
  3  compare: a tensor is missing, differs in shape or integers, or falls below --min-snr
)";

/// Where and how a report goes.
struct Output {
  std::string json, html;
  Sorting sorting = Sorting::name;

  void add_options(CLI::App& command) {
    static const std::map<std::string, Sorting> sortings{
        {"name", Sorting::name}, {"worst", Sorting::worst}, {"size", Sorting::size}};
    command.add_option("--sort", sorting, "name, worst (first) or size (largest first)")
        ->transform(CLI::CheckedTransformer(sortings))
        ->default_str("name");
    command.add_option("--json", json, "Write the report as JSON to a file, or to standard output with -");
  }
  void add_html(CLI::App& command) {
    command.add_option("--html", html, "Write the report as a self-contained page");
  }

  void write(Report report) const {
    sort(report, sorting);
    if (!html.empty()) write_file(html, quantize_file::html(report));
    if (json == "-") {
      std::cout << quantize_file::json(report);
      return;
    }
    if (!json.empty()) write_file(json, quantize_file::json(report));
    print_text(std::cout, report);
  }

 private:
  static void write_file(const std::string& path, const std::string& text) {
    lowbit::io::AtomicFile file(path);
    file.append(std::as_bytes(std::span(text)));
    file.commit();
  }
};

int run(int argc, char** argv) {
  CLI::App app("Inspects, quantizes and compares the tensors of .safetensors and .npy files.",
               "quantize_file");
  app.require_subcommand(1);
  app.footer(footer);
  Output output;

  CLI::App* inspecting =
      app.add_subcommand("inspect", "List the tensors of a file, quantized ones with their scheme");
  std::string input, other;
  inspecting->add_option("file", input, "The file")->required();
  output.add_options(*inspecting);

  CLI::App* quantizing = app.add_subcommand("quantize", "Quantize the tensors of a file into another one");
  quantizing->footer(scheme_help() + "\n" + footer);
  QuantizeJob job;
  std::string scheme, layout = "lowbit", non_finite = "reject";
  std::vector<std::string> rules;
  quantizing->add_option("input", job.input, "A .safetensors or .npy file")->required();
  quantizing->add_option("output", job.output, "The .safetensors file to write; needless with --dry-run");
  quantizing->add_option("--scheme", scheme,
                         "For all tensors of rank 2 and more that no rule names: see below");
  quantizing
      ->add_option("--rule", rules,
                   "PATTERN=SCHEME, such as 'layer.*.weight=nf4:block64', for the tensors with such names; "
                   "may be repeated, the first match wins")
      ->allow_extra_args(false);
  quantizing->add_option("--min-snr", job.min_snr,
                         "Keep a tensor in float where its SNR would be below this, in dB");
  quantizing->add_option("--layout", layout, "lowbit, or bitsandbytes for nf4 and fp4 in blocks")
      ->check(CLI::IsMember({"lowbit", "bitsandbytes"}))
      ->capture_default_str();
  quantizing->add_option("--non-finite", non_finite, "NaN and infinities: reject, or saturate")
      ->check(CLI::IsMember({"reject", "saturate"}))
      ->capture_default_str();
  quantizing->add_flag("--dry-run", job.dry_run, "Measure and report, write no tensors");
  output.add_options(*quantizing);
  output.add_html(*quantizing);

  CLI::App* comparing = app.add_subcommand("compare", "Compare the tensors of two files, quantized or not");
  std::optional<double> min_snr;
  comparing->add_option("original", input, "The file that is right")->required();
  comparing->add_option("other", other, "The file whose error is measured")->required();
  comparing->add_option("--min-snr", min_snr, "Exit with 3 where a tensor's SNR is below this, in dB");
  output.add_options(*comparing);
  output.add_html(*comparing);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? success : wrong_usage;
  }

  if (*inspecting) {
    output.write(inspect(input));
    return success;
  }
  if (*comparing) {
    const Report report = compare(input, other, min_snr);
    output.write(report);
    return report.has_problems() ? differs : success;
  }
  if (scheme.empty() && rules.empty()) throw UsageError("quantize needs --scheme or --rule");
  for (const std::string& rule : rules) job.rules.add(rule);
  if (!scheme.empty()) job.rules.set_default(scheme);
  if (job.output.empty() && !job.dry_run) throw UsageError("quantize needs an output, or --dry-run");
  if (layout == "bitsandbytes") job.layout = Layout::bitsandbytes;
  if (non_finite == "saturate") job.options.non_finite = lowbit::NonFinite::saturate;
  output.write(quantize(job));
  return success;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    std::cerr << "quantize_file: " << error.what() << '\n';
    return wrong_usage;
  } catch (const std::exception& error) {
    std::cerr << "quantize_file: " << error.what() << '\n';
    return bad_file;
  }
}
