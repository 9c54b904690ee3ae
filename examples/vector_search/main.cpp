// Nearest-neighbour search over quantized vectors. 60,000 Fashion-MNIST images become vectors of 128 numbers;
// the 10 nearest of every test image by cosine are searched first with floats and Eigen, which is the truth,
// and then with codes of 8 and 4 bits. The table shows memory, speed, and how many of the true neighbours are
// found. databases.hpp is the part that uses lowbit.
//   vector_search [--data DIR] [--queries N] [--quick]
// Exits with 1 where the data is missing and where a scheme finds fewer neighbours than it should.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../common/idx.hpp"
#include "../common/progress.hpp"
#include "../common/table.hpp"
#include "../common/timing.hpp"
#include "databases.hpp"
#include "embedding.hpp"
#include "nearest.hpp"

namespace fs = std::filesystem;
using namespace vector_search;

namespace {

struct Options {
  fs::path data = "/usr/share/datasets/fashion-mnist";
  Index queries = 1'000;
  bool quick = false;
};

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// Finds the nearest vectors of every query, in batches of 100.
template <class Database>
void search(Database& database, const Matrix& queries, std::vector<Nearest>& found) {
  constexpr Index batch = 100;
  found.assign(static_cast<std::size_t>(queries.rows()), {});
  for (Index begin = 0; begin < queries.rows(); begin += batch) {
    const Matrix some = queries.middleRows(begin, std::min(batch, queries.rows() - begin));
    database.score(some, [&](const Matrix& scores, Index first) {
      for (Index i = 0; i < scores.rows(); ++i)
        found[static_cast<std::size_t>(begin + i)].offer(scores.row(i).data(), scores.cols(), first);
    });
  }
}

class Comparison {
 public:
  Comparison(const Matrix& database, const Matrix& queries) : database_(database), queries_(queries) {}

  /// Searches a database and adds a row; the first one is the truth. Throws where the recall is below
  /// `least`.
  template <class Database>
  void add(const std::string& name, Database database, double least) {
    std::vector<Nearest> found;
    const double ms = example::best_milliseconds([&] { search(database, queries_, found); });
    if (truth_.empty()) {
      truth_ = found;
      float_ms_ = ms;
    }
    const double recall = recall_of(found, Nearest::wanted);
    table_.add({name, fixed(static_cast<double>(database.bytes()) / static_cast<double>(database_.rows()), 1),
                fixed(recall, 3), fixed(recall_of(found, Nearest::kept), 3),
                fixed(static_cast<double>(found.size()) / ms * 1000, 0), fixed(float_ms_ / ms, 2)});
    if (recall < least)
      throw std::runtime_error(name + " finds " + fixed(100 * recall, 1) +
                               " % of the true neighbours, expected at least " + fixed(100 * least, 1) +
                               " %");
    progress_.step();
  }
  const example::Table& table() const { return table_; }

 private:
  /// The share of the true neighbours that is among the first n.
  double recall_of(const std::vector<Nearest>& found, std::size_t n) const {
    double hits = 0;
    for (std::size_t i = 0; i < found.size(); ++i) hits += found[i].hits(truth_[i], n);
    return hits / static_cast<double>(found.size() * Nearest::wanted);
  }

  const Matrix& database_;
  const Matrix& queries_;
  std::vector<Nearest> truth_;
  double float_ms_ = 0;
  example::Progress progress_{"searching", 7};
  example::Table table_{
      {"vectors and queries", "bytes a vector", "recall@10", "in 40", "queries a second", "x float"}};
};

void run(const Options& options) {
  namespace data = fashion_mnist;
  const data::Dataset images = data::read_dataset(options.data, "train", options.quick ? 6'000 : 60'000);
  const data::Dataset asked = data::read_dataset(options.data, "t10k", options.queries);
  const Embedding embedding(images.images);
  const Matrix database = embedding(images.images), queries = embedding(asked.images);
  std::cout << database.rows() << " vectors of " << database.cols() << " numbers, " << queries.rows()
            << " queries, 100 at a time, one thread\n\n";

  using lowbit::AbsmaxQuantizer;
  using lowbit::PerChannel;
  const AbsmaxQuantizer<std::int8_t, PerChannel> int8_rows{{.axis = 0}};
  AbsmaxQuantizer<std::int8_t> int8;
  int8.observe(database);
  int8.freeze();  // one scale for all shards
  const AbsmaxQuantizer<lowbit::int4, PerChannel> int4_rows{{.axis = 0}};
  const lowbit::Quantizer<lowbit::Codebook<lowbit::NormalFloat4>, PerChannel> nf4_rows{{.axis = 0}};

  const lowbit::BlockwiseQuantizer<lowbit::int4> int4_blocks{{.block_size = 32}};

  Comparison comparison(database, queries);
  comparison.add("float, float queries (Eigen)", FloatDatabase(database), 1.0);
  comparison.add("int8, a scale per vector, int8 queries", IntegerDatabase(database, int8_rows), 0.95);
  comparison.add("int8, one scale, int8 queries", IntegerDatabase(database, int8), 0.93);
  comparison.add("int4, a scale per vector, int8 queries *", IntegerDatabase(database, int4_rows), 0.65);
  comparison.add("int4, a scale per vector, float queries", WeightOnlyDatabase(database, int4_rows), 0.65);
  comparison.add("int4, a scale per 32, float queries", WeightOnlyDatabase(database, int4_blocks), 0.70);
  comparison.add("NF4, a scale per vector, float queries", WeightOnlyDatabase(database, nf4_rows), 0.60);
  comparison.table().print(std::cout);
  std::cout << "\nIn 40: the share of the true 10 among the first 40, which exact scores could rerank.\n"
               "* Stored as 4-bit codes, multiplied as int8: they take a byte each in memory.\n"
               "Instruction sets: Eigen "
            << Eigen::SimdInstructionSetsInUse() << "; lowbit " << lowbit::simd::name(lowbit::simd::active())
            << ".\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Nearest neighbours of Fashion-MNIST images by floats, 8-bit and 4-bit codes; prints a table");
  app.add_option("--data", options.data, "folder of the four .gz files")->capture_default_str();
  app.add_option("--queries", options.queries, "test images to look up")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_flag("--quick", options.quick, "a tenth of the vectors, 200 queries unless told otherwise");
  CLI11_PARSE(app, argc, argv);
  if (options.quick && app.count("--queries") == 0) options.queries = 200;
  try {
    run(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "vector_search: " << error.what() << '\n';
    return 1;
  }
}
