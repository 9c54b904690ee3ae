// quantize_file: inspects, quantizes and compares the tensors of .safetensors and .npy files.
#include <lowbit/io/atomic_file.hpp>

#include <CLI/CLI.hpp>

#include <clocale>
#include <cmath>
#include <csignal>
#include <iostream>
#include <map>
#include <span>
#include <sstream>

#include "commands.hpp"
#include "outputs.hpp"

namespace {

using namespace quantize_file;

enum ExitCode { success = 0, wrong_usage = 1, bad_file = 2, differs = 3 };

constexpr const char* footer = R"(Exit codes:
  0  done
  1  wrong usage: options, schemes, rules that match no tensor, two paths to one file
  2  something cannot be read, written or quantized; existing outputs stay as they were
  3  compare: a tensor is missing, differs in shape, integers, NaN or infinities, or falls below
     --min-snr
)";

/// The options of a report: its order, and the files it is written to.
class ReportOutput {
 public:
  void add_options(CLI::App& command) {
    static const std::map<std::string, Sorting> sortings{
        {"name", Sorting::name}, {"worst", Sorting::worst}, {"size", Sorting::size}};
    command.add_option("--sort", sorting_, "name, worst (first) or size (largest first)")
        ->transform(CLI::CheckedTransformer(sortings))
        ->default_str("name");
    command.add_option("--json", json_path_,
                       "Write the report as JSON to a file, or to standard output with -");
  }
  void add_html(CLI::App& command) {
    command.add_option("--html", html_path_, "Write the report as a self-contained page");
  }

  void open(Outputs& outputs) {
    if (json_path_ && *json_path_ != "-") json_ = &outputs.creates(*json_path_, "--json");
    if (html_path_) html_ = &outputs.creates(*html_path_, "--html");
  }

  void write(Report report) const {
    sort(report, sorting_);
    const auto fill = [](lowbit::io::AtomicFile& file, const std::string& text) {
      file.append(std::as_bytes(std::span(text)));
    };
    if (html_ != nullptr) fill(*html_, html(report));
    if (json_ != nullptr) fill(*json_, json(report));
    write_standard_output(json_path_ == "-" ? json(report) : text(report));
  }

 private:
  std::optional<std::string> json_path_, html_path_;
  Sorting sorting_ = Sorting::name;
  lowbit::io::AtomicFile *json_ = nullptr, *html_ = nullptr;
};

int run(int argc, char** argv) {
  CLI::App app("Inspects, quantizes and compares the tensors of .safetensors and .npy files.",
               "quantize_file");
  app.require_subcommand(1);
  app.footer(footer);
  ReportOutput output;

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
  bool dry_run = false;
  quantizing->add_option("input", job.input, "A .safetensors or .npy file")->required();
  quantizing->add_option("output", job.output, "The .safetensors file to write; optional with --dry-run");
  quantizing->add_option("--scheme", scheme,
                         "For all tensors of rank 2 and more that match no rule: see below");
  quantizing
      ->add_option("--rule", rules,
                   "PATTERN=SCHEME, such as 'layer.*.weight=nf4:block64', for the tensors with such names; "
                   "may be repeated, the first match wins, and each has to match a tensor")
      ->allow_extra_args(false);
  quantizing->add_option(
      "--min-snr", job.min_snr,
      "Keep a tensor in float where its SNR would be below this, in dB, or values are not finite");
  quantizing->add_option("--layout", layout, "lowbit, or bitsandbytes for nf4 and fp4 in blocks")
      ->check(CLI::IsMember({"lowbit", "bitsandbytes"}))
      ->capture_default_str();
  quantizing->add_option("--non-finite", non_finite, "NaN and infinities: reject, or saturate")
      ->check(CLI::IsMember({"reject", "saturate"}))
      ->capture_default_str();
  quantizing->add_flag("--dry-run", dry_run, "Measure and report, write no tensors");
  output.add_options(*quantizing);
  output.add_html(*quantizing);

  CLI::App* comparing = app.add_subcommand("compare", "Compare the tensors of two files, quantized or not");
  std::optional<double> min_snr;
  comparing->add_option("original", input, "The original file")->required();
  comparing->add_option("other", other, "The file whose error is measured")->required();
  comparing->add_option("--min-snr", min_snr,
                        "Exit with 3 where a tensor's SNR is below this, in dB, or values are not finite");
  output.add_options(*comparing);
  output.add_html(*comparing);

  Outputs outputs;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    std::ostringstream help;
    app.exit(request, help);
    write_standard_output(help.str());
    return success;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + " (see --help)");
  }
  for (const std::optional<double>& limit : {job.min_snr, min_snr})
    if (limit && std::isnan(*limit)) throw UsageError("--min-snr is nan, it must be a number of dB");

  if (*inspecting) {
    outputs.reads(input, "file");
    output.open(outputs);
    output.write(inspect(input));
    outputs.commit();
    return success;
  }
  if (*comparing) {
    outputs.reads(input, "original");
    outputs.reads(other, "other");
    output.open(outputs);
    const Report report = compare(input, other, min_snr);
    output.write(report);
    outputs.commit();
    return report.has_problems() ? differs : success;
  }
  if (scheme.empty() && rules.empty()) throw UsageError("quantize needs --scheme or --rule");
  for (const std::string& rule : rules) job.rules.add(rule);
  if (!scheme.empty()) job.rules.set_default(scheme);
  if (job.output.empty() && !dry_run) throw UsageError("quantize needs an output, or --dry-run");
  if (!job.output.empty() && job.output.extension() != ".safetensors")
    throw UsageError(job.output.string() + ": quantized tensors go to a .safetensors file");
  if (layout == "bitsandbytes") job.layout = Layout::bitsandbytes;
  if (non_finite == "saturate") job.options.non_finite = lowbit::NonFinite::saturate;

  outputs.reads(job.input, "input");
  if (!dry_run) {
    job.target = &outputs.creates(job.output, "output");
  } else if (!job.output.empty()) {
    outputs.reserves(job.output, "output");
  }
  output.open(outputs);
  output.write(quantize(job));
  outputs.commit();
  return success;
}

/// Prints an error on one line: control characters in paths and names are escaped.
ExitCode fail(ExitCode code, const char* message) {
  std::cerr << "quantize_file: " << lowbit::io::printable(message, std::string::npos) << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  // A write that fails returns an error, which becomes a message, instead of ending the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  occupy_standard_streams();
  std::setlocale(LC_CTYPE, "C.UTF-8");  // the ? of a rule is a character, not a byte
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    return fail(wrong_usage, error.what());
  } catch (const std::exception& error) {
    return fail(bad_file, error.what());
  }
}
