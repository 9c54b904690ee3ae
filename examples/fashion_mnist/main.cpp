// Trains small networks on Fashion-MNIST, quantizes their weights with every scheme of the library, prints
// the results, and writes report.html. schemes.cpp and inference.cpp use lowbit; the other files use Eigen
// only.
#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>

#include "../common/idx.hpp"
#include "../common/progress.hpp"
#include "../common/table.hpp"
#include "inference.hpp"
#include "mlp.hpp"
#include "report.hpp"
#include "schemes.hpp"

namespace fs = std::filesystem;
using namespace fashion_mnist;

namespace {

struct Options {
  fs::path data = "/usr/share/datasets/fashion-mnist", out = ".";
  int seeds = 3, epochs = Training{}.epochs;
  bool quick = false, check = false;
};

/// One model per seed 1, 2, ..., each on a thread of its own.
std::vector<Mlp> train_models(const Dataset& data, const Training& how, int seeds) {
  const std::string label = "training " + std::to_string(seeds) + (seeds == 1 ? " model" : " models");
  example::Progress progress(label, static_cast<long>(seeds) * training_steps(data, how));
  std::vector<std::future<Mlp>> running;
  for (int seed = 1; seed <= seeds; ++seed)
    running.push_back(std::async(std::launch::async, [&, seed] {
      Random random(static_cast<std::uint64_t>(seed));
      Mlp mlp = random_mlp(random);
      train(mlp, data, how, random, [&] { progress.step(); });
      return mlp;
    }));
  std::vector<Mlp> models;
  for (auto& model : running) models.push_back(model.get());
  return models;
}

std::vector<Scheme> measure(const std::vector<Mlp>& models, const Dataset& test) {
  example::Progress progress("quantizing", static_cast<long>(models.size() * scheme_count()));
  return evaluate_schemes(models, test, [&] { progress.step(); });
}

std::vector<Mode> run_quantized(const std::vector<Mlp>& models, const Dataset& training, const Dataset& test,
                                int epochs) {
  example::Progress progress("computing", static_cast<long>(models.size() * mode_count()));
  return evaluate_inference(models, training, test, epochs, [&] { progress.step(); });
}

std::string count_of(std::size_t n, const char* noun) {
  return std::to_string(n) + ' ' + noun + (n == 1 ? "" : "s");
}

/// Fills in the report, except the schemes.
Report describe(const Dataset& training, const Dataset& test, const Training& how,
                const std::vector<Mlp>& models) {
  Report report;
  Eigen::Index weights = 0, biases = 0;
  for (std::size_t l = 0; l < layers; ++l) {
    report.layers.push_back(std::to_string(widths[l]) + " \u2192 " + std::to_string(widths[l + 1]));
    weights += widths[l] * widths[l + 1];
    biases += widths[l + 1];
  }
  report.setting = {
      {"data", "Fashion-MNIST: " + std::to_string(training.labels.size()) + " training and " +
                   std::to_string(test.labels.size()) + " test images of 28 \u00d7 28 pixels, 10 classes"},
      {"network", "784-256-128-10 perceptron with ReLU; " + std::to_string(weights) +
                      " weights, all of them quantized, and " + std::to_string(biases) +
                      " biases, which stay float32"},
      {"training", "Adam on softmax cross-entropy, " +
                       count_of(static_cast<std::size_t>(how.epochs), "epoch") + ", batches of " +
                       std::to_string(how.batch) + ", rate " + svg::number(how.rate, 4) +
                       " falling linearly to 0"},
      {"seeds",
       "1 to " + std::to_string(models.size()) + ": one float model each, quantized with every scheme"}};
  report.float_kib = static_cast<double>(weights) * sizeof(float) / 1024;
  for (const Mlp& mlp : models)
    report.float_accuracy.push_back(agreement(predict(mlp, test.images), test.labels));
  const Eigen::MatrixXf& first = models.front().weights.front();
  report.histogram_title = "the " + std::to_string(first.size()) + " weights of the first layer, seed 1";
  report.weights.assign(first.data(), first.data() + first.size());
  report.grids = grids_for(first);
  return report;
}

void print_table(const Report& report) {
  std::vector<std::string> header{"scheme", "bits", "KiB"};
  for (std::size_t l = 1; l <= report.layers.size(); ++l) header.push_back("SNR " + std::to_string(l));
  header.insert(header.end(), {"accuracy %", "change", "as float %", "encode ms", "decode ms"});
  example::Table table(header);
  const std::size_t accuracy_column = 3 + report.layers.size();
  std::vector<std::string> baseline{"float32", "32.00", svg::fixed(report.float_kib, 1)};
  baseline.resize(accuracy_column);
  baseline.push_back(percent_text(report.float_accuracy));
  table.add(baseline);
  for (const Scheme& s : report.schemes) {
    std::vector<std::string> row{s.name, svg::fixed(s.bits, 2), svg::fixed(s.kib, 1)};
    for (const Samples& layer : s.snr) row.push_back(svg::fixed(mean(layer), 1));
    row.insert(
        row.end(),
        {percent_text(s.accuracy), change_text(100 * mean(difference(s.accuracy, report.float_accuracy))),
         percent(mean(s.agreement)), svg::fixed(s.encode_ms, 2), svg::fixed(s.decode_ms, 2)});
    table.add(row);
  }
  table.print(std::cout);
}

void print_modes(const std::vector<Mode>& modes) {
  example::Table table({"inference", "KiB", "accuracy %", "change", "as float %", "ms", "times float"});
  for (const Mode& m : modes)
    table.add({m.name, svg::fixed(m.kib, 1), percent_text(m.accuracy),
               change_text(100 * mean(difference(m.accuracy, modes.front().accuracy))),
               percent(mean(m.agreement)), svg::fixed(m.ms, 2), svg::fixed(modes.front().ms / m.ms, 2)});
  table.print(std::cout);
}

/// Writes under another name first, so that a failed run leaves the old file as it was.
void write_file(const fs::path& path, const std::string& content) {
  const fs::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::binary);
  file << content;
  file.close();
  if (!file) {
    fs::remove(part);
    throw std::runtime_error("cannot write " + path.string());
  }
  fs::rename(part, path);
}

