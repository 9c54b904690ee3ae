#include "inference.hpp"

#include <future>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/training.hpp>
#include <stdexcept>

#include "../common/svg.hpp"
#include "../common/timing.hpp"

namespace fashion_mnist {
/// A code type of 3 bits, which the library does not have: this struct and its traits are all it takes.
struct int3 {};
}  // namespace fashion_mnist
template <>
struct lowbit::CodeTraits<fashion_mnist::int3> : lowbit::IntegerCode<std::int8_t, 3, -4, 3> {};

namespace fashion_mnist {
namespace {

using namespace lowbit;

/// One row per sample.
using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Images as columns to logits as rows.
using Forward = std::function<void(const Eigen::MatrixXf&, Rows&)>;

template <class Quantizer>
using Weights = std::array<typename Quantizer::Result, layers>;

template <class Quantizer>
Weights<Quantizer> quantized(const Quantizer& quantizer, const Mlp& model) {
  Weights<Quantizer> w;
  for (std::size_t l = 0; l < layers; ++l) w[l] = quantizer.quantize(Rows(model.weights[l]));
  return w;
}
template <class W>
double kib(const std::array<W, layers>& weights) {
  std::size_t bytes = 0;
  for (const W& w : weights) bytes += w.bytes();
  return static_cast<double>(bytes) / 1024;
}

/// Three layers and their reused workspace.
template <class First, class Second, class Third>
Forward chain(First first, Second second, Third third) {
  decltype(first(Rows())) one;
  decltype(second(one)) two;
  return [=, a = typename First::Workspace(), b = typename Second::Workspace(),
          c = typename Third::Workspace()](const Eigen::MatrixXf& images, Rows& logits) mutable {
    one.resize(images.cols(), first.outputs());
    two.resize(images.cols(), second.outputs());
    logits.resize(images.cols(), third.outputs());
    first.apply_into(images.transpose(), one, a);
    second.apply_into(one, two, b);
    third.apply_into(two, logits, c);
  };
}

/// Dynamic quantization: activations become int8, with one scale per sample.
template <class W>
Forward dynamic(const std::array<W, layers>& w, const Mlp& model) {
  const auto& b = model.biases;
  return chain(QuantizedLinear(w[0], rescale | bias{b[0]} | relu),
               QuantizedLinear(w[1], rescale | bias{b[1]} | relu),
               QuantizedLinear(w[2], rescale | bias{b[2]}));
}

/// Static quantization: uint8 between layers, with calibrated scales; only the logits are floats. The range
/// of hidden codes starts at 0.0, so that saturation computes the ReLU.
template <class W, class Observer>
Forward integers(const std::array<W, layers>& w, const Mlp& model, const Eigen::MatrixXf& images,
                 const Observer& observer) {
  Activations seen;
  forward(model, images, seen);
  const auto calibrated = [&](const Eigen::MatrixXf& values) {
    Quantizer<AffineInteger<std::uint8_t>, PerTensor, Observer> quantizer({}, {}, observer);
    quantizer.fit(values);
    return quantizer;
  };
  const auto pixel = calibrated(images), one = calibrated(seen[0]), two = calibrated(seen[1]);
  constexpr auto in_integers = Requantization::single_rounded;
  return chain(integer_linear<in_integers>(w[0], model.biases[0], pixel, one),
               integer_linear<in_integers>(w[1], model.biases[1], one, two),
               QuantizedLinear(w[2], rescale | bias{model.biases[2]}, two));
}

/// Activations stay float.
template <class W>
Forward weight_only(const std::array<W, layers>& w, const Mlp& model) {
  const auto& b = model.biases;
  return chain(WeightOnlyLinear(w[0], bias{b[0]} | relu), WeightOnlyLinear(w[1], bias{b[1]} | relu),
               WeightOnlyLinear(w[2], bias{b[2]}));
}

/// The interface of train(): forward with quantized weights, whose scales are trained as well.
template <class Code>
class FakeWeights {
 public:
  using Learned = LearnedScale<SymmetricInteger<Code>, PerChannel>;
  explicit FakeWeights(const Mlp& model) : used_(model) {
    for (const Eigen::MatrixXf& w : model.weights) {
      Quantizer<SymmetricInteger<Code>, PerChannel, MeanSquaredError> rows({.axis = 0});
      rows.fit(w);
      learned_.emplace_back(rows);
    }
  }
  const Mlp& forward(const Mlp& model) {
    used_.biases = model.biases;
    for (std::size_t l = 0; l < layers; ++l) learned_[l].forward_into(model.weights[l], used_.weights[l]);
    return used_;
  }
  void backward(const Mlp& model, std::size_t l, Eigen::MatrixXf& gradient) {
    learned_[l].backward_into(model.weights[l], gradient, gradient);
    learned_[l].step(scale_rate);
  }
  Weights<Quantizer<SymmetricInteger<Code>, PerChannel>> quantized(const Mlp& model) const {
    Weights<Quantizer<SymmetricInteger<Code>, PerChannel>> w;
    for (std::size_t l = 0; l < layers; ++l) w[l] = learned_[l].quantizer().quantize(Rows(model.weights[l]));
    return w;
  }

 private:
  static constexpr float scale_rate = 0.01F;
  Mlp used_;
  std::vector<Learned> learned_;
};

/// A private copy of a model, and shared read-only data.
struct Setting {
  const Mlp& model;
  const Dataset& training;
  const Eigen::MatrixXf& calibration;
  int epochs;
};
struct Network {
  double kib;
  Forward run;
};
struct Entry {
  const char* name;
  std::function<Network(const Setting&)> make;
};

constexpr PerChannel rows{.axis = 0};
constexpr Blockwise blocks{.block_size = 64, .axis = 1};
template <class Code>
using AbsmaxRows = Quantizer<SymmetricInteger<Code>, PerChannel>;

template <class Code, class Observer = MinMax>
Network dynamic_network(const Setting& s) {
  const auto w = quantized(Quantizer<SymmetricInteger<Code>, PerChannel, Observer>(rows), s.model);
  return {kib(w), dynamic(w, s.model)};
}
template <class Quantizer>
Network weight_only_network(const Setting& s) {
  const auto w = quantized(Quantizer(blocks), s.model);
  return {kib(w), weight_only(w, s.model)};
}
/// One more epoch, at a learning rate that decreases from a third of the initial one.
template <class FakeOrNot>
Mlp trained_on(const Setting& s, FakeOrNot& weights) {
  Mlp model = s.model;
  Random random(1);
  train(
      model, s.training, {.epochs = s.epochs, .rate = Training{}.rate / 3}, random, [] {}, weights);
  return model;
}
template <class Code>
Network trained_network(const Setting& s) {
  FakeWeights<Code> weights(s.model);
  const Mlp model = trained_on(s, weights);
  const auto w = weights.quantized(model);
  return {kib(w), dynamic(w, model)};
}
template <class Observer>
Entry integer_entry(const char* name, const Observer& observer) {
  return {name, [=](const Setting& s) {
            const auto w = quantized(AbsmaxRows<std::int8_t>(rows), s.model);
            return Network{kib(w), integers(w, s.model, s.calibration, observer)};
          }};
}

Network float_network(const Mlp& model) {
  double values = 0;
  for (const Eigen::MatrixXf& w : model.weights) values += static_cast<double>(w.size());
  return {values * sizeof(float) / 1024,
          [model, out = Activations()](const Eigen::MatrixXf& images, Rows& logits) mutable {
            forward(model, images, out);
            logits = out.back().transpose();
          }};
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {"float32, Eigen", [](const Setting& s) { return float_network(s.model); }},
      {"float32, trained on",
       [](const Setting& s) {
         OwnWeights weights;
         return float_network(trained_on(s, weights));
       }},
      {"W8A8 dynamic", dynamic_network<std::int8_t>},
      integer_entry("W8A8 static, min-max", MinMax{}),
      integer_entry("W8A8 static, percentile 99.9", Percentile{.p = 99.9}),
      integer_entry("W8A8 static, percentile 99.99", Percentile{.p = 99.99}),
      integer_entry("W8A8 static, square error", MeanSquaredError{}),
      integer_entry("W8A8 static, entropy", Entropy{}),
      {"W4A8 dynamic", dynamic_network<int4>},
      {"NF4 weights only, 64", weight_only_network<BlockwiseQuantizer<NormalFloat4>>},
      {"int4 weights only, 64", weight_only_network<BlockwiseQuantizer<int4>>},
      {"W3A8", dynamic_network<int3>},
      {"W3A8, square error", dynamic_network<int3, MeanSquaredError>},
      {"W3A8, trained on", trained_network<int3>},
      {"W2A8", dynamic_network<int2>},
      {"W2A8, square error", dynamic_network<int2, MeanSquaredError>},
      {"W2A8, trained on", trained_network<int2>},
  };
  return all;
}

std::vector<std::uint8_t> labels_of(const Rows& logits) {
  std::vector<std::uint8_t> labels;
  for (const auto& sample : logits.rowwise()) {
    Eigen::Index best = 0;
    sample.maxCoeff(&best);
    labels.push_back(static_cast<std::uint8_t>(best));
  }
  return labels;
}

const Mode& named(const std::vector<Mode>& modes, const std::string& name) {
  for (const Mode& m : modes)
    if (m.name == name) return m;
  throw std::logic_error("there is no mode " + name);
}

}  // namespace