void run(const Options& options) {
  const Dataset training = read_dataset(options.data, "train", options.quick ? 6'000 : 60'000);
  const Dataset test = read_dataset(options.data, "t10k", options.quick ? 1'000 : 10'000);
  fs::create_directories(options.out);
  const auto begin = std::chrono::steady_clock::now();
  const Training how{.epochs = options.epochs};
  const std::vector<Mlp> models = train_models(training, how, options.seeds);
  Report report = describe(training, test, how, models);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::cout << count_of(models.size(), "model") << " of 784-256-128-10 trained in "
            << svg::fixed(seconds.count(), 1) << " s, test accuracy " << percent_text(report.float_accuracy)
            << " %\n\n";

  report.schemes = measure(models, test);
  print_table(report);
  std::cout
      << "\nSNR in dB, for layer 1, 2 and 3. Means over the seeds, \u00b1 one standard deviation; the change "
         "of accuracy is in\npercentage points, model by model; as float: share of images with the label of "
         "the float model.\n\n";
  report.modes = run_quantized(models, training, test, 1);
  print_modes(report.modes);
  std::cout
      << "\nWxAy: weights of x bits with a scale for each output, activations of y bits, dynamic or static; "
         "static means\nintegers from the pixels to the sums of the last layer. trained on: one more epoch, "
         "for 3 and 2 bits with\nfake quantization and learned scales. KiB: as stored; ms: 1000 images, one "
         "thread; float is Eigen as it was\ncompiled here.\n\n"
      << recipes(report.modes) << '\n';
  if (options.check) check_accuracy(report.modes);
  const fs::path page = options.out / "report.html";
  write_file(page, html(report));
  for (const fs::path& path : save_models(models.front(), options.out))
    std::cout << "model:  " << path.string() << '\n';
  std::cout << "report: " << fs::absolute(page).lexically_normal().string() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Quantizes networks trained on Fashion-MNIST with every scheme of lowbit; prints a table, writes a "
      "report");
  app.add_option("--data", options.data, "folder of the four .gz files")->capture_default_str();
  app.add_option("--out", options.out, "folder for report.html and the models")->capture_default_str();
  app.add_option("--seeds", options.seeds, "how many models to train")
      ->capture_default_str()
      ->check(CLI::Range(1, 20));
  app.add_option("--epochs", options.epochs, "passes over the data")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  app.add_flag("--quick", options.quick, "a tenth of the data, one model, one epoch unless told otherwise");
  app.add_flag("--check", options.check, "fail where an inference mode loses too much accuracy");
  CLI11_PARSE(app, argc, argv);
  if (options.quick && app.count("--seeds") == 0) options.seeds = 1;
  if (options.quick && app.count("--epochs") == 0) options.epochs = 1;
  try {
    run(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "fashion_mnist: " << error.what() << '\n';
    return 1;
  }
}