std::size_t mode_count() { return entries().size(); }

std::vector<Mode> evaluate_inference(const std::vector<Mlp>& models, const Dataset& training,
                                     const Dataset& test, int epochs, const std::function<void()>& progress) {
  const Eigen::MatrixXf calibration =
      training.images.leftCols(std::min<Eigen::Index>(1000, training.images.cols()));
  struct Outcome {
    Network network;
    std::vector<std::uint8_t> labels;
  };
  std::vector<std::future<std::vector<Outcome>>> running;
  for (const Mlp& model : models)
    running.push_back(std::async(std::launch::async, [&] {
      std::vector<Outcome> outcomes;
      Rows logits;
      for (const Entry& e : entries()) {
        Network network = e.make({model, training, calibration, epochs});
        network.run(test.images, logits);
        outcomes.push_back({std::move(network), labels_of(logits)});
        progress();
      }
      return outcomes;
    }));

  std::vector<Mode> modes(entries().size());
  std::vector<Outcome> first;
  for (auto& future : running) {
    std::vector<Outcome> outcomes = future.get();
    for (std::size_t m = 0; m < modes.size(); ++m) {
      modes[m].accuracy.push_back(agreement(outcomes[m].labels, test.labels));
      modes[m].agreement.push_back(agreement(outcomes[m].labels, outcomes[0].labels));
    }
    if (first.empty()) first = std::move(outcomes);
  }
  const Eigen::MatrixXf images = test.images.leftCols(std::min<Eigen::Index>(1000, test.images.cols()));
  Rows logits;
  for (std::size_t m = 0; m < modes.size(); ++m) {
    modes[m].name = entries()[m].name;
    modes[m].kib = first[m].network.kib;
    modes[m].ms = example::best_milliseconds([&] { first[m].network.run(images, logits); }) * 1000 /
                  static_cast<double>(images.cols());
  }
  return modes;
}

std::string recipes(const std::vector<Mode>& modes) {
  constexpr double tolerated = 0.005;
  const double wanted = mean(modes.front().accuracy);
  std::string text;
  for (const auto& [title, names] :
       {std::pair<std::string, std::vector<std::string>>{
            "weights of 8 bits",
            {"W8A8 dynamic", "W8A8 static, min-max", "W8A8 static, percentile 99.9",
             "W8A8 static, square error", "W8A8 static, entropy"}},
        {"weights of 2 bits", {"W2A8", "W2A8, square error", "W2A8, trained on"}}}) {
    std::vector<Attempt> attempts;
    for (const std::string& name : names)
      attempts.push_back({name, [&] { return mean(named(modes, name).accuracy); }});
    const Recommendation r = recommend(attempts, wanted, tolerated);
    text += "recipe, " + title + ":";
    for (const Recommendation::Step& step : r.tried)
      text += ' ' + step.name + ' ' + svg::fixed(100 * step.accuracy, 2) + " %;";
    text += " take " + r.tried[r.chosen].name +
            (r.good_enough ? "\n" : ", though it loses more than 0.5 points\n");
  }
  return text;
}

void check_accuracy(const std::vector<Mode>& modes) {
  const auto at_least = [&](const std::string& name, const std::string& other, double points) {
    const double least = 100 * lowest(difference(named(modes, name).accuracy, named(modes, other).accuracy));
    if (!(least >= points))
      throw std::runtime_error("the accuracy of " + name + " is " + svg::fixed(least, 2) +
                               " points from that of " + other + ", it should be at least " +
                               svg::fixed(points, 2));
  };
  const std::string as_float = modes.front().name;
  for (const char* name :
       {"W8A8 dynamic", "W8A8 static, min-max", "W8A8 static, percentile 99.99", "W8A8 static, square error"})
    at_least(name, as_float, -1);
  for (const char* name : {"W4A8 dynamic", "NF4 weights only, 64", "int4 weights only, 64"})
    at_least(name, as_float, -6);  // a network of one epoch over a tenth of the data lost 4.4
  at_least("W2A8, trained on", "W2A8", 10);
}

}  // namespace fashion_mnist
